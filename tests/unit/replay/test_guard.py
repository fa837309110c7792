from __future__ import annotations

import asyncio
import http.client
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest

from pytest_characterize.errors import ConfigurationError, LegacyContactError
from pytest_characterize.replay.guard import Guard
from tests.unit.replay.listening import Listener, listening


@pytest.fixture
def legacy() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


def _by_socket(port: int) -> None:
    with closing(socket.socket()) as client:
        client.connect(("127.0.0.1", port))


def _by_connect_ex(port: int) -> None:
    with closing(socket.socket()) as client:
        client.connect_ex(("127.0.0.1", port))


def _by_name(port: int) -> None:
    with closing(socket.socket()) as client:
        client.connect(("localhost", port))


def _by_ipv6(port: int) -> None:
    with closing(socket.socket(socket.AF_INET6)) as client:
        client.connect(("::ffff:127.0.0.1", port))


def _by_create_connection(port: int) -> None:
    socket.create_connection(("localhost", port)).close()


def _by_http_client(port: int) -> None:
    with closing(http.client.HTTPConnection("localhost", port)) as client:
        client.request("GET", "/")
        client.getresponse()


def _by_urllib(port: int) -> None:
    urllib.request.urlopen(f"http://127.0.0.1:{port}/").close()


def _by_httpx(port: int) -> None:
    httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)


def _by_asyncio(port: int) -> None:
    async def connect() -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()

    asyncio.run(connect())


def _by_async_httpx(port: int) -> None:
    async def get() -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.get(f"http://127.0.0.1:{port}/")

    try:
        asyncio.run(get())
    except BaseExceptionGroup as group:  # anyio's task groups wrap what is no Exception
        raise group.exceptions[0] from None


def _by_datagram(port: int) -> None:
    with closing(socket.socket(type=socket.SOCK_DGRAM)) as client:
        client.sendto(b"x", ("127.0.0.1", port))


def _by_message(port: int) -> None:
    with closing(socket.socket(type=socket.SOCK_DGRAM)) as client:
        client.sendmsg([b"x"], [], 0, ("127.0.0.1", port))


WAYS = [
    _by_socket,
    _by_connect_ex,
    _by_name,
    _by_ipv6,
    _by_create_connection,
    _by_http_client,
    _by_urllib,
    _by_httpx,
    _by_asyncio,
    _by_async_httpx,
    _by_datagram,
    _by_message,
]


@pytest.mark.parametrize("reach", WAYS)
def test_an_attempt_is_refused_and_noted_and_nothing_arrives(
    reach: Callable[[int], None], legacy: Listener
) -> None:
    refused = pytest.raises(LegacyContactError, match=f":{legacy.port} at .*allow-list")
    with Guard().watching() as attempts, refused:
        reach(legacy.port)
    assert [(attempt.how, attempt.target.rpartition(":")[2]) for attempt in attempts] == [
        ("send to" if reach in (_by_datagram, _by_message) else "connect to", str(legacy.port))
    ]
    assert legacy.calls == 0


@pytest.mark.parametrize("reach", [way for way in WAYS if way not in (_by_ipv6,)])
def test_an_allowed_address_is_reached(reach: Callable[[int], None], legacy: Listener) -> None:
    hung_up = suppress(OSError, http.client.HTTPException, httpx.HTTPError)
    with Guard([f"localhost:{legacy.port}"]).watching() as attempts, hung_up:
        reach(legacy.port)
    assert attempts == []


def test_another_port_of_an_allowed_host_is_refused(legacy: Listener) -> None:
    with Guard(["localhost:1", "127.0.0.1:2"]).watching(), pytest.raises(LegacyContactError):
        _by_socket(legacy.port)


def test_an_address_may_be_permitted_while_watching(legacy: Listener) -> None:
    guard = Guard()
    with guard.watching() as attempts:
        guard.permit(legacy.address)
        _by_socket(legacy.port)
    assert attempts == []


def test_nothing_is_refused_outside_the_block(legacy: Listener) -> None:
    with Guard().watching():
        pass
    _by_socket(legacy.port)


