from __future__ import annotations

import json
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from pytest_characterize.descriptors import Http, Login, Secret, Tables
from pytest_characterize.errors import CharacterizeError, RecordingError
from pytest_characterize.model import Case, Interaction, Observation
from pytest_characterize.recording.loading import recorder_factory
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.scrub import Scrubber
from pytest_characterize.settings import Redaction, Settings, Source
from pytest_characterize.values import Record, Response
from pytest_characterize_recorders.http import HttpRecorder
from tests.recorders.legacy_pages import PAGE, PASSWORD, SESSION, Pages, legacy_pages

SECRETS = {"LEGACY_PASSWORD": PASSWORD, "WRONG_PASSWORD": "guess"}


@pytest.fixture(scope="module")
def running() -> Iterator[Pages]:
    with legacy_pages() as pages:
        yield pages


@pytest.fixture
def pages(running: Pages) -> Pages:
    running.asked.clear()
    return running


def context(
    address: str, args: Mapping[str, str] | None = None, redaction: Redaction | None = None, **source: Any
) -> RecordingContext:
    return RecordingContext(
        settings=Settings(root=Path()),
        source=Source(**{"name": "web", "kind": "http", "hosts": ("127.0.0.1",), **source}),
        address=address,
        secret=lambda secret: SECRETS[secret.variable],
        scrubber=Scrubber(redaction or Redaction(), b"key"),
        args=args or {},
    )


def case(inputs: Mapping[str, Any]) -> Case:
    return Case("0" * 64, "tests/test_x.py::test_x", "x", inputs)


def observe(context: RecordingContext, descriptor: Http, **inputs: Any) -> Observation:
    recorder = HttpRecorder(descriptor, context)
    try:
        observation, hits = recorder.observe(case(inputs))
    finally:
        recorder.close()
    assert hits == ()
    return observation


def get(pages: Pages, path: str, **inputs: Any) -> Response:
    outcome = observe(context(pages.url), Http("GET", path, source="web"), **inputs).outcome
    assert outcome.how == "responded"
    response: Response = outcome.value
    return response


Ask = Callable[..., Interaction]


@pytest.fixture
def ask(pages: Pages) -> Ask:
    """Make a request that is echoed; gives the exchange."""

    def ask(method: str, path: str, inputs: Mapping[str, Any] | None = None, **request: Any) -> Interaction:
        descriptor = Http(method, path, source="web", **request)
        (interaction,) = observe(context(pages.url), descriptor, **(inputs or {})).interactions
        return interaction

    return ask


def test_the_entry_point_names_it() -> None:
    assert recorder_factory("http") is HttpRecorder


# -- what comes back -----------------------------------------------------------------------------------


def test_a_latin_1_page_with_its_status_and_reason(pages: Pages) -> None:
    response = get(pages, "/page")
    assert (response.status, response.reason) == (402, "Pay First")
    assert response.body == PAGE.encode("latin-1")
    assert ("content-type", "text/html; charset=ISO-8859-1") in response.headers


@pytest.mark.parametrize("path", ["/gzip", "/raw-deflate"])
def test_a_compressed_body_is_told_decoded(pages: Pages, path: str) -> None:
    observation = observe(context(pages.url), Http("GET", path, source="web"))
    assert observation.outcome.value.body == PAGE.encode("latin-1")
    (interaction,) = observation.interactions
    assert interaction.response_body == PAGE.encode("latin-1")
    assert "content-encoding" not in dict(interaction.response_headers)


def test_a_chunked_body_is_told_whole(pages: Pages) -> None:
    response = get(pages, "/chunked")
    assert response.body == b"one,two"
    assert "transfer-encoding" not in dict(response.headers)


def test_a_binary_body(pages: Pages) -> None:
    assert get(pages, "/binary").body == bytes(range(256))


def test_no_body(pages: Pages) -> None:
    response = get(pages, "/nothing")
    assert (response.status, response.body) == (204, b"")


def test_a_head_request(ask: Ask) -> None:
    assert ask("HEAD", "/page").response_body == b""


