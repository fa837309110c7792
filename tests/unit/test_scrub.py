"""The scrubber: what is replaced, what is left exactly as it was, and what the second look finds."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import os
import random
import secrets
import string
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote, quote_plus, urlencode

import django
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_characterize.codec import canonical, dumps, values_equal
from pytest_characterize.errors import RecordingError, UnsupportedValueError
from pytest_characterize.model import Interaction, Observation, Outcome
from pytest_characterize.scrub import Finding, Scrubber
from pytest_characterize.session import Session
from pytest_characterize.settings import Redaction, Settings
from pytest_characterize.values import (
    ABSENT,
    Cell,
    Column,
    Member,
    Raised,
    Record,
    Response,
    Rows,
    Value,
)

EXAMPLES = 3_000 if os.environ.get("CHARACTERIZE_TORTURE") else 300
KEY = b"a key that the team shares"
SCRUBBER = Scrubber(Redaction(), KEY)
SECRET = "hunter2 & <caf\u00e9>"


def token(kind: str, secret: Value, key: bytes = KEY) -> str:
    return f"scrubbed:{kind}:{hmac.new(key, canonical(secret), hashlib.sha256).hexdigest()[:12]}"


def scrubbed(value: Value, scrubber: Scrubber = SCRUBBER) -> Value:
    clean, found = scrubber.value(value)
    again, found_again = scrubber.value(clean)
    assert values_equal(again, clean), "scrubbing twice is scrubbing once"
    assert found_again == {}
    assert (clean is value or values_equal(clean, value)) == (found == {})
    return clean


# -- names -------------------------------------------------------------------------------------------------

SECRET_NAMES = {
    "password": "password PASSWORD passWord Password1 password_2 user_password userPassword db.password "
    "user[password] password-hash passwd pwd newPwd passphrase old_password_confirmation dbpassword pass",
    "secret": "secret client_secret clientSecret CLIENT-SECRET credentials secret_id mysecret",
    "token": "token access_token accessToken refresh-token id_token authToken authtoken jwt tokenValue otp",
    "csrf": "csrf csrf_token csrfmiddlewaretoken X-CSRF-Token xsrf-token authenticity_token "
    "__RequestVerificationToken",
    "api-key": "api_key apiKey API-Key apikey x-api-key X-API-KEY access_key secretKey aws_secret_access_key",
    "private-key": "private_key privateKey",
    "authorization": "authorization Authorization Proxy-Authorization auth authorization-header-value",
    "cookie": "cookie Cookie Set-Cookie cookies",
    "session": "session_id sessionId SESSIONID JSESSIONID PHPSESSID sid ASP.NET_SessionId session-key",
    "ssn": "ssn SSN social_security_number customerSsn",
    "card": "card_number cardNumber credit_card creditCardNumber cvv cvc2",
    "dsn": "dsn database_url connectionString",
}

PLAIN_NAMES = """
    user name id amount total customer_id on date tokens max_tokens token_count token_type tokenType
    token_expires_at password_changed_at password_required passwordLength password_reset_url secretary
    key public_key primary_key foreign_key keyboard session sessions cookie_consent cookie_policy company
    author authority authentication authorized passenger passport bypass shipping pin_count opinion
    api api_version apis monkey turkey card discard cards postcard side inside expand panel compass
    security social network number code status type value description signature api_key_id secret_name
