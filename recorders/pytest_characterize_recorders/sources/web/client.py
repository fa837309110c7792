"""Asking a web source: one client a case, nothing from the environment, no redirect followed."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import httpx

from pytest_characterize.descriptors import Login, Secret
from pytest_characterize.errors import RecordingError
from pytest_characterize_recorders.sources.web.addresses import BaseAddress
from pytest_characterize_recorders.sources.web.requests import Asked, bad_request

SECONDS: Final = 30.0
"""How long legacy may be silent."""
_HEADERS: Final = {"User-Agent": "pytest-characterize", "Accept-Encoding": "identity"}
_PASSWORD_FIELD: Final = re.compile(rb"""<input\b[^>]*\btype\s*=\s*["']?password\b""", re.IGNORECASE)


class WebClient:
    """A browser's part of one case: carries cookies from the login to the request, and forgets them."""

    def __init__(self, base: BaseAddress, tls: ssl.SSLContext, seconds: float = SECONDS) -> None:
        self._base = base
        self._client = httpx.Client(
            auth=base.credentials,
            headers=_HEADERS,
            timeout=seconds,
            verify=tls,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),  # old servers close what they promise to keep
            follow_redirects=False,
            event_hooks={"request": [self._stay_at_home]},
        )

    def __enter__(self) -> WebClient:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._client.close()

    def send(self, request: Asked) -> httpx.Response:
        """The response, read to its end; whatever its status is.

        Raises:
            RecordingError: there was no whole response.
        """
        with _told_in_our_words(self._base.source):
            return self._client.send(
                self._client.build_request(
                    request.method,
                    self._base.url + request.target,
                    headers=[(name.encode(), value.encode()) for name, value in request.headers],
                    content=request.body or None,
                )
            )

    def log_in(self, login: Login, secret: Callable[[Secret], str]) -> None:
        """Post the login's form.

        Raises:
            RecordingError: ``login-failed``: an error status, no cookie, or the login page once more.
        """
        form = {
            name: secret(value) if isinstance(value, Secret) else value for name, value in login.form.items()
        }
        with _told_in_our_words(self._base.source):
            response = self._client.post(self._base.url + login.path, data=form)
        if why := self._refused(login, response):
            raise RecordingError(
                f"source {self._base.source!r}: the login at {login.path} failed: {why}",
                slug="login-failed",
                hint="check the fields of login=, and the environment variables of its secrets",
            )

    def _refused(self, login: Login, response: httpx.Response) -> str:
        if response.is_error:
            return f"status {response.status_code}"
        if not self._client.cookies:
            return "it set no cookie"
        location = str(response.next_request.url) if response.next_request else ""
        if location and (self._base.below(location) or "").partition("?")[0] == login.path.partition("?")[0]:
            return "it leads back to itself"
        if _PASSWORD_FIELD.search(response.content):
            return "it asks for the password again"
        return ""

    def _stay_at_home(self, request: httpx.Request) -> None:
        if self._base.below(str(request.url)) is None:
            raise bad_request("it leads out of the source's base URL")


def require_listening(base: BaseAddress, seconds: float = SECONDS) -> None:
    """Find out early whether anything listens where the source should be.

    Raises:
        RecordingError: ``source-down`` or ``source-timeout``.
    """
    try:
        socket.create_connection((base.host, base.port), seconds).close()
    except TimeoutError:
        raise _failed(base.source, "source-timeout", "it did not answer in time") from None
    except OSError as error:
        raise _down(base.source, error) from None


@contextmanager
def _told_in_our_words(source: str) -> Iterator[None]:
    """Errors of the way there, without the address; what legacy answered is none."""
    try:
        yield
    except httpx.TimeoutException:
        raise _failed(source, "source-timeout", "it did not answer in time") from None
    except httpx.ConnectError as error:
        if tls := _cause(error, ssl.SSLError):
            reason = getattr(tls, "verify_message", "") or getattr(tls, "reason", "") or "no reason given"
            raise _failed(source, "source-tls", f"no encrypted connection: {reason}") from None
        raise _down(source, _cause(error, OSError)) from None
    except httpx.DecodingError as error:
        raise _failed(source, "source-broke-off", f"the body cannot be decoded: {error}") from None
    except (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise bad_request(str(error)) from None
    except httpx.TransportError as error:
        raise _failed(source, "source-broke-off", f"the response broke off: {error}") from None


def _cause(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error


def _down(source: str, error: BaseException | None) -> RecordingError:
    reasons: Mapping[type[BaseException], str] = {
        ConnectionRefusedError: "nothing accepts connections there",
        socket.gaierror: "the name of its host is not known",
    }
    why = next((words for kind, words in reasons.items() if isinstance(error, kind)), "the connection failed")
    return _failed(source, "source-down", why)


_HINTS: Final = {
    "source-down": "start it, or correct its address in the environment",
    "source-timeout": "see what it waits for, then record again",
    "source-tls": "put the certificate of its authority into a file and name it in SSL_CERT_FILE",
    "source-broke-off": "see legacy's own log, then record again",
}


def _failed(source: str, slug: str, why: str) -> RecordingError:
    what = "cannot be reached" if slug != "source-broke-off" else "gave no whole response"
    return RecordingError(f"source {source!r} {what}: {why}", slug=slug, hint=_HINTS[slug])