def test_repeated_headers_are_all_told(pages: Pages) -> None:
    kept = context(pages.url, redaction=Redaction(headers=("x-note", "x-other")))
    headers = observe(kept, Http("GET", "/repeated", source="web")).outcome.value.headers
    assert [value for name, value in headers if name == "x-note"] == ["a", "b"]
    assert dict(headers)["x-other"] == "ü"


def test_an_error_status_is_behaviour(pages: Pages) -> None:
    response = get(pages, "/error")
    assert (response.status, response.body) == (500, b"ORA-00942: table or view does not exist")


def test_the_exchange_is_kept_beside_the_outcome(pages: Pages) -> None:
    observation = observe(context(pages.url), Http("GET", "/page", source="web"))
    (interaction,) = observation.interactions
    response = observation.outcome.value
    assert (interaction.status, interaction.reason) == (response.status, response.reason)
    assert (interaction.response_headers, interaction.response_body) == (response.headers, response.body)


# -- redirects and addresses ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "path", "status", "location"),
    [
        ("", "/moved", 302, "/app/home?x=1#end"),
        ("/app", "/moved", 302, "/home?x=1#end"),
        ("/app/", "/moved", 302, "/home?x=1#end"),
        ("/app", "/moved-up", 302, "{url}/application"),
        ("", "/moved-here", 307, "home?x=1"),
        ("", "/moved-away", 301, "https://elsewhere.invalid/home"),
    ],
)
def test_a_redirect_is_behaviour_and_not_followed(
    pages: Pages, folder: str, path: str, status: int, location: str
) -> None:
    response = observe(context(pages.url + folder), Http("GET", path, source="web")).outcome.value
    assert response.status == status
    assert dict(response.headers)["location"] == location.format(url=pages.url)
    assert len(pages.asked) == 1


def test_a_path_may_not_lead_out_of_the_base_url(pages: Pages) -> None:
    for path in ("/../moved", "/a/../../moved", "/{up}/moved"):
        recorder = HttpRecorder(Http("GET", path, source="web"), context(f"{pages.url}/app"))
        with pytest.raises(RecordingError, match="out of the source's base URL"):
            recorder.observe(case({"up": ".."} if "{up}" in path else {}))
    assert pages.asked == []


def test_where_legacy_happened_to_be_is_not_stored(pages: Pages) -> None:
    observation = observe(context(f"{pages.url}/app"), Http("GET", "/invoice/7?on=today", source="web"))
    (interaction,) = observation.interactions
    assert pages.asked[0][1] == "/app/invoice/7?on=today"
    assert interaction.uri == "http://web/invoice/7?on=today"
    assert "host" not in dict(interaction.request_headers)
    told = repr((interaction.uri, interaction.request_headers, interaction.response_headers))
    assert str(pages.port) not in told


def test_two_recordings_are_equal_wherever_legacy_is(pages: Pages) -> None:
    descriptor = Http("POST", "/chunked", source="web", form={"a": "{a}"})
    with legacy_pages() as others:
        one, other = (observe(context(at.url), descriptor, a="ä").interactions[0] for at in (pages, others))
    ignored = ("date",)
    assert [header for header in one.response_headers if header[0] not in ignored] == [
        header for header in other.response_headers if header[0] not in ignored
    ]
    assert (one.uri, one.request_headers, one.request_body) == (
        other.uri,
        other.request_headers,
        other.request_body,
    )


# -- what is asked -------------------------------------------------------------------------------------


