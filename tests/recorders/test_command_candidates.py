"""A batch job of the legacy system, and its successors: a Django management command, another program."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from pytest_characterize.candidates import run_callable, run_command
from pytest_characterize.errors import ReplayError
from pytest_characterize.formats import Csv, FixedWidth, Text
from tests.plugin.project import Project

LEGACY = '''
"""Month close: one line a customer for the bank, a summary for the accountant."""
import csv, sys

def main(month, strict):
    rows = list(csv.DictReader(open("customers.csv", encoding="latin-1"), delimiter=";"))
    if not rows:
        sys.stderr.write("nothing to close\\n")
        return 4
    total = 0
    with open("bank.txt", "w", encoding="latin-1", newline="\\r\\n") as bank:
        for row in rows:
            cents = int(row["cents"])
            total += cents
            bank.write("%-10s%-12s%012d\\n" % (row["account"], row["name"][:12], cents))
        bank.write("T%05d%016d\\n" % (len(rows), total))
    with open("summary.csv", "w", newline="") as summary:
        csv.writer(summary, delimiter=";").writerows([["month", "total"], [month, "%.2f" % (total / 100)]])
    sys.stdout.write("closed %s: %d customers\\n" % (month, len(rows)))
    return 2 if strict and any(int(row["cents"]) < 0 for row in rows) else 0

sys.exit(main(sys.argv[1], "--strict" in sys.argv))
'''

SUCCESSOR = """
import csv
from decimal import Decimal
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from ledger.models import Closed


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("month")
        parser.add_argument("--strict", action="store_true")

    def handle(self, month, strict, **options):
        with open("customers.csv", encoding="latin-1") as file:
            rows = list(csv.DictReader(file, delimiter=";"))
        if not rows:
            self.stderr.write("nothing to close")
            raise SystemExit(4)
        total = sum(int(row["cents"]) for row in rows)
        lines = [
            f"{row['account']:<10}{row['name'][:12]:<12}{int(row['cents']):012d}\\r\\n" for row in rows
        ]
        trailer = f"T{len(rows):05d}{total:016d}\\r\\n"
        Path("bank.txt").write_bytes("".join([*lines, trailer]).encode("latin-1"))
        with open("summary.csv", "w", newline="") as summary:
            csv.writer(summary, delimiter=";").writerows([["month", "total"], [month, Decimal(total) / 100]])
        Closed.objects.create(month=month)
        assert Closed.objects.filter(month=month).count() == 2
        self.stdout.write(f"closed {month}: {len(rows)} customers")
        if strict and any(int(row["cents"]) < 0 for row in rows):
            raise CommandError("negative", returncode=2)
"""

TESTS = """
import sys
from pathlib import Path

import pytest
from pytest_characterize import Command, Csv, FixedWidth
from pytest_characterize.candidates import run_management_command
from ledger.models import Closed

FILES = {
    "bank.txt": FixedWidth(
        [("account", 10), ("name", 12), ("amount", 12)],
        encoding="latin-1",
        newline="\\r\\n",
        records={"T": [("kind", 1), ("count", 5), ("total", 16)]},
    ),
    "*.csv": Csv(";", encoding="latin-1"),
}
NAMES = "account;name;cents\\n"

@pytest.mark.characterize(
    legacy=Command(
        [sys.executable, Path("legacy/close.py"), "{month}", "--strict"],
        input_files={"customers.csv": "{customers}"},
        files=FILES,
        encoding="latin-1",
    ),
    cases=[
        {"month": "2024-03", "customers": NAMES + "4711;Käthe;950\\n4712;Otto von Bismarck;1205\\n"},
        {"month": "2024-04", "customers": NAMES + "4711;Käthe;-5\\n"},
        {"month": "2024-05", "customers": NAMES},
    ],
)
@pytest.mark.django_db
def test_month_close(month, customers):
    Closed.objects.create(month=month)
    return run_management_command(
        "month_close", month, "--strict",
        input_files={"customers.csv": customers}, files=FILES, encoding="latin-1",
    )