def test_nothing_is_refused_after_an_exception_left_the_block(legacy: Listener) -> None:
    with pytest.raises(ZeroDivisionError), Guard().watching():
        raise ZeroDivisionError
    _by_socket(legacy.port)


def test_except_exception_does_not_swallow_it(legacy: Listener) -> None:
    with Guard().watching(), pytest.raises(LegacyContactError), suppress(Exception):
        _by_socket(legacy.port)


def test_whoever_swallows_everything_is_noted_nevertheless(legacy: Listener) -> None:
    with Guard().watching() as attempts:
        for _ in range(2):
            with suppress(BaseException):
                _by_socket(legacy.port)
    assert len(attempts) == 2


def test_threads_are_watched(legacy: Listener) -> None:
    caught: list[BaseException] = []

    def reach() -> None:
        try:
            _by_socket(legacy.port)
        except BaseException as error:
            caught.append(error)

    with Guard().watching() as attempts:
        thread = threading.Thread(target=reach)
        thread.start()
        thread.join()
    assert [type(error) for error in caught] == [LegacyContactError]
    assert len(attempts) == 1


def test_blocks_nest_and_the_innermost_decides(legacy: Listener) -> None:
    with Guard().watching() as outer:
        with Guard([legacy.address]).watching() as inner:
            _by_socket(legacy.port)
        with pytest.raises(LegacyContactError):
            _by_socket(legacy.port)
    assert (len(outer), len(inner)) == (1, 0)


def test_the_attempt_tells_the_line_of_the_candidate(legacy: Listener) -> None:
    with Guard().watching() as attempts, pytest.raises(LegacyContactError):
        _by_urllib(legacy.port)
    line = _by_urllib.__code__.co_firstlineno + 1
    assert attempts[0].place == f"{__file__}:{line}"
    assert str(attempts[0]) == f"tried to connect to 127.0.0.1:{legacy.port} at {__file__}:{line}"


def test_a_malformed_allow_list_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="no address"):
        Guard(["http://localhost:80"])


# -- names ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "resolve",
    [
        lambda name: socket.getaddrinfo(name, 80),
        lambda name: socket.getaddrinfo(name.encode(), None),
        socket.gethostbyname,
        socket.gethostbyaddr,
        lambda name: socket.getnameinfo((name, 80), 0),
        lambda name: socket.create_connection((name, 80)),
        lambda name: asyncio.run(asyncio.open_connection(name, 80)),
    ],
)
def test_a_foreign_name_is_not_even_resolved(resolve: Callable[[str], object]) -> None:
    with Guard(["other.invalid:80"]).watching() as attempts, pytest.raises(LegacyContactError):
        resolve("legacy.invalid")
    assert [(attempt.how, attempt.target) for attempt in attempts] == [("resolve", "legacy.invalid")]


def test_an_allowed_name_may_be_resolved_and_fails_as_it_would() -> None:
    with Guard(["db.invalid:80"]).watching() as attempts, pytest.raises(socket.gaierror):
        socket.getaddrinfo("db.invalid", 80)
    assert attempts == []


def test_what_an_allowed_name_resolves_to_may_be_reached() -> None:
    name = socket.gethostname()
    number = socket.gethostbyname(name)
    with closing(socket.socket()) as server:
        server.bind((number, 0))
        server.listen()
        port = server.getsockname()[1]
        with Guard([f"{name}:{port}"]).watching() as attempts:
            socket.create_connection((name, port)).close()
        with Guard([f"{name}:1"]).watching(), pytest.raises(LegacyContactError):
            socket.create_connection((name, port))
    assert attempts == []


def test_this_machine_may_look_up_itself() -> None:
    with Guard().watching() as attempts:
        socket.getfqdn()
        socket.getaddrinfo("localhost", 80)
        socket.getaddrinfo(None, 80)
        socket.getaddrinfo("127.0.0.1", 80)
        socket.gethostbyaddr("127.0.0.1")
    assert attempts == []


# -- unix sockets and the process's own plumbing -------------------------------------------------------