"""


@pytest.mark.parametrize(
    ("name", "kind"), [(name, kind) for kind, names in SECRET_NAMES.items() for name in names.split()]
)
def test_a_name_that_announces_a_secret(name: str, kind: str) -> None:
    clean, found = SCRUBBER.value({name: SECRET})
    assert clean == {name: token(kind, SECRET)}
    assert list(found.values()) == [kind]


@pytest.mark.parametrize("name", PLAIN_NAMES.split())
def test_a_name_that_announces_none(name: str) -> None:
    value = {name: SECRET}
    assert SCRUBBER.value(value) == (value, {})


def test_the_project_adds_and_keeps_names() -> None:
    scrubber = Scrubber(Redaction(fields=("E-Mail", "iban"), keep=("Token", "session-id")), KEY)
    value = {"email": "a@b", "e_mail": "a@b", "EMail": "a@b", "IBAN": "DE1", "email_sent": 1}
    assert scrubbed(value, scrubber) == {
        "email": token("e-mail", "a@b"),
        "e_mail": token("e-mail", "a@b"),
        "EMail": token("e-mail", "a@b"),
        "IBAN": token("iban", "DE1"),
        "email_sent": 1,
    }
    kept = {"token": "a", "TOKEN": "a", "sessionId": "b"}
    assert scrubber.value(kept) == (kept, {})
    assert scrubbed({"access_token": "a", "password": "b"}, scrubber) == {
        "access_token": token("token", "a"),
        "password": token("password", "b"),
    }


def test_a_name_of_the_project_wins_over_keep_and_may_be_of_any_letters() -> None:
    scrubber = Scrubber(Redaction(fields=("token", "\u96fb\u8a71"), keep=("token",)), KEY)
    assert scrubbed({"token": "a", "\u96fb\u8a71": "b"}, scrubber) == {
        "token": token("token", "a"),
        "\u96fb\u8a71": token("field", "b"),
    }


# -- values ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "secret",
    [
        "x",
        7,
        0,
        1.5,
        True,
        False,
        Decimal("1.00"),
        b"x",
        date(2024, 3, 1),
        ["a", "b"],
        [],
        {"a": 1},
        ("a",),
        {"a"},
        Record("m.C", {"a": 1}),
        Member("m.E", "A", 1),
        Rows("mysql", (Column("a", "int"),), (("1",),)),
        ABSENT,
    ],
    ids=ascii,
)
def test_whatever_a_secret_name_announces_becomes_a_token(secret: Value) -> None:
    assert SCRUBBER.value({"token": secret}) == ({"token": token("token", secret)}, {"$.token": "token"})


@pytest.mark.parametrize("nothing", [None, "", b""])
def test_nothing_stays_nothing(nothing: Value) -> None:
    for value in (
        {"token": nothing},
        {"token": Cell("mysql", "text", None)},
        '{"token": null}',
        "token=&a=1",
    ):
        assert SCRUBBER.value(value) == (value, {})


def test_a_token_is_never_scrubbed_again() -> None:
    done = {"password": token("token", "x"), "note": f"password={token('ssn', 'y')}"}
    assert SCRUBBER.value(done) == (done, {})
    assert Scrubber(Redaction(), None).value(done) == (done, {})


def test_types_stay_apart_and_keys_too() -> None:
    tokens = {scrubbed({"token": value})["token"] for value in (1, "1", 1.0, True, Decimal(1), b"1", [1])}
    assert len(tokens) == 7
    assert Scrubber(Redaction(), b"other").value({"token": 1})[0] == {"token": token("token", 1, b"other")}


def test_a_token_is_frozen() -> None:
    """Goldens hold these; a changed token would drift."""
    assert Scrubber(Redaction(), b"key").value({"password": "lovelace"}) == (
        {"password": "scrubbed:password:db3d2a41f923"},
        {"$.password": "password"},
    )


def test_every_container_is_searched() -> None:
    inner = {"password": SECRET}
    hidden = {"password": token("password", SECRET)}
    value = {
        "list": [0, inner],
        "tuple": (inner,),
        "map": {1: inner, (2, "x"): inner},
        "record": Record("m.C", {"deep": Record("m.D", inner)}),
        "member": Member("m.E", "A", (inner,)),
        "raised": Raised(("m.E",), "no", "", {"password": SECRET}),
        "sets": ({"password=x"}, frozenset({"password=x"})),
        "cell": {"password": Cell("mysql", "text", SECRET)},
    }
    clean, found = SCRUBBER.value(value)
    assert clean == {
        "list": [0, hidden],
        "tuple": (hidden,),
        "map": {1: hidden, (2, "x"): hidden},
        "record": Record("m.C", {"deep": Record("m.D", hidden)}),
        "member": Member("m.E", "A", (hidden,)),
        "raised": Raised(("m.E",), "no", "", hidden),
        "sets": (
            {f"password={token('password', 'x')}"},
            frozenset({f"password={token('password', 'x')}"}),
        ),
        "cell": {"password": Cell("mysql", "text", token("password", SECRET))},
    }
    assert found == dict.fromkeys(
        [
            "$.list[1].password",
            "$.tuple[0].password",
            "$.map[1].password",
            "$.map[(2, 'x')].password",
            "$.record.deep.password",
            "$.member.value[0].password",
            "$.raised.password",
            "$.sets[0].password",
            "$.sets[1].password",
            "$.cell.password",
        ],
        "password",
    )


def test_rows_are_searched_by_column() -> None:
    columns = (Column("id", "int"), Column("Password", "text"), Column("note", "text"))
    rows = Rows("postgresql", columns, (("1", SECRET, "pwd=x"), ("2", None, None), ("3", "", "plain")), False)
    clean, found = SCRUBBER.value({"users": rows})
    assert clean == {
        "users": replace(
            rows,
            rows=(
                ("1", token("password", SECRET), f"pwd={token('password', 'x')}"),
                ("2", None, None),
                ("3", "", "plain"),
            ),
        )
    }
    assert found == {"$.users[*].Password": "password", "$.users[*].note.pwd": "password"}


def test_given_rows_have_the_tokens_of_inputs_and_results() -> None:
    scrubber = Scrubber(Redaction(), KEY)
    given, found = scrubber.given(
        {"tokens": Rows("mysql", (Column("password", "text"),), ((SECRET,), (None,)))}
    )
    assert given["tokens"].rows == ((scrubber.value({"password": SECRET})[0]["password"],), (None,))
    assert found == {"$given.tokens[*].password": "password"}


def test_a_cell_and_a_text_of_one_secret_have_one_token() -> None:
    cell = SCRUBBER.value({"password": Cell("postgresql", "text", SECRET)})[0]["password"]
    assert cell.text == SCRUBBER.value({"password": SECRET})[0]["password"]


def test_nothing_secret_nothing_changed() -> None:
    value = {
        "text": "a plain text: 12:30, 5 < 6 = true",
        "json": '{"a" : 1.00,\n "b":[1e5, "\\u00e9"], "a": 2}',
        "xml": "<a b='c'>d &amp; e<![CDATA[f]]></a>",
        "url": "https://example.org/a?b=c&d=%20e#f",
        "form": "a=1&b=2",
        "bytes": bytes(range(256)),
        "rows": Rows("mysql", (Column("a", "int"),), (("a=b",), (None,))),
        "when": datetime(2024, 3, 1, tzinfo=UTC),
        "nan": Decimal("sNaN"),
        "absent": ABSENT,
    }
    clean, found = Scrubber(Redaction(), None).value(value)
    assert values_equal(clean, value)
    assert found == {}


def test_too_deep_for_the_stack_is_an_error_of_ours() -> None:
    value: Value = "password=x"
    for _ in range(100_000):
        value = [value]
    with pytest.raises(UnsupportedValueError) as raised:
        SCRUBBER.value(value)
    assert raised.value.slug == "value-too-deep"


# -- texts -------------------------------------------------------------------------------------------------

X = token("password", "x y")
T = token("token", "x y")
S = token("secret", "x y")
IRISH = token("password", "O'Brien")

TEXTS: list[tuple[str, str]] = [
    # JSON: numbers, spaces, order and doubled keys stay as they are
    ('{"total": 1.00, "password" : "x y" ,"b":1e5}', f'{{"total": 1.00, "password" : "{X}" ,"b":1e5}}'),
    ('{"password":"x\\u0020y","password":"x y"}', f'{{"password":"{X}","password":"{X}"}}'),
    ('{"p\\u0061ssword":"x y"}', f'{{"p\\u0061ssword":"{X}"}}'),
    ('\ufeff{"token": 12}', f'\ufeff{{"token": "{token("token", 12)}"}}'),
    ('[{"a":[{"password":"x y"}]}]', f'[{{"a":[{{"password":"{X}"}}]}}]'),
    ('\n {"password": "x y"', f'\n {{"password": "{X}"'),
    ('{"token": 12, "a": 3}', f'{{"token": "{token("token", 12)}", "a": 3}}'),
    ('{"token": true}', f'{{"token": "{token("token", True)}"}}'),
    ('{"token": null, "a": 1}', '{"token": null, "a": 1}'),
    (
        '{"token": {"a": ["}", 1, {"b": 2}]}, "c": 3}',
        f'{{"token": "{token("token", {"a": ["}", 1, {"b": 2}]})}", "c": 3}}',
    ),
    ('{"token": [], "c": 3}', f'{{"token": "{token("token", [])}", "c": 3}}'),
    # JSON in JSON, to any depth
    (
        json.dumps({"payload": json.dumps({"password": "x y", "n": 1})}),
        json.dumps({"payload": json.dumps({"password": X, "n": 1})}),
    ),
    (
        json.dumps({"a": json.dumps({"b": json.dumps({"password": "x y"})})}),
        json.dumps({"a": json.dumps({"b": json.dumps({"password": X})})}),
    ),
    # forms and URLs
    ("user=ada&password=x+y&z=%20", f"user=ada&password={X}&z=%20"),
    ("user%5Bpassword%5D=x%20y&a=1", f"user%5Bpassword%5D={X}&a=1"),
    ("a=1&token=x%20y", f"a=1&token={T}"),
    ("https://h/cb?token=x%20y&a=1#top", f"https://h/cb?token={T}&a=1#top"),
    ("https://h/cb#token=x%20y", f"https://h/cb#token={T}"),
    ("/x;jsessionid=abc?y=1", f"/x;jsessionid={token('session', 'abc?y=1')}"),
    ("https://ada:x%20y@h:80/", f"https://ada:{token('password', 'x%20y')}@h:80/"),
    ("postgresql://app:pw@db/x", f"postgresql://app:{token('password', 'pw')}@db/x"),
    ("password=O'Brien&a=1", f"password={IRISH}&a=1"),
    ("see /x?pwd=O'Brien or 'token=ab'", f"see /x?pwd={IRISH} or 'token={token('token', 'ab')}'"),
    ("password='xy'", f"password='{token('password', 'xy')}'"),
    # connection strings, logs, scripts, reprs
    ("host=db user=app password=pw dbname=x", f"host=db user=app password={token('password', 'pw')} dbname=x"),
    ("Server=h;Password=pw;Database=x", f"Server=h;Password={token('password', 'pw')};Database=x"),
    ("{'password': 'x y', 'b': 1}", f"{{'password': '{X}', 'b': 1}}"),
    ('var token = "x y"; f({password: "x y"})', f'var token = "{T}"; f({{password: "{X}"}})'),
    ("set password='x y' -- ok", f"set password='{X}' -- ok"),
    # markup
    ("<Password Type='T'>x y</Password>", f"<Password Type='T'>{X}</Password>"),
    ("<w:password>x&#32;y</w:password>", f"<w:password>{X}</w:password>"),
    ("<password><![CDATA[x y]]></password>", f"<password><![CDATA[{X}]]></password>"),
    ("<user password='x y' id=1/>", f"<user password='{X}' id=1/>"),
    ("<password/><password></password>", "<password/><password></password>"),
    ('<entry key="db.password">x y</entry>', f'<entry key="db.password">{X}</entry>'),
    ('<property name="password" value="x y"/>', f'<property name="password" value="{X}"/>'),
    ('<meta name="csrf-token" content="ab">', f'<meta name="csrf-token" content="{token("csrf", "ab")}">'),
    (
        '<input type=hidden name=csrfmiddlewaretoken value=ab>',
        f'<input type=hidden name=csrfmiddlewaretoken value={token("csrf", "ab")}>',
    ),
    ('<input value="ab" name="csrf_token">', f'<input value="{token("csrf", "ab")}" name="csrf_token">'),
    ("<input type=submit name=token value=Go secret='x y'>", f"<input type=submit name=token value=Go secret='{S}'>"),
    ("<textarea name='token'>x y</textarea>", f"<textarea name='token'>{T}</textarea>"),
    # well-known shapes, wherever they stand
    ("Authorization: Bearer abcdef0123456789", f"Authorization: Bearer {token('bearer', 'abcdef0123456789')}"),
    ("Basic dXNlcjpwdw==", f"Basic {token('basic', 'dXNlcjpwdw==')}"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), TEXTS, ids=range(len(TEXTS)))
def test_text(text: str, expected: str) -> None:
    clean, found = SCRUBBER.value({"note": text})
    assert clean == {"note": expected}
    assert all(path.startswith("$.note") for path in found)
    assert scrubbed(text.encode()) == expected.encode()
    assert scrubbed(Cell("mysql", "text", text)).text == expected


PLAIN_TEXTS = [
    "Password: must be at least 8 characters",
    "token: expired",
    "The password is wrong.",
    "Bearer of bad news came along",
    "Basic Authentication is required",
    "12:30:45 = half past",
    "a < b and password > 8",
    '<label for="id_password">Password:</label>',
    '<input type="password" name="password" id="id_password" autocomplete="current-password">',
    '<input type="submit" name="reset_password" value="Reset">',
    '<form action="/password/reset" method="post">',
    "List<Password> x",
    "<a href='/login?next=/x'>token</a>",
    "https://example.org:8080/path@2x",
    "mailto:ada@example.org",
    "sk-learn-and-other-packages-of-python",
    '{"password_changed_at": "2024-03-01", "tokens": 12}',
    "",
    "=",
    "&&==;;",
    '{"',
    "<",
]


@pytest.mark.parametrize("text", PLAIN_TEXTS)
def test_a_text_without_secrets(text: str) -> None:
    assert Scrubber(Redaction(), None).value([text]) == ([text], {})


def test_one_secret_has_one_token_in_every_syntax() -> None:
    quoted = html.escape(SECRET)
    boundary = '--b\r\nContent-Disposition: form-data; name="password"\r\nContent-Type: text/plain\r\n\r\n'
    media = [
        json.dumps({"password": SECRET}),
        json.dumps({"password": SECRET}, ensure_ascii=False),
        json.dumps({"inner": json.dumps({"password": SECRET})}),
        urlencode({"a": "1", "password": SECRET}),
        f"/login?password={quote(SECRET)}&b=2",
        f"password={quote_plus(SECRET)}",
        f"<x><password>{quoted}</password></x>",
        f'<x password="{quoted}"/>',
        f'<input name="password" value="{quoted}">',
        f"<password><![CDATA[{SECRET}]]></password>",
        f"{boundary}{SECRET}\r\n--b--\r\n",
        f"{{'password': '{SECRET}'}}",
    ]
    expected = token("password", SECRET)
    for text in media:
        clean = scrubbed(text)
        assert expected in clean
        assert "hunter2" not in clean
    assert scrubbed({"password": SECRET}) == {"password": expected}


def test_multipart() -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="user"\r\n\r\nada\r\n'
        b'--b\r\nContent-Disposition: form-data; name="token"\r\nContent-Type: text/plain\r\n\r\nx y\r\n'
        b'--b\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n\r\n\x89PNG\x00\xff\r\n--b--\r\n'
    )
    headers = (("Content-Type", "multipart/form-data; boundary=b"),)
    assert scrubbed(Response(200, headers, body)).body == body.replace(b"x y", T.encode())


def test_bytes_that_are_no_text_are_left_alone() -> None:
    for value in (b"\x89PNG\x00token=abc", b"\x00" * 10, bytes(range(256)) + b"password=x"):
        assert SCRUBBER.value(value) == (value, {})


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp1252", "iso-8859-15"])
def test_bodies_in_old_encodings(encoding: str) -> None:
    text = "na\u00efve caf\u00e9: password=\u00e9t\u00e9 <b>\u00e9</b>"
    response = Response(200, (("Content-Type", f"text/html; charset={encoding}"),), text.encode(encoding))
    expected = text.replace("\u00e9t\u00e9", token("password", "\u00e9t\u00e9"))
    assert scrubbed(response).body == expected.encode(encoding)


@pytest.mark.parametrize(
    "charset", ["utf-16", "no-such-charset", "undefined", "idna", "unicode_escape", "hex", "utf-7"]
)
def test_a_charset_that_is_not_true(charset: str) -> None:
    body = "caf\u00e9 \\q password=x".encode("latin-1")
    response = Response(200, (("Content-Type", f"text/html; charset={charset}"),), body)
    assert b"password=x" not in scrubbed(response).body
    assert scrubbed(response).body.startswith(b"caf\xe9 ")


# -- exchanges ---------------------------------------------------------------------------------------------

EXCHANGE = Interaction(
    method="POST",
    uri="https://ada:pw@legacy.example/login?api_key=k1&page=2",
    request_headers=(
        ("Host", "legacy.example"),
        ("Authorization", "Bearer abcdef0123456789"),
        ("Cookie", "sessionid=s1"),
        ("X-Api-Key", "k1"),
        ("X-Custom-Thing", "s1"),
        ("User-Agent", "curl"),
        ("Content-Type", "application/json"),
        ("Accept", "text/html"),
        ("Referer", "https://legacy.example/?token=t1"),
    ),
    request_body=b'{"user": {"name": "ada", "credentials": {"password": "pw"}}, "n": 1.50}',
    status=302,
    reason="Found",
    response_headers=(
        ("Server", "Apache"),
        ("Date", "Fri, 01 Mar 2024 12:00:00 GMT"),
        ("Set-Cookie", "sessionid=s1; expires=Sat, 02 Mar 2024 12:00:00 GMT; HttpOnly; Path=/"),
        ("set-cookie", 'theme="dark"; Path=/'),
        ("Set-Cookie", "gone=; Max-Age=0"),
        ("X-Auth-Token", "t1"),
        ("Location", "/welcome?token=t1"),
        ("Content-Type", "text/html; charset=utf-8"),
    ),
    response_body=b"<input type='hidden' name='csrfmiddlewaretoken' value='c1'> Hello",
)


def test_interaction() -> None:
    clean, found = SCRUBBER.interaction(EXCHANGE)
    password = token("password", "pw")
    assert clean == Interaction(
        method="POST",
        uri=f"https://ada:{password}@legacy.example/login?api_key={token('api-key', 'k1')}&page=2",
        request_headers=(
            ("Content-Type", "application/json"),
            ("Accept", "text/html"),
            ("Referer", f"https://legacy.example/?token={token('token', 't1')}"),
        ),
        request_body=(
            f'{{"user": {{"name": "ada", "credentials": "{token("secret", {"password": "pw"})}"}}, "n": 1.50}}'
        ).encode(),
        status=302,
        reason="Found",
        response_headers=(
            (
                "Set-Cookie",
                f"sessionid={token('cookie', 's1')}; expires=Sat, 02 Mar 2024 12:00:00 GMT; HttpOnly; Path=/",
            ),
            ("set-cookie", f'theme="{token("cookie", "dark")}"; Path=/'),
            ("Set-Cookie", "gone=; Max-Age=0"),
            ("Location", f"/welcome?token={token('token', 't1')}"),
            ("Content-Type", "text/html; charset=utf-8"),
        ),
        response_body=f"<input type='hidden' name='csrfmiddlewaretoken' value='{token('csrf', 'c1')}'> Hello".encode(),
    )
    assert found == {
        "$.request.uri": "password",
        "$.request.uri.api_key": "api-key",
        "$.request.headers.referer.token": "token",
        "$.request.body.credentials": "secret",
        "$.response.headers.set-cookie.sessionid": "cookie",
        "$.response.headers.set-cookie.theme": "cookie",
        "$.response.headers.location.token": "token",
        "$.response.body.csrfmiddlewaretoken": "csrf",
    }
    assert SCRUBBER.interaction(clean) == (clean, {})


def test_headers_that_the_project_keeps() -> None:
    scrubber = Scrubber(
        Redaction(headers=("X-Total", "authorization", "COOKIE", "X-Api-Key"), keep=("theme",)), KEY
    )
    exchange = replace(
        EXCHANGE,
        request_headers=(
            ("Authorization", "Bearer x"),
            ("Cookie", "a=1; theme=dark; b=2"),
            ("x-api-key", "k1"),
        ),
        response_headers=(("X-Total", "7"), ("X-Other", "8"), ("Set-Cookie", "theme=dark; Path=/")),
    )
    clean, _ = scrubber.interaction(exchange)
    assert clean.request_headers == (
        ("Authorization", token("authorization", "Bearer x")),
        ("Cookie", f"a={token('cookie', '1')}; theme=dark; b={token('cookie', '2')}"),
        ("x-api-key", token("api-key", "k1")),
    )
    assert clean.response_headers == (("X-Total", "7"), ("Set-Cookie", "theme=dark; Path=/"))


def test_a_header_that_is_compared_is_kept(tmp_path: Path) -> None:
    """Dropped from legacy's and the candidate's answer alike, it could never differ."""
    session = Session(Settings(tmp_path, headers=("x-total", "etag")), {})
    response = Response(200, (("X-Total", "7"), ("X-Other", "8")), b"")
    assert session.scrubber.value(response)[0].headers == (("X-Total", "7"),)


def test_what_documented_filters_of_recorders_leave_behind() -> None:
    """Nested tokens, headers that nobody listed, cookies of the response: none of it is left here."""
    text = repr(SCRUBBER.interaction(EXCHANGE)[0])
    for leftover in ("pw", "k1", "s1", "t1", "c1", "abcdef0123456789"):
        assert f"'{leftover}'" not in text
        assert f"={leftover}" not in text
        assert f": {leftover}" not in text
        assert f'"{leftover}"' not in text


# -- observations ------------------------------------------------------------------------------------------


def test_observation() -> None:
    rows = Rows("postgresql", (Column("id", "int"), Column("token", "text")), (("1", "x y"),))
    clean_rows = replace(rows, rows=(("1", T),))
    observation = Observation(
        Outcome("returned", {"password": "x y"}),
        effects={
            "tables": {"token": {"inserted": rows, "deleted": replace(rows, rows=())}},
            "mail": ["token=ab"],
        },
        notices=("password='x y'", Raised((), "fine", "00000", {"secret": 1})),
        queries=3,
        interactions=(replace(EXCHANGE, uri="/?token=x%20y", request_body=b"", response_body=b""),),
    )
    clean, found = SCRUBBER.observation(observation)
    assert clean.outcome == Outcome("returned", {"password": X})
    assert clean.effects == {
        "tables": {"token": {"inserted": clean_rows, "deleted": replace(rows, rows=())}},
        "mail": [f"token={token('token', 'ab')}"],
    }
    assert clean.notices == (f"password='{X}'", Raised((), "fine", "00000", {"secret": token("secret", 1)}))
    assert clean.queries == 3
    assert clean.interactions[0].uri == f"/?token={T}"
    assert {
        "$.password",
        "$effects.tables.token.inserted[*].token",
        "$effects.mail[0].token",
        "$notices[0].password",
        "$notices[1].secret",
        "$interactions[0].request.uri.token",
        "$interactions[0].response.headers.location.token",
    } <= set(found)
    again, found_again = SCRUBBER.observation(clean)
    assert again == clean
    assert found_again == {}


def test_paths_of_raised_and_responded() -> None:
    raised = Observation(Outcome("raised", Raised(("m.E",), "pwd='x y'")))
    assert SCRUBBER.observation(raised)[1] == {"$raised.message.pwd": "password"}
    response = Response(200, (("Set-Cookie", "a=x"), ("X-Drop", "me")), b'{"token": "x y"}')
    clean, found = SCRUBBER.observation(Observation(Outcome("responded", response)))
    assert found == {"$.headers.set-cookie.a": "cookie", "$.body.token": "token"}
    assert clean.outcome.value.headers == (("Set-Cookie", f"a={token('cookie', 'x')}"),)


def test_both_sides_get_the_same_tokens() -> None:
    """What legacy said in a form and a cell, the candidate may say in JSON and a text."""
    legacy, _ = SCRUBBER.observation(
        Observation(Outcome("returned", [Cell("mysql", "text", "token=ab&x=1")]))
    )
    candidate, _ = SCRUBBER.observation(Observation(Outcome("returned", ["token=ab&x=1"])))
    assert legacy.outcome.value[0].text == candidate.outcome.value[0]


# -- without a key -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, b""])
def test_a_secret_without_a_key_is_an_error(key: bytes | None) -> None:
    scrubber = Scrubber(Redaction(), key)
    for action in (
        lambda: scrubber.value({"user": {"password": SECRET}}),
        lambda: scrubber.interaction(EXCHANGE),
        lambda: scrubber.observation(Observation(Outcome("returned", {"user": {"password": SECRET}}))),
    ):
        with pytest.raises(RecordingError) as raised:
            action()
        assert raised.value.slug == "scrub-key-missing"
        assert "CHARACTERIZE_SCRUB_KEY" in raised.value.hint
        assert "hunter2" not in str(raised.value)
    with pytest.raises(RecordingError, match=r"^\$\.user\.password holds a secret"):
        scrubber.value({"user": {"password": SECRET}})


def test_without_secrets_no_key_is_needed() -> None:
    scrubber = Scrubber(Redaction(), None)
    observation = Observation(Outcome("returned", {"total": Decimal("1.00"), "password": None}))
    assert scrubber.observation(observation) == (observation, {})


def test_the_key_is_never_shown() -> None:
    assert "team" not in repr(SCRUBBER)
    assert Scrubber(Redaction(), KEY) == SCRUBBER


# -- the second look ---------------------------------------------------------------------------------------


JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq\n/+=\n-----END RSA PRIVATE KEY-----"

LEAKS: dict[str, tuple[str, str]] = {
    "jwt": (JWT, "jwt"),
    "unsigned jwt": (JWT.rpartition(".")[0] + ".", "jwt"),
    "aws": ("AKIA" + "IOSFODNN7EXAMPLE", "aws-key"),
    "aws temporary": ("ASIA" + "IOSFODNN7EXAMPLE", "aws-key"),
    "aws secret": ("wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY", "high-entropy"),
    "github": ("ghp_" + "a1B2" * 9, "github-token"),
    "github fine": ("github_pat_" + "11ABCDEFG0123456789_abcdef", "github-token"),
    "gitlab": ("glpat-" + "abcdefghij0123456789", "gitlab-token"),
    "slack": ("xoxb-" + "123456789012-abcdefABCDEF", "slack-token"),
    "stripe": ("sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc", "stripe-key"),
    "google": ("AIza" + "SyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY", "google-key"),
    "sendgrid": ("SG." + "a1b2c3d4e5f6g7h8i9.j1k2l3m4n5o6p7q8r9", "sendgrid-key"),
    "model provider": ("sk-" + "proj-abc123def456ghi789", "secret-key"),
    "private key": (PEM, "private-key"),
    "private key, escaped": (json.dumps(PEM)[1:-1], "private-key"),
    "cut private key": (PEM[:60], "private-key"),
    "bearer": ("Bearer abcdef0123456789", "bearer"),
    "basic": ("Basic dXNlcjpwYXNzd29yZA==", "basic"),
    "url": ("postgresql://app:s3cr3t@db/x", "password"),
    "visa": ("4111111111111111", "card-number"),
    "visa in groups": ("4111 1111 1111 1111", "card-number"),
    "amex": ("3782-822463-10005", "card-number"),
    "mastercard": ("2223003122003222", "card-number"),
    "session": ("Xk29fLq0ZbT7vNc4RmWs8YdH", "high-entropy"),
    "base64": ("dGhp/XMgaXMg+SBzZWNy7XQga2V5Lg==", "high-entropy"),
}


@pytest.mark.parametrize(("secret", "kind"), LEAKS.values(), ids=LEAKS.keys())
@pytest.mark.parametrize(
    "around", ['  "note": "{}"\n', "x {} y", "{}", "a\n\nb '{}'", '"\\u00e9\\n{}\\n"'], ids=range(5)
)
def test_a_leak_is_found_and_not_shown(secret: str, kind: str, around: str) -> None:
    text = "first\n" + around.replace("{}", secret)
    findings = SCRUBBER.leaks(text)
    assert kind in {finding.kind for finding in findings}
    finding = next(finding for finding in findings if finding.kind == kind)
    line = text.split("\n")[finding.line - 1]
    core = secret.split("\n")[0]
    assert line[finding.column - 1 :][:4] in core
    for shown in (str(finding), repr(finding)):
        assert not any(secret[start : start + 6] in shown for start in range(10, len(secret) - 5))
        assert f"{finding.line}" in shown


def test_the_position_of_a_finding() -> None:
    text = f'{{\n  "a": 1,\n  "b": "{JWT}", "c": "{JWT}"\n}}\n'
    column = len('  "b": "') + 1
    assert SCRUBBER.leaks(text) == [
        Finding("jwt", 3, column, len(JWT)),
        Finding("jwt", 3, column + len(JWT) + len('", "c": "'), len(JWT)),
    ]
    assert str(SCRUBBER.leaks(text)[0]) == f"jwt, {len(JWT)} characters at line 3, column {column}"


def test_stored_bytes_are_looked_into() -> None:
    response = Response(200, (), b"\xff\xfe Authorization: Bearer abcdef0123456789")
    text = dumps({"raw": b"key " + PEM.encode(), "response": response})
    assert [finding.kind for finding in SCRUBBER.leaks(text)] == ["private-key", "bearer"]


def sample() -> Value:
    """A golden's worth of everything that is no secret."""
    rng = random.Random(7)
    return {
        "ids": [str(uuid.UUID(int=rng.getrandbits(128))) for _ in range(50)],
        "uuids": [uuid.UUID(int=rng.getrandbits(128)) for _ in range(50)],
        "digests": [hashlib.new(name, b"x").hexdigest() for name in ("md5", "sha1", "sha256", "sha512")],
        "upper": hashlib.sha256(b"x").hexdigest().upper(),
        "blob": rng.randbytes(500),
        "small": [rng.randbytes(size) for size in range(60)],
        "binary": Response(200, (), b"\xff" + rng.randbytes(2000)),
        "tokens": [token("password", number) for number in range(50)],
        "numbers": [rng.getrandbits(200), rng.random(), Decimal(rng.getrandbits(100)) / 10**9],
        "accounts": [f"{number:016d}" for number in range(0, 10**12, 10**11)],
        "times": datetime(2024, 3, 1, 12, 30, 15, 123456, tzinfo=UTC),
        "compact": "20240301T123015Z",
        "names": [
            "InvoiceTotalByCustomerAndMonth",
            "sizeEndCentDir64Locator",
            "TestUpgradeFromVersion2To3",
            "get_HTTP_response_header_v2",
            "django.contrib.sessions.backends.signed_cookies",
            "characterization/goldens/test_billing/customer-7-1f0c33ab90de.json",
            "INVOICE_TOTAL_EXCEEDS_CREDIT_LIMIT",
            "Donaudampfschifffahrtsgesellschaftskapitaen",
        ],
        "ulid": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "iban": "DE89370400440532013000",
        "phone": "+49 89 1234 5678 9012",
        "image": "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7",
        "integrity": "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC",
        "url": "https://example.org/a/b/c?page=2&sort=name#Section2Overview",
        "html": '<link rel="stylesheet" href="/static/css/Main.min.css?v=20240301">',
        "sql": "SELECT c.customer_id FROM customers c WHERE c.created_at >= '2024-01-01'",
        "prose": "Basic authentication is not supported; the bearer of this letter is Customer No. 4711-0815.",
    }


