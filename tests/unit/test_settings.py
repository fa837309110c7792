from __future__ import annotations

from pathlib import Path

import pytest

from pytest_characterize.descriptors import Ignore, Tolerance, Unordered
from pytest_characterize.errors import ConfigurationError
from pytest_characterize.settings import COMPARED_HEADERS, Settings, load_settings

FULL = """
[tool.characterize]
directory = "golden/masters"
headers = ["Content-Type", "X-Total"]
allow = ["127.0.0.1:8000"]
[tool.characterize.sources.web]
kind = "http"
hosts = ["127.0.0.1"]
version = "4.2"
[tool.characterize.sources."the books"]
kind = "postgresql"
hosts = ["/run/postgresql"]
production = true
clone = true
[tool.characterize.tables.ledger]
model = "billing.LedgerEntry"
columns = { amount = "amount", posted = "is_posted" }
translate.posted = { Y = true, N = false }
padded = { account = 6 }
ignored = { entry_id = "generated" }
[tool.characterize.raises]
P0001 = "billing.errors.Refused"
[tool.characterize.redaction]
fields = ["iban"]
keep = ["token"]
[[tool.characterize.policy]]
action = "ignore"
path = "$.a"
reason = "r"
[[tool.characterize.policy]]
action = "tolerance"
path = "$.b"
absolute = "0.01"
reason = "r"
test = "*::test_x"
[[tool.characterize.policy]]
action = "unordered"
path = "$.c"
reason = "r"
"""


def load(tmp_path: Path, text: str) -> Settings:
    (tmp_path / "pyproject.toml").write_text(text, "utf-8")
    return load_settings(tmp_path)


def test_a_project_without_the_table_gets_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path) == Settings(root=tmp_path) == load(tmp_path, "[project]\nname='x'\n")
    assert load_settings(tmp_path).headers == COMPARED_HEADERS
    assert load_settings(tmp_path).store == tmp_path / "characterization"


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    settings = load(tmp_path, FULL)
    assert settings.store == tmp_path / "golden/masters"
    assert settings.headers == ("content-type", "x-total")
    assert settings.allow == ("127.0.0.1:8000",)
    assert settings.sources["web"].version == "4.2"
    assert settings.sources["the books"].production
    assert settings.sources["the books"].clone
    assert settings.tables["ledger"].translate == {"posted": {"Y": True, "N": False}}
    assert settings.tables["ledger"].padded == {"account": 6}
    assert settings.tables["ledger"].ignored == {"entry_id": "generated"}
    assert settings.raises == {"P0001": "billing.errors.Refused"}
    assert (settings.redaction.fields, settings.redaction.keep) == (("iban",), ("token",))
    assert [scoped.policy for scoped in settings.policies] == [
        Ignore("$.a", reason="r"),
        Tolerance("$.b", absolute="0.01", relative="0", reason="r"),
        Unordered("$.c", reason="r"),
    ]
    assert [scoped.test for scoped in settings.policies] == ["*", "*::test_x", "*"]


@pytest.mark.parametrize(
    ("name", "variable"),
    [("web", "CHARACTERIZE_SOURCE_WEB_URL"), ("the books", "CHARACTERIZE_SOURCE_THE_BOOKS_DSN")],
)
def test_the_address_of_a_source_is_in_the_environment(tmp_path: Path, name: str, variable: str) -> None:
    assert load(tmp_path, FULL).sources[name].secret_variable == variable


TABLE = "[tool.characterize.tables.t]\nmodel='a.B'\ncolumns={c='c'}\n"
SOURCE = '[tool.characterize.sources.x]\nkind = "http"\nhosts = ["a"]\n'


@pytest.mark.parametrize(
    ("text", "slug", "named"),
    [
        ("[tool.characterize\n", "config-unreadable", "TOML"),
        ("[tool]\ncharacterize = 3\n", "config-wrong-type", "tool.characterize"),
        ("[tool.characterize]\nx = 1\n", "config-unknown-key", "'x'"),
        (SOURCE + "port = 1\n", "config-unknown-key", "sources.x"),
        ("[tool.characterise]\n", "config-unknown-key", "tool.characterise"),
        ("[tool.pytest-characterize]\n", "config-unknown-key", "tool.pytest-characterize"),
        (SOURCE.replace('["a"]', "[]"), "config-bad-value", "hosts"),
        (SOURCE.replace('["a"]', '"a"'), "config-wrong-type", "hosts"),
        (SOURCE.replace('kind = "http"\n', ""), "config-missing-key", "'kind'"),
        (SOURCE + 'production = "no"\n', "config-wrong-type", "production"),
        (SOURCE + 'clone = "yes"\n', "config-wrong-type", "clone"),
        (SOURCE.replace("postgresql", "sqlite") + "clone = true\n", "config-bad-value", "clone"),
        (SOURCE + "clone = true\nread_only = true\n", "config-bad-value", "read_only"),
        (SOURCE.replace("postgresql", "http") + "read_only = true\n", "config-bad-value", "read_only"),
        ('[tool.characterize]\ndirectory = "/etc"\n', "config-bad-value", "/etc"),
        ('[tool.characterize]\ndirectory = ""\n', "config-bad-value", "directory"),
        (
            "[tool.characterize.tables.t]\nmodel = 'a.B'\n[tool.characterize.tables.t.x]\n",
            "config-unknown-key",
            "'x'",
        ),
        ("[tool.characterize.tables.t]\nmodel='a.B'\npadded={c=0}\n", "config-wrong-type", "padded"),
        ("[tool.characterize.tables.t]\nmodel='a.B'\npadded={c='6'}\n", "config-wrong-type", "padded"),
        (TABLE + "generated='id'\n", "config-bad-value", "none of its columns"),
        (TABLE + "references={c='t'}\n", "config-bad-value", "no mapped table with a generated column"),
        (TABLE + "generated='c'\nreferences={d='t'}\n", "config-bad-value", "'d'"),
        ("[tool.characterize]\npolicy = ['x']\n", "config-wrong-type", "policy[0]"),
        ("[[tool.characterize.policy]]\naction='hide'\npath='$'\nreason='r'\n", "config-bad-value", "'hide'"),
        (
            "[[tool.characterize.policy]]\naction='ignore'\npath='$'\nreason=' '\n",
            "config-bad-value",
            "reason",
        ),
        ("[tool.characterize.redaction]\nfield = ['x']\n", "config-unknown-key", "'field'"),
        ("[tool.characterize.raises]\nP0001 = 1\n", "config-wrong-type", "raises"),
    ],
)
def test_what_makes_no_sense_is_named(tmp_path: Path, text: str, slug: str, named: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    assert caught.value.slug == slug
    assert named in caught.value.message
    assert str(tmp_path / "pyproject.toml") in caught.value.message
    assert caught.value.hint


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_settings(tmp_path)