def test_unix_sockets(tmp_path: Path) -> None:
    path = str(tmp_path / "legacy.sock")
    with listening(path) as legacy:
        for allow, refused in (([], True), ([path], False), ([str(tmp_path)], False)):
            client = closing(socket.socket(socket.AF_UNIX))
            with Guard(allow).watching() as attempts, suppress(LegacyContactError), client as sock:
                sock.connect(path)
            assert [attempt.target for attempt in attempts] == ([path] if refused else [])
    assert legacy.calls <= 2


def test_abstract_unix_sockets() -> None:
    name = f"characterize-{os.getpid()}"
    with listening(f"\0{name}") as legacy:
        for allow in ([], [f"@{name}"]):
            client = closing(socket.socket(socket.AF_UNIX))
            with Guard(allow).watching() as attempts, suppress(LegacyContactError), client as sock:
                sock.connect(f"\0{name}")
            assert [attempt.target for attempt in attempts] == ([] if allow else [f"@{name}"])
    assert legacy.calls <= 1


def test_asking_the_kernel_is_no_contact() -> None:
    with Guard().watching() as attempts, closing(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)) as kernel:
        kernel.connect((0, 0))
    assert attempts == []


def test_an_unknown_family_is_refused() -> None:
    try:
        client = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
    except OSError:
        pytest.skip("this kernel has no vsock")
    with closing(client), Guard().watching() as attempts, pytest.raises(LegacyContactError):
        client.connect((2, 80))
    assert [attempt.target for attempt in attempts] == ["AF_VSOCK (2, 80)"]


def test_event_loops_may_talk_to_themselves() -> None:
    with Guard().watching() as attempts:
        asyncio.run(asyncio.sleep(0.001))
        one, other = socket.socketpair()
        one.sendall(b"x")
        assert other.recv(1) == b"x"
        one.close()
        other.close()
    assert attempts == []


@pytest.mark.parametrize(("file", "refused"), [(socket.__file__, False), ("services.py", True)])
def test_where_socketpair_is_a_loopback_connection_it_is_known_by_its_code(file: str, refused: bool) -> None:
    source = """
def _fallback_socketpair():
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())
"""
    scope = {"socket": socket}
    exec(compile(source, file, "exec"), scope)
    with Guard().watching() as attempts, suppress(LegacyContactError):
        scope["_fallback_socketpair"]()  # type: ignore[operator]
    assert bool(attempts) is refused


def test_a_pool_of_ones_own_processes_may_be_used() -> None:
    with Guard().watching() as attempts, multiprocessing.get_context("forkserver").Pool(1) as pool:
        assert pool.apply(os.getpid) != os.getpid()
    assert attempts == []


# -- programs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "client"),
    [
        (lambda: subprocess.run(["psql", "-c", "select 1"], check=False), "psql"),
        (lambda: subprocess.run(["/usr/bin/curl", "http://legacy"], check=False), "curl"),
        (lambda: subprocess.run([Path("/usr/bin/curl")], check=False), "curl"),
        (lambda: subprocess.run("cd / && wget legacy", shell=True, check=False), "wget"),
        (lambda: subprocess.check_output(b"mysql", shell=True), "mysql"),
        (lambda: os.system("true; psql"), "psql"),
        (lambda: os.popen("psql"), "psql"),
        (lambda: os.posix_spawn("/usr/bin/ssh", ["ssh", "legacy"], {}), "ssh"),
        (lambda: os.execvp("psql", ["psql"]), "psql"),
        (lambda: asyncio.run(asyncio.create_subprocess_exec("psql")), "psql"),
        (lambda: asyncio.run(asyncio.create_subprocess_shell("psql")), "psql"),
    ],
)
def test_network_clients_are_not_started(start: Callable[[], object], client: str) -> None:
    with Guard().watching() as attempts, pytest.raises(LegacyContactError):
        start()
    assert {(attempt.how, attempt.target) for attempt in attempts} == {("run", client)}


def test_other_programs_are_started() -> None:
    with Guard().watching() as attempts:
        done = subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True, check=True)
        assert os.system("exit 0") == 0
    assert (done.stdout.strip(), attempts) == (b"42", [])


def test_a_network_client_may_be_allowed() -> None:
    with Guard(["run:psql"]).watching() as attempts:
        subprocess.run("psql --no-such-option; true", shell=True, check=True, capture_output=True)
    assert attempts == []