def test_our_own_files_are_no_findings() -> None:
    assert SCRUBBER.leaks(dumps(sample())) == []


def test_identifiers_of_source_code_are_rarely_findings() -> None:
    """The standard library and Django's admin: what a legacy system's pages look like, without secrets."""
    files = [
        *Path(json.__file__).parents[1].glob("*.py"),
        *Path(django.__file__).parent.joinpath("contrib/admin").rglob("*.html"),
        *Path(django.__file__).parent.joinpath("contrib/admin/static").rglob("*.js"),
    ]
    texts = [path.read_text("utf-8", errors="replace") for path in files]
    assert sum(map(len, texts)) > 4_000_000
    assert sum(len(SCRUBBER.leaks(text)) for text in texts) <= 4


RANDOM: dict[str, tuple[Callable[[random.Random], str], float]] = {
    "20 letters and digits": (
        lambda rng: "".join(rng.choices(string.ascii_letters + string.digits, k=20)),
        0.9,
    ),
    "32 letters and digits": (
        lambda rng: "".join(rng.choices(string.ascii_letters + string.digits, k=32)),
        0.95,
    ),
    "16 bytes, URL-safe": (lambda rng: base64.urlsafe_b64encode(rng.randbytes(16)).decode(), 0.9),
    "32 bytes, URL-safe": (
        lambda rng: base64.urlsafe_b64encode(rng.randbytes(32)).decode().rstrip("="),
        0.98,
    ),
    "24 bytes, base64": (lambda rng: base64.b64encode(rng.randbytes(24)).decode(), 0.95),
    "48 bytes, base64": (lambda rng: base64.b64encode(rng.randbytes(48)).decode(), 0.99),
}