def test_the_request_is_plain(ask: Ask, pages: Pages) -> None:
    ask("get", "/x")
    ((method, path, headers, body),) = pages.asked
    assert (method, path, body) == ("GET", "/x", b"")
    assert headers == {
        "host": f"127.0.0.1:{pages.port}",
        "accept": "*/*",
        "accept-encoding": "identity",
        "connection": "keep-alive",
        "user-agent": "pytest-characterize",
    }


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (7, "/invoice/7"),
        ("a/b c?d#e%f", "/invoice/a%2Fb%20c%3Fd%23e%25f"),
        ("Müller", "/invoice/M%C3%BCller"),
        ("{id}", "/invoice/%7Bid%7D"),
        (Decimal("1.50"), "/invoice/1.50"),
        (date(2024, 3, 1), "/invoice/2024-03-01"),
        (datetime(2024, 3, 1, 12, tzinfo=UTC), "/invoice/2024-03-01T12%3A00%3A00%2B00%3A00"),
        (UUID(int=7), "/invoice/00000000-0000-0000-0000-000000000007"),
        (True, "/invoice/true"),
        ("\r\nX: y", "/invoice/%0D%0AX%3A%20y"),
        ("", "/invoice/"),
    ],
)
def test_inputs_in_the_path_are_quoted(ask: Ask, pages: Pages, value: object, path: str) -> None:
    ask("GET", "/invoice/{id}", {"id": value})
    assert pages.asked[0][1] == path


def test_inputs_in_query_and_form(ask: Ask, pages: Pages) -> None:
    inputs = {"who": "Müller & Söhne", "ids": [1, 2], "none": None, "day": date(2024, 3, 1)}
    templates = {"name": "{who}", "id": "{ids}", "left_out": "{none}", "on": "from {day}", "page": 3}
    ask("POST", "/x", inputs, query=templates, form=templates)
    encoded = "name=M%C3%BCller+%26+S%C3%B6hne&id=1&id=2&on=from+2024-03-01&page=3"
    assert pages.asked[0][1] == f"/x?{encoded}"
    assert pages.asked[0][3] == encoded.encode()
    assert pages.asked[0][2]["content-type"] == "application/x-www-form-urlencoded"


def test_a_query_is_added_to_that_of_the_path(ask: Ask, pages: Pages) -> None:
    ask("GET", "/x?a={a}", {"a": 1}, query={"b": 2})
    assert pages.asked[0][1] == "/x?a=1&b=2"


def test_inputs_in_json_keep_their_types(ask: Ask, pages: Pages) -> None:
    inputs = {
        "n": 7,
        "f": 1.5,
        "yes": True,
        "no": None,
        "text": "Mü\ud800",
        "d": Decimal("1.50"),
        "many": (1, {"a": date(2024, 3, 1)}),
    }
    document = {name: f"{{{name}}}" for name in inputs} | {"nested": [{"n": "{n}"}, "no {n}", 4, None]}
    ask("PUT", "/x", inputs, json=document)
    sent = json.loads(pages.asked[0][3])
    assert sent == {
        "n": 7,
        "f": 1.5,
        "yes": True,
        "no": None,
        "text": "Mü\ud800",
        "d": "1.50",
        "many": [1, {"a": "2024-03-01"}],
        "nested": [{"n": 7}, "no 7", 4, None],
    }
    assert pages.asked[0][2]["content-type"] == "application/json"


@pytest.mark.parametrize("document", [0, False, "", [], {}])
def test_empty_json_is_json_too(ask: Ask, pages: Pages, document: object) -> None:
    ask("POST", "/x", json=document)
    assert json.loads(pages.asked[0][3]) == document


def test_headers_are_filled_and_win(ask: Ask, pages: Pages) -> None:
    headers = {
        "X-Customer": "no. {id}",
        "content-type": "text/x",
        "user-agent": "Old/1.0",
        "accept": "text/html",
    }
    ask("POST", "/x", {"id": 7}, headers=headers, json=[1])
    sent = pages.asked[0][2]
    assert {name: sent[name] for name in ("x-customer", "content-type", "user-agent", "accept")} == {
        "x-customer": "no. 7",
        "content-type": "text/x",
        "user-agent": "Old/1.0",
        "accept": "text/html",
    }


def test_doubled_braces_are_text(ask: Ask, pages: Pages) -> None:
    ask("POST", "/x", {"id": 7}, json={"query": "query {{id}} { a { b } } {id}"})
    assert json.loads(pages.asked[0][3]) == {"query": "query {id} { a { b } } 7"}


def test_inputs_may_have_other_names(pages: Pages) -> None:
    descriptor = Http("GET", "/{p_customer}/{on}", source="web")
    observe(context(pages.url, args={"p_customer": "customer_id"}), descriptor, customer_id=7, on="today")
    assert pages.asked[0][1] == "/7/today"


