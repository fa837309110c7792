"""Running commands under an account that database servers accept.

They refuse root, and a user whom the system does not know (as some containers have it). We then enter a user
namespace in which our files belong to ``nobody``; nothing is created in the system and no permission of any
folder changes. Where namespaces are forbidden, root becomes ``nobody`` in earnest, and what that writes to is
handed over to it.
"""

from __future__ import annotations

import functools
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pytest_characterize.errors import ConfigurationError

STRANGER: Final = "nobody"


@dataclass(frozen=True, slots=True)
class Account:
    """How a server's commands are run.

    Attributes:
        prefix: put before every command.
        owner: the account that must own the server's files, ``None`` where they can stay ours.
    """

    prefix: tuple[str, ...] = ()
    owner: str | None = None

    def command(self, *words: str | Path) -> list[str]:
        """The command, to be run under this account."""
        return [*self.prefix, *(str(word) for word in words)]

    def hand_over(self, folder: Path) -> None:
        """Make the account the owner of a folder of ours and everything in it."""
        if self.owner is None:
            return
        user = pwd.getpwnam(self.owner)
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


@functools.cache
def server_account(stopped_by: str = "INT") -> Account:
    """The account for this process: its own, unless that is root.

    Args:
        stopped_by: the signal that makes the server stop in order.

    Raises:
        ConfigurationError: ``server-as-root``: root, and neither a namespace nor ``nobody`` can be used.
    """
    account = _account()
    # Only a second safety, for when the server's keeper is killed; not every system has it.
    dying = (*account.prefix, "setpriv", "--pdeathsig", stopped_by)
    return replace(account, prefix=dying) if _works(dying) else account


def _account() -> Account:
    root = os.geteuid() == 0
    if not root and _is_known(os.geteuid()):
        return Account()
    if _is_known(STRANGER) and _works(in_namespace()):
        return Account(prefix=in_namespace())
    if not root:
        return Account()
    if _is_known(STRANGER) and _works(as_stranger()):
        return Account(prefix=as_stranger(), owner=STRANGER)
    raise ConfigurationError(
        "a database server does not run as root, and neither a user namespace nor 'nobody' can be used here",
        slug="server-as-root",
        hint="run as an ordinary user, or install util-linux (unshare, setpriv)",
    )


def in_namespace() -> tuple[str, ...]:
    """Prefix of commands that see our account as ``nobody``'s."""
    user = pwd.getpwnam(STRANGER)
    return ("unshare", "--user", f"--map-user={user.pw_uid}", f"--map-group={user.pw_gid}")


def as_stranger() -> tuple[str, ...]:
    """Prefix of commands that are run by ``nobody``."""
    user = pwd.getpwnam(STRANGER)
    return ("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")


def _is_known(user: int | str) -> bool:
    try:
        pwd.getpwuid(user) if isinstance(user, int) else pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _works(prefix: Sequence[str]) -> bool:
    if shutil.which(prefix[0]) is None:
        return False
    tried = subprocess.run([*prefix, "true"], capture_output=True, check=False)
    return tried.returncode == 0