@pytest.mark.parametrize(("make", "share"), RANDOM.values(), ids=RANDOM.keys())
def test_random_words_are_found(make: Callable[[random.Random], str], share: float) -> None:
    rng = random.Random(11)
    found = sum(bool(SCRUBBER.leaks(f'  "note": "{make(rng)}",\n')) for _ in range(1000))
    assert found >= share * 1000


def test_keep_silences_guesses_of_its_key_only() -> None:
    word, card = "Xk29fLq0ZbT7vNc4RmWs8YdH", "4111111111111111"
    scrubber = Scrubber(Redaction(keep=("public_id",)), KEY)
    kept = f'{{\n  "public_id": "{word}",\n  "PublicId": "{card}"\n}}'
    assert scrubber.leaks(kept) == []
    assert [finding.kind for finding in SCRUBBER.leaks(kept)] == ["high-entropy", "card-number"]
    assert scrubber.leaks(f'  "public_id": "{JWT}"') != []
    assert scrubber.leaks(f'  "other": "{word}"') != []


@pytest.mark.parametrize(
    "digits",
    [
        "4111111111111112",
        "0000000000000000",
        "1234567890123452",
        "4444444444444444444",
        "41111111111111110",
        "1709294400000",
    ],
)
def test_digits_that_are_no_card_number(digits: str) -> None:
    assert SCRUBBER.leaks(f'"{digits}"') == []
    assert SCRUBBER.leaks(f"0.{digits}") == []