def test_unusual_methods(ask: Ask, pages: Pages) -> None:
    for method in ("DELETE", "PATCH", "PURGE"):
        ask(method, "/x")
    assert [asked[0] for asked in pages.asked] == ["DELETE", "PATCH", "PURGE"]


@pytest.mark.parametrize(
    ("request_", "inputs", "slug", "text"),
    [
        ({"path": "/{no}"}, {"id": 7}, "http-unknown-input", "asks for {no}, which is no input of the case"),
        ({"path": "/x", "query": {"a": "{no}"}}, {}, "http-unknown-input", "the inputs are (none)"),
        ({"path": "/x", "json": [{"a": "no {no}"}]}, {}, "http-unknown-input", "{no}"),
        ({"path": "/x", "headers": {"a": "{no}"}}, {}, "http-unknown-input", "{no}"),
        ({"path": "/x"}, {"id": 7}, "http-unused-input", "does not use the input 'id'"),
        ({"path": "/{id}"}, {"id": None}, "http-bad-value", "'id' in the request is None"),
        ({"path": "/{id}"}, {"id": b"x"}, "http-bad-value", "is a bytes"),
        ({"path": "/{id}"}, {"id": "\ud800"}, "http-bad-value", "is '\\ud800'"),
        ({"path": "/x", "form": {"a": "{id}"}}, {"id": {"a": 1}}, "http-bad-value", "is a dict"),
        ({"path": "/x", "json": "{id}"}, {"id": float("nan")}, "http-bad-value", "is nan"),
        ({"path": "/x", "json": "{id}"}, {"id": Record("a.B", {})}, "http-bad-value", "is a Record"),
        ({"path": "/x", "headers": {"X": "{id}"}}, {"id": "a\r\nb"}, "http-bad-request", "header"),
    ],
)
def test_a_case_that_is_no_request_is_an_error_and_nothing_is_sent(
    pages: Pages, request_: dict[str, Any], inputs: dict[str, Any], slug: str, text: str
) -> None:
    recorder = HttpRecorder(Http("POST", source="web", **request_), context(pages.url))
    with pytest.raises(RecordingError, match=re.escape(text)) as caught:
        recorder.observe(case(inputs))
    assert caught.value.slug == slug
    assert pages.asked == []


@pytest.mark.parametrize(
    ("descriptor", "slug", "text"),
    [
        (Http("GET", "x"), "http-bad-request", "does not begin with a slash"),
        (Http("GET", "http://elsewhere.invalid/x"), "http-bad-request", "does not begin with a slash"),
        (Http("GET /", "/x"), "http-bad-request", "is no HTTP method"),
        (Http("", "/x"), "http-bad-request", "is no HTTP method"),
        (Http("POST", "/x", form={"a": 1}, json={"a": 1}), "http-bad-request", "both form= and json="),
        (Http("GET", "/x", login=Login("login", {})), "http-bad-request", "'login' of the login"),
        (Http("GET", "/x", effects=Tables("ledger")), "effects-unobservable", "over HTTP"),
    ],
)
def test_a_descriptor_that_is_no_request_is_an_error_at_once(
    pages: Pages, descriptor: Http, slug: str, text: str
) -> None:
    with pytest.raises(RecordingError, match=re.escape(text)) as caught:
        HttpRecorder(descriptor, context(pages.url))
    assert caught.value.slug == slug


# -- sessions ------------------------------------------------------------------------------------------

LOGIN = Login("/login", {"user": "clerk", "pw": Secret("LEGACY_PASSWORD")})


def test_without_a_login_there_is_no_session(pages: Pages) -> None:
    assert get(pages, "/private").status == 403


def test_a_login_opens_a_session_for_each_case_and_is_not_stored(pages: Pages) -> None:
    recorder = HttpRecorder(Http("GET", "/private", source="web", login=LOGIN), context(pages.url))
    for _ in range(2):
        observation, _ = recorder.observe(case({}))
        assert observation.outcome.value.body == b"your invoices"
        assert len(observation.interactions) == 1
        assert SESSION not in repr(observation)
        assert PASSWORD not in repr(observation)
        assert "cookie" not in dict(observation.interactions[0].request_headers)
    assert [asked[:2] for asked in pages.asked] == [("POST", "/login"), ("GET", "/private")] * 2
    assert "cookie" not in pages.asked[2][2]


