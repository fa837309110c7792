from __future__ import annotations

import gzip
import http.server
import importlib
import threading
from collections.abc import Callable, Iterator
from importlib.util import find_spec

import httpx
import pytest

from pytest_characterize.model import Outcome
from pytest_characterize.replay.outcome import returned
from pytest_characterize.replay.responses import response_adapter
from pytest_characterize.values import Response


class _Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = gzip.compress("Müller".encode("latin-1"))
        self.send_response(402, "Pay First")
        self.send_header("Content-Type", "text/html; charset=iso-8859-1")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


def _httpx(url: str) -> object:
    return httpx.get(url, trust_env=False)


def _requests(url: str) -> object:
    return importlib.import_module("requests").get(url)


def _werkzeug(url: str) -> object:
    response = importlib.import_module("werkzeug").Response(b"M\xfcller", "402 Pay First")
    response.headers["Content-Type"] = "text/html; charset=iso-8859-1"
    response.set_cookie("a", "1", path=None)
    response.set_cookie("b", "2", path=None)
    return response


CLIENTS = [_httpx, *(way for way in (_requests, _werkzeug) if find_spec(way.__name__[1:]))]


@pytest.mark.parametrize("respond", CLIENTS)
def test_a_librarys_response(respond: Callable[[str], object], url: str) -> None:
    response = response_adapter(respond(url))
    assert isinstance(response, Response)
    assert (response.status, response.reason, response.body) == (402, "Pay First", b"M\xfcller")
    headers = [(name.lower(), value) for name, value in response.headers]
    assert ("content-type", "text/html; charset=iso-8859-1") in headers
    assert [value for name, value in headers if name == "set-cookie"] == ["a=1", "b=2"]


def test_a_response_as_the_whole_value_has_responded() -> None:
    outcome = returned(httpx.Response(204))
    assert outcome == Outcome("responded", Response(204, (), b"", "No Content"))


def test_a_response_inside_a_value_is_a_part_of_it() -> None:
    outcome = returned({"first": httpx.Response(200, content=b"x", headers={"X": "y"})})
    assert outcome.how == "returned"
    assert outcome.value["first"] == Response(200, (("x", "y"), ("content-length", "1")), b"x", "OK")


def test_a_subclass_is_a_response_too() -> None:
    class Own(httpx.Response):
        pass

    assert response_adapter(Own(404)) == Response(404, (), b"", "Not Found")


@pytest.mark.parametrize(
    "value", [None, 3, "text", {"status_code": 200}, object(), httpx.Request("GET", "http://x")]
)
def test_everything_else_is_left_to_others(value: object) -> None:
    assert response_adapter(value) is NotImplemented