def test_the_second_look_finds_what_the_first_did_not_look_at() -> None:
    value = {JWT: 1, "odd": {"ref": "Xk29fLq0ZbT7vNc4RmWs8YdH"}}
    clean, found = SCRUBBER.value(value)
    assert found == {}
    assert [finding.kind for finding in SCRUBBER.leaks(dumps(clean))] == ["jwt", "high-entropy"]


@pytest.mark.parametrize(("secret", "kind"), LEAKS.values(), ids=LEAKS.keys())
def test_what_the_first_look_replaced_is_no_finding(secret: str, kind: str) -> None:
    text = dumps(scrubbed({"note": f"see {secret} !", "token": secret}))
    left = {finding.kind for finding in SCRUBBER.leaks(text)}
    assert left == ({kind} if kind in ("high-entropy", "card-number") else set())


# -- whatever the value ------------------------------------------------------------------------------------

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
plain = st.recursive(
    st.none() | st.integers() | words | st.binary(max_size=6) | st.decimals(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(
            words | st.sampled_from(["password", "apiKey", "note", "token_type"]), inner, max_size=3
        )
        | st.builds(Record, words, st.dictionaries(st.sampled_from(["secret", "a"]), inner, max_size=2))
    ),
    max_leaves=8,
)
SENTINEL = "S3NT1NEL"


