"""The network guard: during replay the candidate reaches what is on the allow-list, and nothing else.

An audit hook sees what Python code does with sockets, names and programs; :mod:`.drivers` adds the
database drivers written in C, which raise no audit event. An attempt raises
:class:`~pytest_characterize.errors.LegacyContactError` *and* is noted, since candidates swallow
exceptions. The state is the process's, so that the candidate's threads are seen as well.

What it cannot see: traffic on connections that were opened before (so watch early), what a child
process does that is no known network client, and other C extensions with sockets of their own.
"""

from __future__ import annotations

import os
import socket
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn

from pytest_characterize.errors import LegacyContactError
from pytest_characterize.replay.allowlist import AllowList, host_port
from pytest_characterize.replay.drivers import watch_drivers
from pytest_characterize.replay.programs import network_client


@dataclass(frozen=True, slots=True)
class Attempt:
    """The candidate reached for something that is not on the allow-list.

    Attributes:
        how: ``connect to``, ``send to``, ``resolve``, ``run`` or ``become``.
        target: the address, name or program.
        place: ``file:line`` of the innermost code that belongs to no library.
    """

    how: str
    target: str
    place: str

    def __str__(self) -> str:
        return f"tried to {self.how} {self.target} at {self.place}"


class Guard:
    """Watches what the candidate reaches for.

    Args:
        allow: addresses as :class:`~pytest_characterize.replay.allowlist.AllowList` writes them.

    Raises:
        ConfigurationError: ``allow-malformed``.
    """

    def __init__(self, allow: Sequence[str] = ()) -> None:
        self.allowed = AllowList(allow)

    def permit(self, address: str) -> None:
        """Allow one more address, for example a live server's; also while watching."""
        self.allowed.add(address)

    @contextmanager
    def watching(self) -> Iterator[list[Attempt]]:
        """Refuse and note every attempt during the block.

        Blocks nest: the innermost one decides, and notes.
        """
        _install()
        watch = _Watch(self.allowed, [])
        _watches.append(watch)
        try:
            yield watch.attempts
        finally:
            _watches.remove(watch)


@dataclass(frozen=True, slots=True, eq=False)
class _Watch:
    """One case under guard: where it may go, and where it tried to."""

    allowed: AllowList
    attempts: list[Attempt]
    process: int = field(default_factory=os.getpid)

    def require(self, how: str, addresses: Iterable[str]) -> None:
        """Refuse the first of the addresses that is not allowed."""
        for address in addresses:
            if not self.allowed.permits(address):
                self.refuse(how, address)

    def refuse(self, how: str, target: str) -> NoReturn:
        """Count the attempt and break the candidate off."""
        attempt = Attempt(how, target, _place(sys._getframe(1)))
        self.attempts.append(attempt)
        raise LegacyContactError(
            f"the candidate {attempt}, which is not on the allow-list"
            " (if it may reach it, add it to [tool.characterize] allow)"
        )


_watches: Final[list[_Watch]] = []
_installing: Final = threading.Lock()
_resolving: Final = threading.local()
_installed = False


def _install() -> None:
    """An audit hook cannot be taken back, so it is installed once and does nothing while nobody watches."""
    global _installed
    with _installing:
        if not _installed:
            sys.addaudithook(_hook)
            _installed = True
        watch_drivers(_require)


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if event in _HANDLERS and _watches:  # nearly always it is not, a hundred times a test
        _HANDLERS[event](_watches[-1], args)


def _require(addresses: Iterable[str]) -> None:
    if _watches:
        _watches[-1].require("connect to", addresses)


# -- audit events --------------------------------------------------------------------------------------


def _connect(watch: _Watch, args: tuple[Any, ...]) -> None:
    sock, address = args
    if _is_own_socketpair(sys._getframe(2)):
        return
    try:
        watch.require("connect to", _addresses(sock, address))
    except LegacyContactError:
        sock.close()  # the libraries close it after an OSError only
        raise


def _send(watch: _Watch, args: tuple[Any, ...]) -> None:
    if args[1] is not None:
        watch.require("send to", _addresses(args[0], args[1]))


