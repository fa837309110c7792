"""Rules of legacy that another interpreter runs: the same hits as here, and what takes them away."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_characterize.descriptors import Function
from pytest_characterize.errors import RecordingError
from pytest_characterize.model import Observation
from pytest_characterize.rules.python.probes import instrument
from pytest_characterize_recorders.function import FunctionRecorder
from tests.plugin.project import Project
from tests.plugin.test_python_rules import CONFTEST, book, golden
from tests.recorders.interpreters import (
    OTHERS,
    PYTHON_2,
    THIS,
    case,
    context,
    needed,
    recording,
    the_oldest,
)

LEGACY = '''
"""Rules that every version of Python has."""
import os

class Invoice(object):
    def __init__(self, net):
        self.net = net

    @property
    def gross(self):
        return self.net * 2 if self.net > 0 else 0

def total(items, limit=None):
    found = 0
    for item in items:
        if item < 0 and limit is None:
            continue
        elif item == 13:
            raise ValueError("unlucky")
        try:
            found += int(Invoice(item).gross) // (item - 3)
        except ZeroDivisionError:
            found = -1
    else:
        found += 1
    return [one for one in (found, limit) if one is not None]

def ends():
    if os.environ:
        os._exit(3)

def late(load):
    if load:
        import old.more
        return old.more.answer(load)
    return 0
'''

MORE = """
def answer(number):
    return number if number > 1 else -1
"""

MOVES_ITSELF = """
with open(os.path.join(os.path.dirname(__file__), "__init__.py"), "r+") as source:
    text = source.read()
    source.seek(0)
    source.write("#\\n" + text)
"""

PYTHON_2_LEGACY = """# -*- coding: latin-1 -*-
def total(amount, rate):
    # Stra\xdfe
    if amount <> 0:
        print "adding", amount
    try:
        exec "share = amount / rate"
    except ZeroDivisionError, error:
        raise ValueError, `error`
    return share if share > 07 else u"\xdf"