def planted(inner: Value, shape: int) -> Value:
    """A secret beside a value, in one of many syntaxes."""
    shapes: list[Value] = [
        {"password": SENTINEL, "x": inner},
        {"token": [SENTINEL, inner]},
        [json.dumps({"a": {"secret": SENTINEL}}), inner],
        ({"form": f"a=1&password={SENTINEL}&b=2"}, inner),
        {"page": f'<form><input name="csrf_token" value="{SENTINEL}"></form>', "x": inner},
        {"soap": f"<e:Password>{SENTINEL}</e:Password>", "x": inner},
        Record("m.C", {"api_key": SENTINEL, "x": inner}),
        {"rows": Rows("mysql", (Column("pwd", "text"),), ((SENTINEL,),)), "x": inner},
        Response(200, (("X-Any", SENTINEL), ("Set-Cookie", f"a={SENTINEL}")), f"token={SENTINEL}".encode()),
        {1: Raised(("m.E",), f"password='{SENTINEL}'", "", {"secret": {"deep": SENTINEL}}), 2: inner},
        {"url": f"https://u:{SENTINEL}@h/?access_token={SENTINEL}#x", "x": inner},
    ]
    return shapes[shape % len(shapes)]


@pytest.mark.torture
@settings(max_examples=EXAMPLES, deadline=None, database=None)
@given(plain, st.integers(0, 10))
def test_no_secret_is_left_and_nothing_else_is_lost(value: Value, shape: int) -> None:
    clean, found = SCRUBBER.value(planted(value, shape))
    assert SENTINEL not in dumps(clean)
    assert found
    again, found_again = SCRUBBER.value(clean)
    assert values_equal(again, clean)
    assert found_again == {}
    assert values_equal(SCRUBBER.value(planted(value, shape))[0], clean)