def _addresses(sock: socket.socket, address: Any) -> list[str]:
    """What a socket call is about to reach; nothing for the kernel and for processes of one's own."""
    if sock.family in (socket.AF_INET, socket.AF_INET6):
        return [host_port(_text(address[0]), address[1])]
    if sock.family == getattr(socket, "AF_UNIX", None):
        path = os.fsdecode(address)
        return [] if _is_own_process(path) else ["@" + path[1:] if path.startswith("\0") else path]
    if sock.family == getattr(socket, "AF_NETLINK", None):
        return []
    return [f"{socket.AddressFamily(sock.family).name} {address!r}"]


def _is_own_process(path: str) -> bool:
    """Whether this is how ``multiprocessing`` talks to the processes that it has started."""
    process = sys.modules.get("multiprocessing.process")
    folder = process.current_process()._config.get("tempdir") if process else None
    return folder is not None and path.startswith(folder + os.sep)


def _is_own_socketpair(frame: FrameType) -> bool:
    """Where there are no unix sockets, asyncio's wake-up pair is a loopback connection to itself."""
    code = frame.f_code
    return code.co_filename == socket.__file__ and code.co_name in ("socketpair", "_fallback_socketpair")


def _resolve(watch: _Watch, args: tuple[Any, ...]) -> None:
    """Refuse names of foreign hosts; learn the numbers of allowed ones before the candidate uses them."""
    host = _text(args[0] or "")
    if not host or getattr(_resolving, "busy", False):
        return
    if not watch.allowed.permits_name(host) and host != socket.gethostname():
        watch.refuse("resolve", host)
    _resolving.busy = True
    try:
        for *_, address in socket.getaddrinfo(host, None):
            watch.allowed.learn(host, str(address[0]))
    except OSError:
        pass  # the candidate will meet the same failure, and it is behaviour
    finally:
        _resolving.busy = False


def _name_of(watch: _Watch, args: tuple[Any, ...]) -> None:
    _resolve(watch, args[0][:1])


def _run(watch: _Watch, args: tuple[Any, ...]) -> None:
    """``subprocess.Popen``, ``os.exec``, ``os.posix_spawn``: the program, and its arguments."""
    program, arguments = args[0], args[1]
    if isinstance(arguments, str | bytes | os.PathLike):
        arguments = [arguments]
    _refuse_client(watch, os.fsdecode(program or ""), [os.fsdecode(word) for word in arguments])


def _become(watch: _Watch, args: tuple[Any, ...]) -> None:
    """``os.exec``: in a child it is a program as any other; in the test's own process nothing would come after it."""
    _run(watch, args)
    if os.getpid() == watch.process:
        watch.refuse("become", os.fsdecode(args[0]))


def _shell(watch: _Watch, args: tuple[Any, ...]) -> None:
    _refuse_client(watch, "sh", [os.fsdecode(args[0])])


def _refuse_client(watch: _Watch, program: str, arguments: Sequence[str]) -> None:
    client = network_client(program, arguments)
    if client and not watch.allowed.permits(f"run:{client}"):
        watch.refuse("run", client)


_HANDLERS: Final[Mapping[str, Callable[[_Watch, tuple[Any, ...]], None]]] = {
    "socket.connect": _connect,
    "socket.sendto": _send,
    "socket.sendmsg": _send,
    "socket.getaddrinfo": _resolve,
    "socket.gethostbyname": _resolve,
    "socket.gethostbyaddr": _resolve,
    "socket.getnameinfo": _name_of,
    "subprocess.Popen": _run,
    "os.exec": _become,
    "os.posix_spawn": _run,
    "os.spawn": lambda watch, args: _run(watch, args[1:]),
    "os.system": _shell,
}


def _text(host: str | bytes | bytearray) -> str:
    return host if isinstance(host, str) else bytes(host).decode("ascii", "replace")


_LIBRARIES: Final = (
    "<frozen ",
    *{path + os.sep for name, path in sysconfig.get_paths().items() if name.endswith("lib")},
    str(Path(__file__).parent) + os.sep,
)


def _place(frame: FrameType | None) -> str:
    """The innermost line of code outside the libraries; a thread may have none, then the innermost line."""
    innermost = frame
    while frame and frame.f_code.co_filename.startswith(_LIBRARIES):
        frame = frame.f_back
    found = frame or innermost
    return f"{found.f_code.co_filename}:{found.f_lineno}" if found else "an unknown place"
