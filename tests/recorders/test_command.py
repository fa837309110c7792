"""Programs of the legacy system: what they are given, what they leave, and what is no behaviour."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pytest_characterize.commands import LIMIT
from pytest_characterize.descriptors import Command, Descriptor, Secret, Tables
from pytest_characterize.errors import RecordingError
from pytest_characterize.formats import Binary, Csv, FixedWidth, Text
from pytest_characterize.identity import case_id
from pytest_characterize.model import Case, Observation
from pytest_characterize.recording.loading import recorder_factory
from pytest_characterize.recording.protocols import RecordingContext
from pytest_characterize.scrub import Scrubber
from pytest_characterize.settings import Redaction, Settings
from pytest_characterize_recorders.command import CommandRecorder
from tests.living import ended

Observe = Callable[..., Any]


def context(root: Path, args: Mapping[str, str] | None = None) -> RecordingContext:
    return RecordingContext(
        settings=Settings(root=root),
        source=None,
        address="",
        secret=lambda secret: os.environ[secret.variable],
        scrubber=Scrubber(Redaction(), b"key"),
        args=args or {},
    )


def case(inputs: Mapping[str, Any]) -> Case:
    return Case("0" * 64, "tests/test_x.py::test_x", "x", inputs)


def observed(
    root: Path, descriptor: Descriptor, args: Mapping[str, str] | None = None, **inputs: Any
) -> Observation:
    recorder = CommandRecorder(descriptor, context(root, args))
    try:
        observation, hits = recorder.observe(case(inputs))
    finally:
        recorder.close()
    assert hits == ()
    return observation


@pytest.fixture
def left(tmp_path: Path) -> Observe:
    """What a shell script leaves."""

    def left(script: str, *words: str, inputs: Mapping[str, Any] | None = None, **how: Any) -> Any:
        (tmp_path / "job.sh").write_text(script)
        outcome = observed(tmp_path, Command(["sh", Path("job.sh"), *words], **how), **inputs or {}).outcome
        assert outcome.how == "returned"
        return outcome.value

    return left


def test_the_entry_point_names_it() -> None:
    assert recorder_factory("command") is CommandRecorder


# -- what a command is given -----------------------------------------------------------------------------


def test_arguments_are_filled(left: Observe) -> None:
    inputs = {"month": date(2024, 3, 1), "rate": Decimal("1.50"), "number": 7, "name": "a b*$(x)", "on": True}
    script = 'for word in "$@"; do echo "[$word]"; done'
    words = ["{month}", "--rate={rate}", "{number}", "{name}", "{on}", "{{name}}", "{", "{print $1}"]
    assert left(script, *words, inputs=inputs)["stdout"].splitlines() == [
        "[2024-03-01]", "[--rate=1.50]", "[7]", "[a b*$(x)]", "[true]", "[{name}]", "[{]", "[{print $1}]",
    ]  # fmt: skip


def test_inputs_may_have_other_names(tmp_path: Path) -> None:
    found = observed(tmp_path, Command(["echo", "{p_month}"]), {"p_month": "month"}, month="2024-03")
    assert found.outcome.value["stdout"] == "2024-03\n"


def test_standard_input_and_files(left: Observe) -> None:
    how = {
        "stdin": "total {total}\nKäthe",
        "input_files": {"in/{name}.txt": "{total};Käthe", "raw": b"\xe4", "whole": "{content}"},
        "encoding": "latin-1",
        "files": {"*.copy": Binary()},
    }
    inputs = {"total": Decimal("1.00"), "name": "march", "content": b"\x00\xff"}
    script = "cat >stdin.copy; cp in/march.txt file.copy; cp raw raw.copy; cp whole whole.copy"
    assert left(script, inputs=inputs, **how)["files"] == {
        "file.copy": b"1.00;K\xe4the",
        "raw.copy": b"\xe4",
        "stdin.copy": b"total 1.00\nK\xe4the",
        "whole.copy": b"\x00\xff",
    }


def test_the_environment_is_what_is_declared(left: Observe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARACTERIZE_SOURCE_BILLING_DSN", "postgresql://secret")
    given = {"MODE": "batch {month}", "TZ": "Europe/Berlin"}
    found = left("env | sort", inputs={"month": 3}, environment=given)["stdout"]
    told = dict(line.partition("=")[::2] for line in found.splitlines())
    assert told.pop("CHARACTERIZE_FAMILY")
    for name in ("PWD", "OLDPWD", "SHLVL", "_"):
        told.pop(name, None)
    assert told == {
        "PATH": os.environ["PATH"], "HOME": "<home>", "TMPDIR": "<home>", "LANG": "C.UTF-8", "TZ": "Europe/Berlin",
        "MODE": "batch 3", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip


def test_a_secret_is_given_and_never_kept(left: Observe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEGACY_PASSWORD", "hunter2")
    given = {"environment": {"PASSWORD": Secret("LEGACY_PASSWORD")}, "files": {"*.txt": Text()}}
    assert left("printf %s $PASSWORD | wc -c", **given)["stdout"].strip() == "7"
    for script, what in (
        ("echo $PASSWORD", "its output"),
        ("echo x$PASSWORD >&2", "its error output"),
        ("env >seen.txt", "the file 'seen.txt'"),
    ):
        with pytest.raises(RecordingError) as caught:
            left(script, **given)
        assert caught.value.slug == "command-secret"
        assert f"{what} holds the secret LEGACY_PASSWORD" in caught.value.message
        assert "hunter2" not in str(caught.value)
    assert left("env >seen.log", **given)["files"] == {}


def test_a_program_in_python_leaves_nothing_in_the_project(tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs/shared.py").write_text("def month():\n    return '2024-03'\n")
    (tmp_path / "jobs/close.py").write_text("import shared\nprint(shared.month())\n")
    found = observed(tmp_path, Command([sys.executable, Path("jobs/close.py")]))
    assert found.outcome.value["stdout"] == "2024-03\n"
    assert sorted(path.name for path in (tmp_path / "jobs").iterdir()) == ["close.py", "shared.py"]


def test_the_folder_is_empty_and_new_each_time(left: Observe, tmp_path: Path) -> None:
    for _ in range(2):
        found = left("ls -A; touch x $HOME/y; pwd", files={"*": Text()})
        assert found == {"exit": 0, "stdout": "<work>\n", "stderr": "", "files": {"x": ""}}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["job.sh"]


def test_nothing_of_the_folder_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    script = "mkdir -p a/b; touch a/b/c; chmod 500 a/b; chmod 000 a; ln -s / root"
    assert observed(tmp_path, Command(["sh", "-c", script])).outcome.value["exit"] == 0
    assert list(scratch.iterdir()) == []
    assert Path("/tmp").is_dir()


# -- what it leaves --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "value"),
    [
        ("exit 3", {"exit": 3, "stdout": "", "stderr": "", "files": {}}),
        ("echo out; echo err >&2", {"exit": 0, "stdout": "out\n", "stderr": "err\n", "files": {}}),
        ("printf 'a\\r\\nb'", {"exit": 0, "stdout": "a\r\nb", "stderr": "", "files": {}}),
        ("no_such_program", None),
    ],
)
def test_every_end_is_behaviour(left: Observe, script: str, value: Any) -> None:
    found = left(script)
    if value is None:
        assert (found["exit"], "not found" in found["stderr"]) == (127, True)
    else:
        assert found == value


def test_outputs_are_decoded_as_declared(left: Observe) -> None:
    script = "printf 'K\\344the'; printf 'Stra\\337e' >&2"
    found = left(script, encoding="latin-1")
    assert (found["stdout"], found["stderr"]) == ("Käthe", "Straße")
    found = left(script, encoding=None)
    assert (found["stdout"], found["stderr"]) == (b"K\xe4the", b"Stra\xdfe")


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("printf '\\344'", "its output is not what it is declared to be: byte 0 (0xe4) is not utf-8"),
        ("printf '\\344' >&2", "its error output"),
        ("printf '\\344' >a.txt", "the file 'a.txt'"),
        ("printf 'a\\n\\344' >a.csv", "the file 'a.csv' is not what it is declared to be: byte 2 (0xe4)"),
    ],
)
def test_what_is_not_as_declared_is_no_behaviour(left: Observe, script: str, told: str) -> None:
    with pytest.raises(RecordingError) as caught:
        left(script, files={"*.txt": Text(), "*.csv": Csv()})
    assert caught.value.slug == "command-unreadable"
    assert told in caught.value.message


def test_files_are_found_by_pattern_and_read_by_format(left: Observe) -> None:
    script = """
    mkdir -p out/deep
    printf 'id;name\\n7;K\\344the\\n' >out/customers.csv
    printf '  4711 950\\r\\n' >out/deep/bank.txt
    printf '%%PDF' >out/letter.pdf
    echo undeclared >log.txt
    """
    files = {
        "out/*.csv": Csv(";", "latin-1"),
        "out/**/bank.txt": FixedWidth([("account", 6), ("amount", 4)], newline="\r\n"),
        "**/*": Binary(),
    }
    assert left(script, files=files)["files"] == {
        "out/customers.csv": [["id", "name"], {"id": "7", "name": "Käthe"}],
        "out/deep/bank.txt": [{"account": "  4711", "amount": " 950"}],
        "out/letter.pdf": b"%PDF",
        "log.txt": b"undeclared\n",
    }
    assert left(script)["files"] == {}


def test_a_file_that_was_not_made_is_missing(left: Observe) -> None:
    assert left("true", files={"out.csv": Csv()})["files"] == {}


def test_an_input_file_counts_as_it_is_afterwards(left: Observe) -> None:
    found = left("echo more >>book", input_files={"book": "first\n", "other": "x"}, files={"book": Text()})
    assert found["files"] == {"book": "first\nmore\n"}


def test_what_is_no_regular_file_of_the_folder_is_none(left: Observe, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("secret")
    script = f"mkfifo pipe; ln -s {tmp_path} away; ln -s {tmp_path}/outside.txt link; ln -s gone hanging; mkdir folder"
    assert left(script, files={"*": Binary(), "away/*": Binary(), "**/*": Binary()})["files"] == {}


def test_the_place_of_the_folder_is_not_told(left: Observe) -> None:
    found = left('echo "$PWD/out"; echo "$TMPDIR" >out', files={"out": Text()})
    assert found["stdout"] == "<work>/out\n"
    assert found["files"] == {"out": "<home>\n"}


# -- what is no behaviour --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "slug", "told"),
    [
        ("sleep 600", "command-timeout", "had not come to its end after 0.5 s"),
        ("trap '' TERM; while :; do :; done", "command-timeout", "0.5 s"),
        ("kill -9 $$", "command-killed", "the command 'sh job.sh' was killed by SIGKILL"),
        ("echo half; kill -SEGV $$", "command-killed", "killed by SIGSEGV"),
        ("yes", "command-too-much", "it printed more than 8 MiB"),
        (f"head -c {LIMIT // 2 + 1} /dev/zero >a; cp a b", "command-too-much", "files of more than 8 MiB"),
    ],
)
def test_a_command_that_cannot_be_recorded(left: Observe, script: str, slug: str, told: str) -> None:
    start = time.monotonic()
    seconds = 0.5 if slug == "command-timeout" else 60
    with pytest.raises(RecordingError) as caught:
        left(script, timeout=seconds, files={"*": Binary()})
    assert caught.value.slug == slug
    assert told in caught.value.message
    assert "the command 'sh job.sh'" in caught.value.message
    assert time.monotonic() - start < 30


def test_what_it_starts_in_the_background_ends_with_the_case(left: Observe) -> None:
    started = int(left("sleep 600 & echo $!")["stdout"])
    assert ended(started)


@pytest.mark.parametrize(
    ("argv", "slug", "told"),
    [
        ("sh job.sh", "command-bad", "argv='sh job.sh' is no command"),
        ([], "command-bad", "argv=[] is no command"),
        (["sh", 3], "command-bad", "argv=['sh', 3] is no command"),
        (None, "command-bad", "argv=None is no command"),
        (["sh", Path("missing.sh")], "command-unknown", "the file 'missing.sh', which is not in the project"),
        (["no_such_program"], "command-unknown", "no_such_program: there is no such program"),
        ([Path("job.sh")], "command-unknown", "or it may not be executed"),
        (["/no/such/program"], "command-unknown", "there is no such program"),
        (["echo", "a\0b"], "command-unknown", "embedded null byte"),
    ],
)
def test_what_is_no_command(tmp_path: Path, argv: Any, slug: str, told: str) -> None:
    (tmp_path / "job.sh").write_text("true")
    with pytest.raises(RecordingError) as caught:
        observed(tmp_path, Command(argv))
    assert caught.value.slug == slug
    assert told in caught.value.message
    assert "\n" not in str(caught.value)


def test_a_file_that_no_system_can_start(tmp_path: Path) -> None:
    (tmp_path / "odd").write_bytes(b"\x7fELF nonsense")
    (tmp_path / "odd").chmod(0o755)
    with pytest.raises(RecordingError, match="Exec format error"):
        observed(tmp_path, Command([Path("odd")]))


@pytest.mark.parametrize(
    ("how", "inputs", "slug", "told"),
    [
        ({"stdin": "{on}"}, {}, "command-unknown-input", "the command asks for {on}, which is no input"),
        ({}, {"on": 1}, "command-unused-input", "the command does not use the input 'on'"),
        ({"stdin": "{on}"}, {"on": None}, "command-bad-value", "'on' in the command is None"),
        ({"stdin": "x{on}"}, {"on": b"x"}, "command-bad-value", "'on' in the command is a bytes"),
        ({"environment": {"X": "{on}"}}, {"on": [1]}, "command-bad-value", "is a list"),
        ({"stdin": "€", "encoding": "latin-1"}, {}, "command-encoding", "stdin holds '\\u20ac'"),
        (
            {"input_files": {"a": "€"}, "encoding": "ascii"},
            {},
            "command-encoding",
            "the input file 'a' holds",
        ),
        ({"input_files": {"../a": "x"}}, {}, "command-input-file", "'../a' cannot be written"),
        ({"input_files": {"/a": "x"}}, {}, "command-input-file", "not lie in the command's folder"),
        ({"input_files": {"": "x"}}, {}, "command-input-file", "not lie in the command's folder"),
        ({"input_files": {"a": "x", "a/b": "x"}}, {}, "command-input-file", "'a/b' cannot be written"),
        ({"input_files": {"{on}": "x"}}, {"on": "../../x"}, "command-input-file", "'../../x' cannot"),
        ({"files": {"../*": Text()}}, {}, "command-files", "a pattern stays within"),
        ({"files": {"/tmp/*": Text()}}, {}, "command-files", "a pattern stays within"),
        ({"files": {"": Text()}}, {}, "command-files", "a pattern stays within"),
        ({"files": {"a**": Text()}}, {}, "command-files", "between slashes"),
        ({"files": {"*": "utf-8"}}, {}, "command-files", "a str is no format"),
        ({"files": {"*": Csv(";;")}}, {}, "command-files", "one character each"),
        ({"encoding": "latin-17"}, {}, "command-files", "unknown encoding: latin-17"),
        ({"environment": {"A=B": "x"}}, {}, "command-unknown", "illegal environment variable name"),
    ],
)
def test_descriptors_that_cannot_be_asked(
    left: Observe, how: dict[str, Any], inputs: dict[str, Any], slug: str, told: str
) -> None:
    with pytest.raises(RecordingError) as caught:
        left("true", inputs=inputs, **how)
    assert caught.value.slug == slug
    assert told in caught.value.message


def test_effects_and_variants_are_refused_rather_than_left_out(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be observed") as caught:
        observed(tmp_path, Command(["true"], effects=Tables("ledger")))
    assert caught.value.slug == "effects-unobservable"
    recorder = CommandRecorder(Command(["true"]), context(tmp_path))
    with pytest.raises(RecordingError, match="variants"):
        recorder.observe(case({}), {"job.sh": "exit 1"})


# -- what is told ----------------------------------------------------------------------------------------


def test_sources_and_provenance_are_the_projects_own_files(tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs/close.sh").write_text("echo Käthe\n")
    (tmp_path / "jobs/table.bin").write_bytes(b"\xff")
    recorder = CommandRecorder(
        Command(["sh", Path("jobs/close.sh"), Path("jobs/table.bin"), "x"]), context(tmp_path)
    )
    assert recorder.sources(case({})) == {"jobs/close.sh": "echo Käthe\n"}
    assert recorder.provenance() == {
        "jobs/close.sh sha256": hashlib.sha256("echo Käthe\n".encode()).hexdigest(),
        "jobs/table.bin sha256": hashlib.sha256(b"\xff").hexdigest(),
    }
    recorder.close()
    assert CommandRecorder(Command(["true"]), context(tmp_path)).provenance() == {}


def test_how_it_is_read_is_no_part_of_the_identity() -> None:
    plain = Command(["sh", Path("job.sh")])
    declared = Command(["sh", Path("job.sh")], files={"*": Csv()}, encoding="latin-1", timeout=3)
    other = Command(["sh", "job.sh"])
    assert case_id(plain.identity(), {}) == case_id(declared.identity(), {}) != case_id(other.identity(), {})
    assert declared.as_value() == {
        "kind": "command",
        "argv": ["sh", {"file": "job.sh"}],
        "files": {"*": Csv().as_value()},
        "encoding": "latin-1",
    }


@pytest.mark.parametrize(
    "how",
    [
        {"stdin": "x"},
        {"environment": {"A": "b"}},
        {"input_files": {"a": b"x"}},
        {"environment": {"A": Secret("B")}},
    ],
)
def test_what_it_is_given_is_part_of_the_identity(how: dict[str, Any]) -> None:
    assert case_id(Command(["true"], **how).identity(), {}) != case_id(Command(["true"]).identity(), {})


def test_this_very_interpreter(tmp_path: Path) -> None:
    (tmp_path / "job.py").write_text("import sys\nsys.exit(len(sys.stdin.read()))\n")
    found = observed(tmp_path, Command([sys.executable, Path("job.py")], stdin="{text}"), text="four")
    assert found.outcome.value["exit"] == 4