@pytest.mark.torture
@settings(max_examples=EXAMPLES, deadline=None, database=None)
@given(st.text(st.sampled_from("\"'\\{}[]<>=&:;,/ \n\r\0axtoken-") | st.characters(), max_size=60))
def test_any_text_is_taken(text: str) -> None:
    clean, found = SCRUBBER.value([text, text.encode("utf-8", "surrogatepass")])
    again, found_again = SCRUBBER.value(clean)
    assert values_equal(again, clean)
    assert found_again == {}
    assert isinstance(SCRUBBER.leaks(text), list)
    if not found:
        assert clean == [text, text.encode("utf-8", "surrogatepass")]


HOSTILE = [
    '"', "<a ", '<a "', "<a x='", 'token="', "token:", "=", "a=", "a.", "a", '{"token":[', '{"token":{', "\\",
    '"token": "\\', "<token><![CDATA[", "<token>", "<password ", "-----BEGIN PRIVATE KEY-----", "eyJ", "://", "a://b:",
    "eyJaaaaaaaaaa.", "bearer ", "basic a", '\nContent-Disposition: form-data; name="password"\r\n', "a=b&", "sk-",
    '\nContent-Disposition: form-data; name="password"\r\n\r\n', "4", "4111 ", "aA0-", '"base64": "', "&amp;",
    '{"a":"\\"', "xoxb-", "SG.a", "token\\\"", "password=%", "[", "{",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE, ids=ascii)
def test_time_grows_with_the_text_and_not_with_its_square(piece: str) -> None:
    """Other work on the machine may make any one measurement long; a square would do so every time."""
    for action in (SCRUBBER.value, SCRUBBER.leaks):
        assert any(grows_evenly(action, piece) for _ in range(5))


def grows_evenly(action: Callable[[str], object], piece: str) -> bool:
    """Five times the text takes about five times as long, and not 25 times."""
    short, long = (cpu_time(action, piece * count) for count in (4_000, 20_000))
    return long < 12 * short + 0.2


def cpu_time(action: Callable[[str], object], text: str) -> float:
    """CPU seconds of this thread alone."""
    start = time.thread_time()
    action(text)
    return time.thread_time() - start


def test_random_secrets_of_the_library() -> None:
    """Not seeded on purpose: whatever the machine draws, a named secret is gone from every medium."""
    for _ in range(50):
        secret = secrets.token_urlsafe(24)
        value = {"api_key": secret, "body": json.dumps({"token": secret}), "url": f"/x?sid={secret}&a=1"}
        text = dumps(scrubbed(value))
        assert secret not in text
        assert SCRUBBER.leaks(text) == []