@pytest.mark.parametrize(
    ("login", "why"),
    [
        (Login("/login", {"pw": Secret("WRONG_PASSWORD")}), "it asks for the password again"),
        (Login("/login-again", {}), "it leads back to itself"),
        (Login("/error", {}), "status 500"),
        (Login("/guarded", {}), "status 401"),
        (Login("/nothing", {}), "it set no cookie"),
    ],
)
def test_a_failed_login_is_an_error_and_nothing_is_recorded(pages: Pages, login: Login, why: str) -> None:
    with pytest.raises(RecordingError, match=f"the login at {login.path} failed: {why}") as caught:
        observe(context(pages.url), Http("GET", "/private", source="web", login=login))
    assert caught.value.slug == "login-failed"
    assert "guess" not in str(caught.value)
    assert len(pages.asked) == 1


def test_credentials_in_the_address_are_used_and_not_stored(pages: Pages) -> None:
    address = pages.url.replace("http://", "http://clerk:p%40ss@")
    observation = observe(context(address), Http("GET", "/guarded", source="web"))
    assert observation.outcome.value.body == b"welcome"
    assert pages.asked[0][2]["authorization"] == "Basic Y2xlcms6cEBzcw=="
    assert not {"clerk", "p@ss", "p%40ss", "Y2xlcms6cEBzcw=="} & set(
        re.split(r"[\s'\":/]", repr(observation))
    )
    assert "authorization" not in dict(observation.interactions[0].request_headers)


# -- a source that is not there ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "slug", "why"),
    [
        ("/hang", "source-timeout", "did not answer in time"),
        ("/hang-in-body", "source-timeout", "did not answer in time"),
        ("/drop", "source-broke-off", "gave no whole response"),
        ("/drop-chunked", "source-broke-off", "gave no whole response"),
        ("/no-answer", "source-broke-off", "gave no whole response"),
        ("/no-http", "source-broke-off", "gave no whole response"),
        ("/bad-gzip", "source-broke-off", "cannot be decoded"),
    ],
)
def test_no_whole_answer_is_an_error(
    pages: Pages, path: str, slug: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HttpRecorder, "patience", 0.3)
    with pytest.raises(RecordingError, match=why) as caught:
        get(pages, path)
    assert caught.value.slug == slug
    assert "'web'" in str(caught.value)
    assert str(pages.port) not in str(caught.value)
    assert get(pages, "/x").status == 200


def test_nobody_listens() -> None:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(RecordingError, match="nothing accepts connections there") as caught:
        HttpRecorder(Http("GET", "/x", source="web"), context(f"http://127.0.0.1:{port}"))
    assert caught.value.slug == "source-down"
    assert str(port) not in str(caught.value)


def test_it_goes_down_between_two_cases() -> None:
    with legacy_pages() as pages:
        recorder = HttpRecorder(Http("GET", "/x", source="web"), context(pages.url))
        recorder.observe(case({}))
    with pytest.raises(RecordingError, match="nothing accepts connections there") as caught:
        recorder.observe(case({}))
    assert caught.value.slug == "source-down"


def test_an_unknown_host() -> None:
    with pytest.raises(RecordingError, match="the name of its host is not known") as caught:
        HttpRecorder(Http("GET", "/x"), context("http://legacy.invalid", hosts=("legacy.invalid",)))
    assert caught.value.slug == "source-down"


def test_a_server_that_speaks_no_tls(pages: Pages) -> None:
    with pytest.raises(RecordingError, match="no encrypted connection") as caught:
        observe(context(pages.url.replace("http:", "https:")), Http("GET", "/x"))
    assert caught.value.slug == "source-tls"


