"""Django's management commands, called in this process as ``manage.py`` would call them in one of its own."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_characterize.errors import ReplayError


def status(name: str, arguments: Sequence[str]) -> int:
    """Call the command within the test's transaction, and tell the exit status.

    A ``CommandError`` ends it as it ends ``manage.py``, with a line on stderr; any other exception, and
    ``SystemExit``, which an error of its command line is, are the caller's to see.

    Raises:
        ReplayError: ``command-unknown``: no installed application has it.
    """
    from django.core.management import CommandError, get_commands, load_command_class
    from django.core.management.base import BaseCommand

    found = get_commands().get(name)
    if found is None:
        raise ReplayError(
            f"no installed application has a management command {name!r}",
            slug="command-unknown",
            hint="see manage.py help for the names",
        )
    command = found if isinstance(found, BaseCommand) else load_command_class(found, name)
    # as run_from_argv does, which would close the test's connections
    command._called_from_command_line = True  # type: ignore[attr-defined]
    try:
        options = vars(command.create_parser("manage.py", name).parse_args(list(arguments)))
        positional = options.pop("args", ())
        command.execute(*positional, **options | {"skip_checks": True})
    except CommandError as error:
        command.stderr.write(f"{type(error).__name__}: {error}")
        return error.returncode
    return 0