"""

SETTINGS = """
SECRET_KEY = "for tests"
INSTALLED_APPS = ["ledger"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
"""

MODELS = """
from django.db import models

class Closed(models.Model):
    month = models.CharField(max_length=7)
"""

COMMAND = "ledger/management/commands/month_close.py"


@pytest.fixture
def project(pytester: pytest.Pytester) -> Project:
    made = Project.make(pytester, tests=TESTS, extra='DJANGO_SETTINGS_MODULE = "site_settings"\n')
    made.write("legacy/close.py", LEGACY).write("site_settings.py", SETTINGS)
    for folder in ("ledger", "ledger/management", "ledger/management/commands"):
        made.write(f"{folder}/__init__.py", "")
    return made.write("ledger/models.py", MODELS).write(COMMAND, SUCCESSOR)


def drifts(project: Project, env: Mapping[str, str] | None = None) -> set[tuple[str, str]]:
    """Path and kind of every difference of the run."""
    run = project.replay(env=env).no_traceback()
    return {
        (difference["path"], difference["kind"])
        for case in run.report["cases"]
        for difference in case["differences"]
    }


def test_a_management_command_in_the_place_of_a_batch_job(project: Project) -> None:
    project.record().exits(0).no_traceback()
    golden = project.golden("2024-03").read_text()
    assert '"name": "K\\u00e4the       "' in golden
    assert '"total": "0000000000002155"' in golden
    assert '"legacy/close.py sha256"' in golden
    project.edit(COMMAND, 'raise CommandError("negative", returncode=2)', "raise SystemExit(2)")
    project.replay().exits(0).says("PASS", matched=3).has("PASS")


def test_what_differs_is_told_by_line_and_column(project: Project) -> None:
    project.recorded()
    assert drifts(project) == {("$.stderr", "empty")}
    project.edit(COMMAND, 'raise CommandError("negative", returncode=2)', "raise SystemExit(1)")
    assert drifts(project) == {("$.exit", "value")}
    project.edit(COMMAND, "raise SystemExit(1)", "raise SystemExit(2)")
    project.edit(COMMAND, "{row['name'][:12]:<12}", "{row['name'][:12]:>12}")
    assert drifts(project) == {('$.files["bank.txt"][0].name', "padding")}
    project.edit(COMMAND, "[:12]:>12}", "[:12]:<12}").edit(COMMAND, "Decimal(total) / 100", "total // 100")
    assert drifts(project) == {('$.files["summary.csv"][1].total', "rounding")}
    project.edit(COMMAND, "total // 100", 'f"{total / 100:.2f}"').edit(COMMAND, '"total"]', '"sum"]')
    assert {path for path, _ in drifts(project)} == {
        '$.files["summary.csv"][0][1]', '$.files["summary.csv"][1].total', '$.files["summary.csv"][1].sum',
    }  # fmt: skip
    project.edit(COMMAND, '"sum"]', '"total"]').edit(COMMAND, '16d}\\r\\n"', '16d}\\n"')
    assert {path for path, _ in drifts(project)} == {
        '$.files["bank.txt"][1]["line end"]', '$.files["bank.txt"][2]["line end"]',
    }  # fmt: skip


def test_a_candidate_of_another_encoding_drifts(project: Project) -> None:
    project.recorded()
    project.edit(COMMAND, '.encode("latin-1")', ".encode()")
    assert {path for path, _ in drifts(project)} >= {'$.files["bank.txt"][0].amount'}


def test_an_error_of_the_command_line_ends_it_as_a_shell_would_see(project: Project) -> None:
    project.recorded()
    project.edit("tests/test_shop.py", '"month_close", month, "--strict"', '"month_close", "--strict"')
    run = project.replay().says("DRIFT", drifted=3).no_traceback()
    (found, *_) = [
        one for case in run.report["cases"] for one in case["differences"] if one["path"] == "$.exit"
    ]
    assert (found["legacy"], found["candidate"]) == (0, 2)


def test_any_other_exception_is_the_candidates_own(project: Project) -> None:
    project.recorded()
    project.edit(
        COMMAND, "if not rows:", "if rows:\n            raise KeyError('month')\n        if not rows:"
    )
    run = project.replay().says("DRIFT", drifted=2, matched=1)
    run.has("KeyError")


def test_a_command_that_no_application_has(project: Project) -> None:
    project.recorded()
    project.edit("tests/test_shop.py", '"month_close"', '"month_open"')
    run = project.replay().says("INCOMPLETE", errored=3).no_traceback()
    assert run.problems() == {"command-unknown"}


def test_the_working_folder_and_the_streams_are_given_back(project: Project) -> None:
    project.write(
        COMMAND,
        "import os, sys\nfrom django.core.management.base import BaseCommand\n"
        "class Command(BaseCommand):\n"
        "    def handle(self, **options):\n"
        "        open('seen', 'w', encoding='latin-1').write(sys.stdin.read() + sys.stdin.encoding)\n"
        "        print('printed', os.getcwd())\n"
        "        sys.stdout.buffer.write(b'raw')\n"
        "        sys.exit('told')\n",
    )
    project.write(
        "tests/test_shop.py",
        "import os, sys\nfrom pytest_characterize import Text\n"
        "from pytest_characterize.candidates import run_management_command\n"
        "def test_it(capsys):\n"
        "    before = os.getcwd(), sys.stdin\n"
        "    how = {'files': {'*': Text('latin-1')}, 'encoding': 'latin-1'}\n"
        "    found = run_management_command('month_close', stdin='ä', **how)\n"
        "    assert found == {'exit': 1, 'stdout': 'printed <work>\\nraw', 'stderr': 'told\\n',\n"
        "                     'files': {'seen': 'älatin-1'}}\n"
        "    assert (os.getcwd(), sys.stdin) == before\n"
        "    print('still here')\n"
        "    assert capsys.readouterr().out == 'still here\\n'\n",
    )
    project.pytest().exits(0)


# -- a Python callable -----------------------------------------------------------------------------------


def test_a_callable_is_called_as_a_program_would_be() -> None:
    def close(month: str, rate: Decimal) -> int:
        rows = sys.stdin.read().splitlines()
        Path("out.csv").write_text(Path("in.csv").read_text() + f"{month};{rate * len(rows)}\n")
        sys.stdout.write(f"closed {month}\n")
        sys.stderr.write("slowly\n")
        return 3

    before = Path.cwd(), sys.stdin, sys.stdout
    found = run_callable(
        close,
        "2024-03",
        Decimal("1.50"),
        stdin="a\nb\n",
        input_files={"in.csv": "month;total\n"},
        files={"*.csv": Csv(";")},
    )
    heading, row = ["month", "total"], {"month": "2024-03", "total": "3.00"}
    assert found == {
        "exit": 3,
        "stdout": "closed 2024-03\n",
        "stderr": "slowly\n",
        "files": {"in.csv": [heading], "out.csv": [heading, row]},
    }
    assert (Path.cwd(), sys.stdin, sys.stdout) == before


@pytest.mark.parametrize(
    ("code", "status", "stderr"),
    [(None, 0, ""), (0, 0, ""), (True, 1, ""), (7, 7, ""), (-1, 255, ""), ("no rows", 1, "no rows\n")],
)
def test_what_it_returns_is_its_exit_status(code: object, status: int, stderr: str) -> None:
    for main in (lambda: code, lambda: sys.exit(code)):  # type: ignore[arg-type]
        assert run_callable(main) == {"exit": status, "stdout": "", "stderr": stderr, "files": {}}


def test_any_other_exception_of_a_callable_is_the_candidates_own() -> None:
    def fails() -> None:
        raise KeyError("month")

    folder = Path.cwd()
    with pytest.raises(KeyError):
        run_callable(fails)
    assert Path.cwd() == folder


# -- another program -------------------------------------------------------------------------------------


def test_a_program_as_candidate() -> None:
    script = "import sys; open('out.csv', 'w').write(sys.stdin.read()); print(sys.argv[1:]); sys.exit(3)"
    assert run_command([sys.executable, "-c", script, 7], stdin="a;b\n1; 2\n", files={"*.csv": Csv(";")}) == {
        "exit": 3,
        "stdout": "['7']\n",
        "stderr": "",
        "files": {"out.csv": [["a", "b"], {"a": "1", "b": " 2"}]},
    }


def test_what_a_candidate_leaves_in_another_form_is_kept_as_bytes() -> None:
    script = "printf '\\344'; printf '\\344' >&2; printf '\\344' >a.txt"
    files = {"*.txt": Text(), "*": FixedWidth([("a", 1)])}
    assert run_command(["sh", "-c", script], files=files) == {
        "exit": 0, "stdout": b"\xe4", "stderr": b"\xe4", "files": {"a.txt": b"\xe4"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("argv", "how", "slug"),
    [
        (["sleep", "600"], {"timeout": 0.2}, "command-timeout"),
        (["yes"], {}, "command-too-much"),
        (["no_such_program"], {}, "command-unknown"),
        (["true"], {"files": {"*": Csv(";;")}}, "command-files"),
        (["true"], {"stdin": "€", "encoding": "ascii"}, "command-encoding"),
        (["true"], {"input_files": {"../x": ""}}, "command-input-file"),
    ],
)
def test_a_candidate_that_cannot_be_observed(argv: list[str], how: dict[str, object], slug: str) -> None:
    with pytest.raises(ReplayError) as caught:
        run_command(argv, **how)  # type: ignore[arg-type]
    assert caught.value.slug == slug
    assert "candidate" in str(caught.value) or slug in (
        "command-files",
        "command-encoding",
        "command-input-file",
    )


PROGRAM = """
import sys
from pathlib import Path

import pytest
from pytest_characterize import Command, Csv
from pytest_characterize.candidates import run_command

FILES = {"*.csv": Csv(";")}

@pytest.mark.characterize(
    legacy=Command([sys.executable, Path("legacy/export.py"), "{month}"], files=FILES),
    cases=[{"month": "03"}, {"month": "04"}],
)
def test_export(month):
    return run_command([sys.executable, Path("export.py"), month], files=FILES)
"""

EXPORT = "import sys\nopen('out.csv', 'w').write('month;n\\n%s;%5d\\n' % (sys.argv[1], 12))\nprint('ok')\n"


def exporting(pytester: pytest.Pytester) -> Project:
    return Project.make(pytester, tests=PROGRAM).write("legacy/export.py", EXPORT).write("export.py", EXPORT)


def test_the_same_program_elsewhere_matches_until_it_differs(pytester: pytest.Pytester) -> None:
    project = exporting(pytester)
    project.recorded().replay().exits(0).says("PASS", matched=2)
    project.edit("export.py", "%5d", "%d")
    assert drifts(project) == {('$.files["out.csv"][1].n', "padding")}
    run = (
        project.edit("export.py", "print('ok')", "import time; time.sleep(60)")
        .edit("tests/test_shop.py", "month], files", "month], timeout=0.5, files")
        .replay()
    )
    run.says("INCOMPLETE", errored=2).no_traceback()
    assert run.problems() == {"command-timeout"}


def test_a_callable_in_the_place_of_a_program(pytester: pytest.Pytester) -> None:
    project = exporting(pytester).recorded()
    project.write(
        "export.py",
        "def export(month):\n"
        "    with open('out.csv', 'w') as out:\n"
        "        print('month;n', f'{month};   12', sep='\\n', file=out)\n"
        "    print('ok')\n",
    )
    project.edit("tests/test_shop.py", "import run_command", "import run_callable\nfrom export import export")
    project.edit(
        "tests/test_shop.py",
        'run_command([sys.executable, Path("export.py"), month]',
        "run_callable(export, month",
    )
    project.replay().exits(0).says("PASS", matched=2)
    project.edit("export.py", ";   12", ";12")
    assert drifts(project) == {('$.files["out.csv"][1].n', "padding")}


def test_a_candidate_that_is_killed_drifts(pytester: pytest.Pytester) -> None:
    project = exporting(pytester).recorded()
    project.edit("export.py", "print('ok')", "import os; os.kill(os.getpid(), 9)")
    assert ("$.exit", "value") in drifts(project)


# -- what is no behaviour, and what is not kept ----------------------------------------------------------


def test_legacy_that_hangs_or_kills_itself_is_told_by_name_and_the_rest_goes_on(
    pytester: pytest.Pytester,
) -> None:
    project = exporting(pytester)
    project.edit("tests/test_shop.py", '{"month": "04"}', '{"month": "04"}, {"month": "05"}, {"month": "06"}')
    project.edit("tests/test_shop.py", '{month}"], files', '{month}"], timeout=0.5, files')
    project.edit(
        "legacy/export.py",
        "print('ok')",
        "import os, time\n"
        "if sys.argv[1] == '03': time.sleep(60)\n"
        "if sys.argv[1] == '05': os.abort()\n"
        "print('ok')",
    )
    run = project.record().exits(1).no_traceback()
    run.has("legacy/export.py {month}' was ended: it had not come to its end after 0.5 s")
    run.has("legacy/export.py {month}' was killed by SIGABRT")
    run.has("4 cases: 2 recorded, 2 failed")
    assert [path.name.partition("-5")[0][:8] for path in project.goldens()] == ["month-04", "month-06"]


def test_legacy_is_run_while_recording_only(pytester: pytest.Pytester) -> None:
    project = exporting(pytester)
    seen = project.root / "seen"
    project.edit("legacy/export.py", "print('ok')", f"open({str(seen)!r}, 'a').write('run '); print('ok')")
    project.recorded()
    assert seen.read_text() == "run run "
    project.replay().exits(0).says("PASS", matched=2)
    project.pytest().exits(0)
    assert seen.read_text() == "run run "
    (project.root / "legacy/export.py").unlink()
    project.replay().exits(0).says("PASS", matched=2)


def test_secrets_in_columns_are_replaced_before_anything_is_written(pytester: pytest.Pytester) -> None:
    key = {"CHARACTERIZE_SCRUB_KEY": "the key of this test"}
    project = Project.make(
        pytester, tests=PROGRAM, extra='[tool.characterize.redaction]\nfields = ["iban"]\n'
    )
    export = EXPORT.replace("month;n", "month;iban").replace("%5d", "DE%020d")
    project.write("legacy/export.py", export).write("export.py", export)
    project.record(env=key).exits(0)
    (golden, _) = project.goldens()
    assert '"iban": "scrubbed:iban:' in golden.read_text()
    for path in (project.root / "characterization").rglob("*"):
        assert path.is_dir() or b"DE000" not in path.read_bytes()
    project.replay(env=key).exits(0).says("PASS", matched=2)
    project.edit("export.py", "DE%020d", "DE%021d")
    assert {path for path, _ in drifts(project, key)} == {'$.files["out.csv"][1].iban'}