@pytest.mark.skipif(not shutil.which("openssl"), reason="makes a certificate with openssl")
def test_a_certificate_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=legacy", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with legacy_pages(tls) as pages:
        address = pages.url.replace("http:", "https:")
        with pytest.raises(RecordingError, match="self-signed certificate") as caught:
            observe(context(address), Http("GET", "/page"))
        assert caught.value.slug == "source-tls"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert observe(context(address), Http("GET", "/page")).outcome.value.status == 402


def test_proxies_of_the_environment_are_not_asked(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert get(pages, "/x").status == 200


# -- addresses that are refused ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "source", "slug"),
    [
        ("http://127.0.0.1:80", {"hosts": ("legacy",)}, "source-not-allowed"),
        ("http://127.0.0.1:80", {"hosts": ("127.0.0.1:8080",)}, "source-not-allowed"),
        ("http://127.0.0.1", {"hosts": ("127.0.0.1:8080",)}, "source-not-allowed"),
        ("http://legacy.example.com", {"hosts": ("legacy",)}, "source-not-allowed"),
        ("http://legacy@elsewhere", {"hosts": ("legacy",)}, "source-not-allowed"),
        ("http://erp-prod", {"hosts": ("erp-prod",)}, "source-looks-like-production"),
        ("https://live.example", {"hosts": ("live.example",)}, "source-looks-like-production"),
        ("", {}, "source-address-invalid"),
        ("127.0.0.1:80", {}, "source-address-invalid"),
        ("ftp://127.0.0.1", {}, "source-address-invalid"),
        ("http://", {}, "source-address-invalid"),
        ("http://127.0.0.1:no", {}, "source-address-invalid"),
        ("http://127.0.0.1/?a=b", {}, "source-address-invalid"),
        ("http://[::1", {}, "source-address-invalid"),
        ("http://127.0.0.1", {"kind": "postgresql"}, "source-wrong-kind"),
    ],
)
def test_an_address_that_is_refused(address: str, source: dict[str, Any], slug: str) -> None:
    with pytest.raises(RecordingError) as caught:
        HttpRecorder(Http("GET", "/x", source="web"), context(address, **source))
    assert caught.value.slug == slug
    assert "'web'" in str(caught.value)


def test_no_source_at_all(pages: Pages) -> None:
    given = context(pages.url)
    nothing = RecordingContext(given.settings, None, pages.url, given.secret, given.scrubber, given.args)
    with pytest.raises(RecordingError, match="no web application"):
        HttpRecorder(Http("GET", "/x"), nothing)


def test_production_on_purpose(pages: Pages) -> None:
    with pytest.raises(RecordingError, match="not known"):
        HttpRecorder(
            Http("GET", "/x"), context("http://prod.invalid", hosts=("prod.invalid",), production=True)
        )


# -- the rest of the protocol --------------------------------------------------------------------------


def test_what_the_scrubber_gives_is_what_is_told(pages: Pages) -> None:
    class Strict(Scrubber):
        def interaction(self, interaction: Interaction) -> tuple[Interaction, dict[str, str]]:
            from dataclasses import replace

            return replace(interaction, response_body=b"scrubbed", response_headers=()), {"$.body": "secret"}

    given = context(pages.url)
    strict = RecordingContext(
        given.settings, given.source, given.address, given.secret, Strict(Redaction(), b"key"), given.args
    )
    observation = observe(strict, Http("GET", "/page", source="web"))
    assert observation.outcome.value == Response(402, (), b"scrubbed", "Pay First")
    assert observation.interactions[0].response_body == b"scrubbed"


def test_nothing_is_written(pages: Pages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    get(pages, "/page")
    assert list(tmp_path.iterdir()) == []


def test_provenance(pages: Pages) -> None:
    recorder = HttpRecorder(Http("GET", "/x", source="web"), context(pages.url, version="4.2"))
    recorder.observe(case({}))
    assert recorder.provenance() == {"server": "OldServer/1.3", "version": "4.2"}
    assert recorder.sources(case({})) == {}


def test_variants_are_refused_rather_than_ignored(pages: Pages) -> None:
    recorder = HttpRecorder(Http("GET", "/x", source="web"), context(pages.url))
    with pytest.raises(CharacterizeError, match="variants"):
        recorder.observe(case({}), {"x": "y"})
    assert pages.asked == []
