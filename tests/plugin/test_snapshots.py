"""Snapshots in users' own tests, as users run them: created, matched, changed, unused, damaged, secret."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.plugin.project import Project, Run

ROOT = Path(__file__).parents[2]
INVOICE = "test_shop/test_invoice.golden"
KEY = {"CHARACTERIZE_SCRUB_KEY": "a long random text that the team shares"}

PYPROJECT = f"""
[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = [".", {str(ROOT / "tests/formats")!r}]
"""

CONFTEST = """
import pytest
from pytest_characterize.snapshots import GoldenExtension

@pytest.fixture
def golden(snapshot):
    return snapshot.use_extension(GoldenExtension)
"""

SHOP = """
from datetime import date
from decimal import Decimal

def invoice():
    lines = [{"sku": "A ", "price": Decimal("1.00")}, {"sku": "B", "price": Decimal("2.50")}]
    return {"on": date(2024, 3, 1), "lines": lines, "total": Decimal("3.50")}
"""

TESTS = """
import shop

def test_invoice(golden):
    assert shop.invoice() == golden

def test_parts(golden):
    assert shop.invoice()["total"] == golden
    assert shop.invoice()["on"] == golden
    assert shop.invoice()["lines"] == golden(name="lines")
"""


@dataclass(frozen=True)
class Shop:
    """A project with snapshot tests."""

    project: Project

    @classmethod
    def make(cls, pytester: pytest.Pytester, tests: str = TESTS, extra: str = "") -> Shop:
        project = Project(pytester).write("pyproject.toml", PYPROJECT + extra).write("shop.py", SHOP)
        return cls(project.write("tests/conftest.py", CONFTEST).write("tests/test_shop.py", tests))

    @property
    def snapshots(self) -> Path:
        return self.project.root / "tests/__snapshots__"

    def files(self) -> dict[str, bytes]:
        """Every file of the snapshots' folder, to see what a run did to it."""
        found = (path for path in sorted(self.snapshots.rglob("*")) if not path.is_dir())
        return {path.relative_to(self.snapshots).as_posix(): path.read_bytes() for path in found}

    def run(self, *args: str, env: Mapping[str, str] | None = None) -> Run:
        """A run of the tests; red or green, it leaves every snapshot as it was."""
        before = self.files()
        run = self.project.pytest(*args, env=env)
        assert self.files() == before, "a run without --snapshot-update must not write"
        return run

    def update(self, *args: str, env: Mapping[str, str] | None = None) -> Run:
        return self.project.pytest("--snapshot-update", *args, env=env)

    def updated(self, *args: str, env: Mapping[str, str] | None = None) -> Shop:
        self.update(*args, env=env).exits(0)
        assert self.files()
        return self

    def tests(self, text: str) -> Shop:
        self.project.write("tests/test_shop.py", text)
        return self

    def edit(self, old: str, new: str, name: str = "shop.py") -> Shop:
        self.project.edit(name, old, new)
        return self

    def damage(self, content: bytes) -> Shop:
        (self.snapshots / INVOICE).write_bytes(content)
        return self


def numbered(claim: str, count: int) -> str:
    """A module of so many tests that claim the same of their number ``n``."""
    return f"""
import pytest

@pytest.mark.parametrize("n", range({count}))
def test_n(golden, n):
    assert {claim}
"""


@pytest.fixture
def shop(pytester: pytest.Pytester) -> Shop:
    return Shop.make(pytester)


# -- create, match, mismatch, update ----------------------------------------------------------------


def test_a_missing_snapshot_fails_and_is_not_written(shop: Shop) -> None:
    shop.run().exits(1).has("2 failed", "Snapshot 'test_invoice' does not exist!")
    assert shop.files() == {}


def test_an_update_writes_one_file_a_snapshot(shop: Shop) -> None:
    files = shop.updated().files()
    assert list(files) == [
        "test_shop/test_invoice.golden",
        "test_shop/test_parts.1.golden",
        "test_shop/test_parts.golden",
        "test_shop/test_parts[lines].golden",
    ]
    assert files[INVOICE].decode() == (
        "{\n"
        '  "schema": 1,\n'
        '  "value": {\n'
        '    "lines": [\n'
        "      {\n"
        '        "price": {"$decimal": "1.00"},\n'
        '        "sku": "A "\n'
        "      },\n"
        "      {\n"
        '        "price": {"$decimal": "2.50"},\n'
        '        "sku": "B"\n'
        "      }\n"
        "    ],\n"
        '    "on": {"$date": "2024-03-01"},\n'
        '    "total": {"$decimal": "3.50"}\n'
        "  }\n"
        "}\n"
    )
    shop.run().exits(0).has("2 passed", "4 snapshots passed")


def test_a_change_is_red_and_shown_line_by_line(shop: Shop) -> None:
    run = shop.updated().edit('"3.50"', '"3.5"').run().exits(1).no_traceback()
    run.has("2 failed", "2 snapshots failed")
    assert re.search(r'-\s+"total": \{"\$decimal": "3.50"\}', run.out), run.out
    assert re.search(r'\+\s+"total": \{"\$decimal": "3.5"\}', run.out), run.out


def test_long_texts_are_shown_by_their_lines(shop: Shop) -> None:
    shop.tests("def test_letter(golden):\n    assert 'Dear Ada,\\nsee you.\\nBob\\n' == golden\n").updated()
    run = shop.edit("see you", "see me", "tests/test_shop.py").run().exits(1)
    assert re.search(r'^E\s+"Dear Ada,\\n$', run.out, re.MULTILINE), run.out
    assert re.search(r"^E\s+-\s+see you\.\\n$", run.out, re.MULTILINE), run.out
    assert re.search(r"^E\s+\+\s+see me\.\\n$", run.out, re.MULTILINE), run.out


def test_an_update_changes_what_changed(shop: Shop) -> None:
    before = shop.updated().files()
    shop.edit('"3.50"', '"3.5"').update().exits(0).has("2 snapshots updated", "2 snapshots passed")
    after = shop.files()
    assert {name for name in before if before[name] != after[name]} == {
        INVOICE,
        "test_shop/test_parts.golden",
    }
    shop.run().exits(0)


def test_an_update_of_new_ones_only_leaves_the_others(shop: Shop) -> None:
    before = shop.updated().files()
    shop.edit('"3.50"', '"3.5"').edit("def test_invoice", "def test_bill", "tests/test_shop.py")
    shop.project.pytest("--snapshot-update-new-only").exits(1).has(
        "1 snapshot generated", "1 snapshot failed"
    )
    after = shop.files()
    assert after.keys() - before.keys() == {"test_shop/test_bill.golden"}
    assert all(after[name] == content for name, content in before.items())


def test_the_format_of_a_file_is_no_part_of_the_value(shop: Shop) -> None:
    shop.updated().damage(shop.files()[INVOICE].replace(b"\n", b"\r\n").replace(b"  ", b" "))
    shop.run().exits(0)


def test_the_extension_may_be_the_default_one(shop: Shop) -> None:
    shop.tests("def test_one(snapshot):\n    assert (1, 2) == snapshot\n")
    option = "--snapshot-default-extension=pytest_characterize.snapshots.GoldenExtension"
    shop.updated(option)
    assert b"$tuple" in shop.files()["test_shop/test_one.golden"]
    shop.run(option).exits(0).has("1 snapshot passed")


def test_other_extensions_beside_it(shop: Shop) -> None:
    shop.tests(
        TESTS + "from syrupy.extensions.json import JSONSnapshotExtension\n"
        "def test_amber(snapshot):\n    assert [1] == snapshot\n"
        "def test_json(snapshot):\n    assert [1] == snapshot.use_extension(JSONSnapshotExtension)\n"
    ).updated()
    assert {Path(name).suffix for name in shop.files()} == {".golden", ".ambr", ".json"}
    shop.run().exits(0).has("6 snapshots passed")
    before = shop.files()
    assert shop.updated().files() == before, "one extension's update must not touch the others' files"


# -- unused snapshots --------------------------------------------------------------------------------


def test_unused_snapshots_are_reported_and_deleted_by_an_update_only(shop: Shop) -> None:
    shop.updated().edit("def test_invoice", "def test_bill", "tests/test_shop.py")
    shop.run("--deselect=tests/test_shop.py::test_bill").exits(0)
    run = shop.run("--snapshot-details").exits(1)
    run.has("1 snapshot unused", "test_invoice (tests/__snapshots__/test_shop/test_invoice.golden)")
    shop.update().exits(0).has("1 unused snapshot deleted", "1 snapshot generated")
    assert INVOICE not in shop.files()
    assert "test_shop/test_bill.golden" in shop.files()


def test_the_folder_of_a_module_that_is_gone_goes_with_its_snapshots(shop: Shop) -> None:
    shop.project.write("tests/test_other.py", "def test_other(golden):\n    assert 1 == golden\n")
    shop.updated()
    (shop.project.root / "tests/test_shop.py").unlink()
    shop.run().exits(1).has("4 snapshots unused")
    shop.update().exits(0).has("4 unused snapshots deleted")
    assert list(shop.files()) == ["test_other/test_other.golden"]
    assert not (shop.snapshots / "test_shop").exists()


AWKWARD = """
import pytest

IDS = ["plain", "a/b", "ab", "a b", "é", "x" * 300, "x" * 299 + "y", "..", "a.1", "[a]", "A:B", "trailing."]

@pytest.mark.parametrize("at", range(len(IDS)), ids=IDS)
def test_awkward(golden, at):
    assert at == golden
    assert -at == golden

class TestShop:
    def test_awkward(self, golden):
        assert "in a class" == golden
"""


def test_no_two_tests_share_a_file_and_awkward_names_are_never_unused(shop: Shop) -> None:
    shop.tests(AWKWARD).updated()
    names = [Path(name).name for name in shop.files()]
    assert len(names) == 25
    assert len({name.casefold() for name in names}) == 25
    assert max(map(len, names)) < 220
    assert all(re.fullmatch(r"[A-Za-z0-9_ .,=+@~()\[\]-]+", name) for name in names)
    shop.run().exits(0).has("25 snapshots passed")
    before = shop.files()
    for selection in ("-kawkward", "-ka/b", "tests/test_shop.py::TestShop", "tests/test_shop.py"):
        shop.update(selection).exits(0)
        assert shop.files() == before, f"{selection} must not delete snapshots of tests that it leaves out"


def test_a_snapshot_that_cannot_be_deleted_is_a_warning(shop: Shop) -> None:
    outside = shop.project.root / "outside.golden"
    shop.updated()
    outside.write_bytes(b"mine")
    (shop.snapshots / "test_shop/test_gone.golden").symlink_to(outside)
    run = shop.update().exits(0)
    run.has("[store-symlink]", "links are not followed").no_traceback()
    assert outside.read_bytes() == b"mine"


# -- workers -----------------------------------------------------------------------------------------


def test_workers_write_and_read_the_same_files(shop: Shop) -> None:
    shop.tests(numbered("[n] == golden", 40)).updated("-n2")
    files = shop.files()
    assert len(files) == 40
    assert not [path for path in shop.snapshots.rglob("*") if path.name.startswith(".")]
    shop.run("-n2").exits(0).has("40 snapshots passed")
    shop.run().exits(0).has("40 snapshots passed")
    shop.edit("[n] ==", "(n,) ==", "tests/test_shop.py").run("-n2").exits(1).has("40 failed")
    shop.updated("-n2")
    assert all(b"$tuple" in content for content in shop.files().values())
    shop.edit("range(40)", "range(39)", "tests/test_shop.py").run("-n2").exits(1).has("1 snapshot unused")
    assert len(shop.updated("-n2").files()) == 39


# -- fidelity ----------------------------------------------------------------------------------------

ALL_PAIRS = """
import os
import pytest
from syrupy.extensions.amber import AmberSnapshotExtension
from syrupy.extensions.json import JSONSnapshotExtension
from pytest_characterize.snapshots import GoldenExtension
from test_pairs import PAIRS

EXTENSIONS = {"golden": GoldenExtension, "amber": AmberSnapshotExtension, "json": JSONSnapshotExtension}

@pytest.mark.parametrize("number", range(len(PAIRS)))
@pytest.mark.parametrize("extension", EXTENSIONS)
def test_pair(snapshot, extension, number):
    value = [*PAIRS.values()][number][int(os.environ["SIDE"])]
    assert value == snapshot.use_extension(EXTENSIONS[extension])
"""


def test_pairs_that_syrupys_own_formats_store_alike_are_told_apart(shop: Shop) -> None:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("pairs", ROOT / "tests/formats/test_pairs.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    count = len(module.PAIRS)

    kept = '\n[tool.characterize.redaction]\nheaders = ["a", "b"]\n'
    shop.project.write("pyproject.toml", PYPROJECT + kept)
    shop.tests(ALL_PAIRS).updated("-kgolden", env={"SIDE": "0"})
    shop.run("-kgolden", env={"SIDE": "0"}).exits(0).has(f"{count} snapshots passed")
    shop.run("-kgolden", env={"SIDE": "1"}).exits(1).has(f"{count} failed")
    for lossy in ("amber", "json"):
        shop.update(f"-k{lossy}", env={"SIDE": "0"})
        run = shop.run(f"-k{lossy}", env={"SIDE": "1"}).exits(1)
        lost = re.search(r"(\d+) passed", run.out)
        assert lost, "the comparison says nothing if syrupy's own formats tell all of them apart"
        assert int(lost[1]) >= 3


def test_users_own_objects(shop: Shop) -> None:
    shop.tests(
        """
from collections import namedtuple
from dataclasses import dataclass
from enum import Enum

class Colour(Enum):
    RED = "red"

@dataclass
class Point:
    x: int

Pair = namedtuple("Pair", "a b")
KINDS = [Colour.RED, Point(1), Pair(1, 2), ValueError("no"), {1, 2}]

def test_kinds(golden):
    assert KINDS == golden
"""
    ).updated()
    text = shop.files()["test_shop/test_kinds.golden"].decode()
    for part in ('"$member"', "test_shop.Point", "test_shop.Pair", "builtins.ValueError", '"$set"'):
        assert part in text
    shop.run().exits(0)
    shop.edit("Point(1), Pair", "Point(True), Pair", "tests/test_shop.py").run().exits(1)


def test_objects_of_django(shop: Shop) -> None:
    shop.project.write("site_settings.py", "SECRET_KEY = 'x'\n")
    shop.edit("pythonpath", "DJANGO_SETTINGS_MODULE = 'site_settings'\npythonpath", "pyproject.toml")
    shop.tests(
        "from django.utils.safestring import mark_safe\n"
        "from django.http import HttpResponse\n"
        "def test_text(golden):\n    assert mark_safe('<b>') == golden\n"
        "def test_page(golden):\n    assert HttpResponse('hello', status=201) == golden\n"
    ).updated()
    assert b'"value": "<b>"' in shop.files()["test_shop/test_text.golden"]
    assert b'"status": 201' in shop.files()["test_shop/test_page.golden"]
    shop.run().exits(0)


# -- what syrupy offers for values that change -------------------------------------------------------

VARYING = """
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4
from syrupy.filters import paths, props
from syrupy.matchers import path_type

@dataclass
class Order:
    id: object
    made: datetime
    lines: list

def order():
    return Order(uuid4(), datetime.now(), [{"sku": "A", "seen": uuid4()}, {"sku": "B", "seen": uuid4()}])

def test_matcher(golden):
    matcher = path_type({r"id|lines\\.\\d+\\.seen": (object,), "made": (datetime,)}, regex=True)
    assert order() == golden(matcher=matcher)

def test_exclude(golden):
    assert order() == golden(exclude=props("id", "made", "seen"))

def test_include(golden):
    assert {"a": 1, "b": uuid4()} == golden(include=paths("a"))

def test_defaults(golden):
    assert {"a": 1, "b": uuid4()} == golden.with_defaults(exclude=props("b"))

def test_a_connection_that_is_left_out(golden):
    assert {"a": 1, "connection": object()} == golden(exclude=props("connection"))

def test_difference(golden):
    assert {"a": 1, "b": 2} == golden
    assert {"a": 1, "b": 3} == golden(diff=0)
"""


def test_matchers_filters_names_and_differences(shop: Shop) -> None:
    shop.tests(VARYING).updated()
    files = {name.partition("/")[2]: content.decode() for name, content in shop.files().items()}
    assert '{"$record": {"type": "syrupy.Repr", "fields": {"repr": "UUID"}}}' in re.sub(
        r"\s+", " ", files["test_matcher.golden"]
    ).replace("{ ", "{").replace(" }", "}")
    assert '"seen"' not in files["test_exclude.golden"]
    assert '"sku"' in files["test_exclude.golden"]
    assert files["test_include.golden"] == files["test_defaults.golden"]
    assert '- "b": 2' in re.sub(r" +", " ", files["test_difference.1.golden"]).replace('\\"', '"')
    shop.run().exits(0).has("6 passed", "7 snapshots passed")


# -- what is wrong is an error that no comparison swallows -------------------------------------------

DAMAGES = {
    "empty": (b"", "snapshot-damaged"),
    "cut": (b'{\n  "schema": 1,\n  "val', "snapshot-damaged"),
    "no object": (b"[]", "snapshot-damaged"),
    "no value": (b'{"schema": 1}', "snapshot-damaged"),
    "no schema": (b'{"value": 1}', "snapshot-damaged"),
    "one key more": (b'{"schema": 1, "value": 1, "other": 1}', "snapshot-damaged"),
    "schema that is no number": (b'{"schema": true, "value": 1}', "snapshot-damaged"),
    "unknown tag": (b'{"schema": 1, "value": {"$money": "1"}}', "snapshot-damaged"),
    "NaN": (b'{"schema": 1, "value": NaN}', "snapshot-damaged"),
    "a key twice": (b'{"schema": 1, "value": {"a": 1, "a": 2}}', "snapshot-damaged"),
    "no UTF-8": (b'{"schema": 1, "value": "\xff"}', "snapshot-damaged"),
    "bomb": (b'{"schema": 1, "value": ' + b"[" * 5000 + b"]" * 5000 + b"}", "snapshot-damaged"),
    "newer": (b'{"schema": 2, "value": 1}', "snapshot-newer"),
    "conflict": (b"<<<<<<< ours\n1\n=======\n2\n>>>>>>> theirs\n", "json-conflict"),
}


@pytest.mark.parametrize("unequal", [False, True], ids=["==", "!="])
def test_a_damaged_file_is_a_named_error_and_stays_as_it_is(shop: Shop, unequal: bool) -> None:
    shop.tests(numbered("n == golden", len(DAMAGES))).updated()
    if unequal:
        shop.edit("n == golden", "n != golden", "tests/test_shop.py")
    for number, (content, _) in enumerate(DAMAGES.values()):
        (shop.snapshots / f"test_shop/test_n[{number}].golden").write_bytes(content)
    run = shop.run("-rf").exits(1).has(f"{len(DAMAGES)} failed").no_traceback()
    for number, (name, (_, slug)) in enumerate(DAMAGES.items()):
        message = rf"__snapshots__/test_shop/test_n\[{number}\]\.golden[:,][^\n]*\[{slug}\] hint: "
        assert re.search(message, run.out), f"{name}: {run.out}"
    before = shop.files()
    shop.update().exits(1).has(f"{len(DAMAGES)} failed")
    assert shop.files() == before, "what is damaged is restored or deleted by people, never overwritten"


def test_a_damaged_file_that_was_deleted_can_be_written_again(shop: Shop) -> None:
    before = shop.updated().files()
    shop.damage(b"{").update().exits(1)
    (shop.snapshots / INVOICE).unlink()
    assert shop.updated().files() == before


@pytest.mark.parametrize(
    ("value", "slug", "place"),
    [
        ("{'a': [object()]}", "value-unsupported", "$.a[0]: builtins.object"),
        ("iter([])", "value-unsupported", "$: builtins.list_iterator"),
        ("cycle", "value-too-deep", "contains itself"),
        ("{1: 1, 2: {Unhashable(): 1}}", "value-unsupported", "Unhashable"),
    ],
)
@pytest.mark.parametrize("how", ["==", "!="])
def test_an_object_that_cannot_be_stored_is_an_error(
    shop: Shop, value: str, slug: str, place: str, how: str
) -> None:
    shop.tests(
        "class Unhashable: pass\ncycle = []\ncycle.append(cycle)\n"
        f"def test_it(golden):\n    try:\n        assert {value} {how} golden\n"
        "    except Exception:\n        pass\n"
    )
    shop.update().exits(1).has(f"[{slug}]", place).no_traceback()
    assert shop.files() == {}


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="this system has no symbolic links to speak of")
@pytest.mark.parametrize("part", ["__snapshots__", "__snapshots__/test_shop", f"__snapshots__/{INVOICE}"])
def test_links_are_not_followed(shop: Shop, part: str) -> None:
    shop.tests("def test_invoice(golden):\n    assert 1 == golden\n").updated()
    link, outside = shop.project.root / "tests" / part, shop.project.root / "outside"
    link.rename(outside)
    link.symlink_to(outside)
    before = outside.read_bytes() if outside.is_file() else sorted(outside.rglob("*"))
    shop.run().exits(1).has("[store-symlink]").no_traceback()
    shop.edit("1 ==", "2 ==", "tests/test_shop.py").update().exits(1).has("[store-symlink]")
    assert (outside.read_bytes() if outside.is_file() else sorted(outside.rglob("*"))) == before


def test_a_folder_that_cannot_be_written(shop: Shop) -> None:
    (shop.project.root / "tests/__snapshots__").write_text("a file")
    shop.update().exits(1)
    assert (shop.project.root / "tests/__snapshots__").read_text() == "a file"


# -- secrets -----------------------------------------------------------------------------------------

SECRET = """
def test_login(golden):
    assert {"user": "ada", "password": "lovelace", "internal_code": "x-42"} == golden
"""


def test_secrets_are_replaced_before_they_are_stored(shop: Shop) -> None:
    shop.tests(SECRET).updated(env=KEY)
    (text,) = shop.files().values()
    assert b"lovelace" not in text
    assert re.search(rb'"password": "scrubbed:password:[0-9a-f]{12}"', text)
    assert b'"internal_code": "x-42"' in text
    shop.run(env=KEY).exits(0)
    run = shop.edit("lovelace", "babbage", "tests/test_shop.py").run(env=KEY).exits(1)
    assert run.out.count("babbage") == run.out.count('"password": "babbage"'), (
        "only in the source that pytest shows"
    )


def test_without_the_key_nothing_is_stored_or_compared(shop: Shop) -> None:
    shop.tests(SECRET).update().exits(1).has("[scrub-key-missing]", "$.password").no_traceback()
    assert shop.files() == {}
    shop.updated(env=KEY).run().exits(1).has("[scrub-key-missing]")


def test_the_projects_own_redaction(pytester: pytest.Pytester) -> None:
    extra = "\n[tool.characterize.redaction]\nfields = ['internal_code']\nkeep = ['password']\n"
    shop = Shop.make(pytester, SECRET, extra).updated(env=KEY)
    (text,) = shop.files().values()
    assert b'"password": "lovelace"' in text
    assert b"x-42" not in text


def test_a_configuration_that_is_wrong_is_told(pytester: pytest.Pytester) -> None:
    shop = Shop.make(pytester, SECRET, "\n[tool.characterize]\nnonsense = 1\n")
    shop.update(env=KEY).exits(1).has("[config-unknown-key]", "nonsense").no_traceback()
    assert shop.files() == {}


def test_what_looks_like_a_secret_is_not_written(shop: Shop) -> None:
    shop.tests("def test_it(golden):\n    assert {'note': 'qX7vR2mK9pLs4TzW8bYc3NdF'} == golden\n")
    run = shop.update().exits(1).has("[scrub-leak]", "high-entropy", "line 4").no_traceback()
    assert shop.files() == {}
    message = next(line for line in run.out.splitlines() if "[scrub-leak]" in line)
    assert "qX7vR2mK9pLs4TzW8bYc3NdF" not in message


# -- beside characterization tests -------------------------------------------------------------------


def test_unused_snapshots_fail_a_replay_that_passes(project: Project) -> None:
    project.write("tests/conftest.py", CONFTEST)
    project.write("tests/test_more.py", "def test_more(golden):\n    assert 1 == golden\n").recorded()
    project.pytest("--snapshot-update").exits(0)
    project.replay().exits(0).says("PASS", matched=3).has("1 snapshot passed")
    project.write("tests/test_more.py", "def test_more():\n    pass\n")
    project.replay().exits(1).says("PASS", matched=3).has("1 snapshot unused")


def test_a_usage_error_keeps_its_exit_status(project: Project) -> None:
    project.edit("tests/test_shop.py", 'cases=[{"quantity": 1}', 'cases=[{"amount": 1}')
    project.pytest("--characterize").exits(4).has("case-uneven")
    project.pytest("--characterize", "-p", "no:syrupy").exits(4)


LETTERS = """
def price(quantity):
    lines = [f"{n} pieces" for n in range(quantity, quantity + 5)]
    return {"letter": "Dear Ada,\\n" + "\\n".join(lines) + "\\n", "quantity": quantity}
"""


def test_a_drift_of_a_long_text_is_shown_line_by_line(pytester: pytest.Pytester) -> None:
    project = Project.make(pytester, legacy=LETTERS, shop=LETTERS.replace("pieces", "items")).recorded()
    run = project.replay().exits(1).says("DRIFT", drifted=3)
    assert (
        "    - legacy  + candidate\n      'Dear Ada,\\n'\n    - '1 pieces\\n'\n    + '1 items\\n'\n"
        in run.out
    )


def test_without_a_syrupy_that_fits_a_drift_is_shown_as_before(pytester: pytest.Pytester) -> None:
    project = Project.make(pytester, legacy=LETTERS, shop=LETTERS.replace("pieces", "items")).recorded()
    project.write("syrupy-8.1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: syrupy\nVersion: 8.1.0\n")
    first = os.pathsep.join([str(project.root), os.environ.get("PYTHONPATH", "")]).strip(os.pathsep)
    run = project.replay("-p", "no:syrupy", env={"PYTHONPATH": first}).exits(1).says("DRIFT", drifted=3)
    run.has("    legacy     'Dear Ada,\\n1 pieces\\n").no_traceback()
    assert "- legacy" not in run.out