"""

CASES: list[dict[str, Any]] = [
    {"items": []}, {"items": [1, -1, 5]}, {"items": [3]}, {"items": [13], "limit": 2}, {"items": [-1], "limit": 0},
]  # fmt: skip


def written(root: Path, name: str) -> Path:
    package = root / name
    package.mkdir()
    (package / "__init__.py").write_text(LEGACY)
    (package / "more.py").write_text(MORE)
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return written(tmp_path, "old")


def probed(recorder: FunctionRecorder) -> dict[str, str]:
    return {name: instrument(text, name).text for name, text in recorder.sources(case()).items()}


def words(recorder: FunctionRecorder, **inputs: Any) -> tuple[Observation, list[str]]:
    """What a case does with probes, and its hits in words, but for those that only say where it went in."""
    rules = {
        rule.id: rule
        for name, text in recorder.sources(case()).items()
        for rule in instrument(text, name).rules
    }
    observation, hits = recorder.observe(case(**inputs), probed(recorder))
    told = sorted((rules[hit.rule].line, f"{rules[hit.rule].text}: {rules[hit.rule].arm}") for hit in hits)
    return observation, [text for _, text in told if not text.endswith("entered")]


@pytest.fixture(scope="module")
def hits_here(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[list[str], str]]:
    """What this very process hears, of a package whose name no other test has."""
    root = written(tmp_path_factory.mktemp("here"), "old_rules_here")
    recorder = FunctionRecorder(Function("old_rules_here:total"), context(root))
    try:
        return [hits_of(recorder, inputs)[1:] for inputs in CASES]
    finally:
        recorder.close()
        del sys.modules["old_rules_here"]


def hits_of(recorder: FunctionRecorder, inputs: Mapping[str, Any]) -> tuple[Observation, list[str], str]:
    observation, told = words(recorder, **inputs)
    return observation, told, observation.outcome.how


@pytest.mark.parametrize("name", [PYTHON_2, *OTHERS])
def test_the_same_rules_are_hit_in_every_interpreter(
    root: Path, name: str, hits_here: list[tuple[list[str], str]]
) -> None:
    with recording(root, "total", needed(name)) as recorder:
        plain = [recorder.observe(case(**inputs)) for inputs in CASES]
        found = [hits_of(recorder, inputs) for inputs in CASES]
        again = [recorder.observe(case(**inputs)) for inputs in CASES]
    assert plain == again == [(observation, ()) for observation, *_ in found]
    assert [(told, how) for _, told, how in found] == hits_here
    assert "if item < 0 and limit is None: taken" in found[1][1]
    assert "except ZeroDivisionError: caught" in found[2][1]


def test_rules_that_only_python_2_can_read(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text(PYTHON_2_LEGACY, "latin-1")
    with recording(tmp_path, "total", needed(PYTHON_2), encoding="latin-1") as recorder:
        for inputs in ({"amount": 16, "rate": 2}, {"amount": 0, "rate": 2}, {"amount": 1, "rate": 0}):
            plain = recorder.observe(case(**inputs))[0]
            assert words(recorder, **inputs)[0] == plain
        assert words(recorder, amount=16, rate=2)[1] == [
            "if amount <> 0: taken", "try: no exception", "share if share > 07 else u\"\xdf\": true",
        ]  # fmt: skip
        raised, told = words(recorder, amount=1, rate=0)
        assert raised.outcome.value.types[0] == "builtins.ValueError"
        assert told == ["if amount <> 0: taken", "except ZeroDivisionError, error: caught"]


@pytest.mark.parametrize("name", [the_oldest(), THIS])
def test_hits_belong_to_one_case(root: Path, name: str) -> None:
    with recording(root, "total", name) as recorder:
        first = words(recorder, items=[1])[1]
        with pytest.raises(RecordingError) as caught:
            recorder.observe(case(nothing=1), probed(recorder))
        assert caught.value.slug == "function-arguments"
        assert words(recorder, items=[])[1] != first
        assert words(recorder, items=[1])[1] == first


@pytest.mark.parametrize("name", [the_oldest(), THIS])
def test_a_fresh_worker_has_probes_again(root: Path, name: str) -> None:
    with recording(root, "total", name) as total, recording(root, "ends", name) as ends:
        before = words(total, items=[1])
        variant = probed(ends)
        for _ in range(2):
            with pytest.raises(RecordingError) as caught:
                ends.observe(case(), variant)
            assert caught.value.slug == "worker-died"
            assert probed(ends) == variant
        killed = total._legacy._worker  # type: ignore[union-attr]
        assert killed is not None
        killed._family.process.kill()
        with pytest.raises(RecordingError, match="ended its interpreter"):
            total.observe(case(items=[1]), variant)
        assert words(total, items=[1]) == before


@pytest.mark.parametrize("name", [the_oldest(), THIS])
def test_what_a_case_imports_is_told_after_it(root: Path, name: str) -> None:
    with recording(root, "late", name) as recorder:
        assert list(recorder.sources(case())) == ["old"]
        assert words(recorder, load=0)[1] == ["if load: no branch taken"]
        assert list(recorder.sources(case())) == ["old"]
        words(recorder, load=2)
        assert recorder.sources(case()) == {"old": LEGACY, "old.more": MORE}
        assert words(recorder, load=2)[1] == [
            "number if number > 1 else -1: true",
            "if load: taken",
            "return old.more.answer(load): reached",
        ]


@pytest.mark.parametrize("name", [the_oldest(), THIS])
def test_rule_modules_may_be_named(root: Path, name: str) -> None:
    (root / "other.py").write_text("def f(x):\n    return x\n")
    (root / "old" / "__init__.py").write_text("import other\n" + LEGACY)
    with recording(root, "total", name, modules=("oth*",)) as recorder:
        assert sorted(recorder.sources(case())) == ["old", "other"]
    with recording(root, "total", name) as recorder:
        assert sorted(recorder.sources(case())) == ["old"]


@pytest.mark.parametrize("name", [the_oldest(), THIS])
@pytest.mark.parametrize(
    ("more", "variant", "slug"),
    [
        ("", {"json": "x = 1\n"}, "variant-unknown"),
        ("", {"old": "def total(:\n"}, "variant-broken"),
        (MOVES_ITSELF, {"old": "#\n" + LEGACY + MOVES_ITSELF}, "variant-stale"),
    ],
)
def test_a_text_that_cannot_be_run_is_refused_and_legacy_goes_on(
    root: Path, name: str, more: str, variant: dict[str, str], slug: str
) -> None:
    (root / "old" / "__init__.py").write_text(LEGACY + more)
    with recording(root, "total", name) as recorder:
        plain = recorder.observe(case(items=[1]))
        with pytest.raises(RecordingError) as caught:
            recorder.observe(case(items=[1]), variant)
        assert caught.value.slug == slug
        assert f"function 'old:total' in {name}" in caught.value.message
        assert "\n" not in str(caught.value)
        assert recorder.observe(case(items=[1])) == plain


# -- a story -------------------------------------------------------------------------------------------

PRICES = """
CALLS = []

def price(quantity):
    CALLS.append(quantity)
    if len(CALLS) > 3:
        return "too often"
    return quantity * 95 / 100 if quantity >= 10 else quantity
"""

CHANGED = PRICES.replace("95 / 100", "95 // 100")

PRICES_TESTS = """
import pytest
from pytest_characterize import Function
import shop

@pytest.mark.characterize(
    legacy=Function("legacy_shop:price", interpreter="{python}"),
    cases=[{{"quantity": quantity}} for quantity in (1, 10, 11)],
)
def test_price(quantity):
    shop.CALLS.clear()
    return shop.price(quantity)
"""


def test_goldens_say_which_rules_were_hit_there(pytester: pytest.Pytester) -> None:
    project = Project.make(
        pytester, tests=PRICES_TESTS.format(python=the_oldest()), legacy=PRICES, shop=CHANGED
    ).write("conftest.py", CONFTEST)
    project.recorded()
    assert golden(project, "quantity-10-")["hits"]
    (kept,) = project.root.glob("characterization/legacy/**/*legacy_shop*")
    assert "return quantity * 95 / 100" in kept.read_text()
    decision = "legacy_shop:8 quantity * 95 / 100 if quantity >= 10 else quantity"
    rules = book(project, expect=0 if the_oldest() == PYTHON_2 else 1)["rules"]
    assert rules[f"{decision}: true"][0] == 2
    assert rules[f"{decision}: false"] == [1, 1, 0]
    assert rules["legacy_shop:6 if len(CALLS) > 3: taken"] == [0, 0, 0]
