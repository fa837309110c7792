"""A legacy web application that can do everything that legacy web applications do."""

from __future__ import annotations

import gzip
import json
import ssl
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

PASSWORD = "s3same & co"
SESSION = "c0ffee-session-id"
PAGE = "<html><title>Müller &amp; Söhne</title>\r\n<td>95,00 €</td></html>".replace("€", "¤")
LOGIN_PAGE = b"<form><input name=user><INPUT name='pw' TYPE = 'password'></form>"


@dataclass
class Pages:
    """The running application: where it is, and what it was asked."""

    port: int
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    silence: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def legacy_pages(tls: ssl.SSLContext | None = None) -> Iterator[Pages]:
    """Serve on a free loopback port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.handle_error = lambda *args: None  # type: ignore[method-assign]
        pages = Pages(server.server_address[1])
        server.pages = pages  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield pages
        finally:
            pages.silence.set()
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "OldServer/1.3"
    sys_version = ""

    def do_GET(self) -> None:
        pages: Pages = self.server.pages  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        pages.asked.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        path = self.path.partition("?")[0].removeprefix("/app")
        page = getattr(self, "page_" + path.strip("/").replace("-", "_").replace("/", "_"), self.page_echo)
        page(pages, body)
        self.close_connection = True

    do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_PURGE = do_GET  # noqa: N815

    def answer(self, status: int, body: bytes, *headers: tuple[str, str], reason: str | None = None) -> None:
        self.send_response(status, reason)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def page_echo(self, pages: Pages, body: bytes) -> None:
        asked = {"method": self.command, "path": self.path, "body": body.decode("utf-8", "replace")}
        self.answer(200, json.dumps(asked).encode(), ("Content-Type", "application/json"))

    def page_page(self, pages: Pages, body: bytes) -> None:
        self.answer(
            402, PAGE.encode("latin-1"), ("Content-Type", "text/html; charset=ISO-8859-1"), reason="Pay First"
        )

    def page_gzip(self, pages: Pages, body: bytes) -> None:
        self.answer(200, gzip.compress(PAGE.encode("latin-1")), ("Content-Encoding", "gzip"))

    def page_raw_deflate(self, pages: Pages, body: bytes) -> None:
        packer = zlib.compressobj(wbits=-15)
        packed = packer.compress(PAGE.encode("latin-1")) + packer.flush()
        self.answer(200, packed, ("Content-Encoding", "deflate"))

    def page_bad_gzip(self, pages: Pages, body: bytes) -> None:
        self.answer(200, b"no gzip at all", ("Content-Encoding", "gzip"))

    def page_chunked(self, pages: Pages, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for chunk in (b"one,", b"two"):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        self.wfile.write(b"0\r\n\r\n")

    def page_binary(self, pages: Pages, body: bytes) -> None:
        self.answer(200, bytes(range(256)), ("Content-Type", "application/octet-stream"))

    def page_nothing(self, pages: Pages, body: bytes) -> None:
        self.answer(204, b"")

    def page_repeated(self, pages: Pages, body: bytes) -> None:
        self.answer(200, b"x", ("X-Note", "a"), ("X-Other", "\xfc"), ("X-Note", "b"))

    def page_moved(self, pages: Pages, body: bytes) -> None:
        self.answer(302, b"", ("Location", f"{pages.url}/app/home?x=1#end"))

    def page_moved_up(self, pages: Pages, body: bytes) -> None:
        self.answer(302, b"", ("Location", f"{pages.url}/application"))

    def page_moved_here(self, pages: Pages, body: bytes) -> None:
        self.answer(307, b"", ("Location", "home?x=1"))

    def page_moved_away(self, pages: Pages, body: bytes) -> None:
        self.answer(301, b"", ("Location", "https://elsewhere.invalid/home"))

    def page_error(self, pages: Pages, body: bytes) -> None:
        self.answer(500, b"ORA-00942: table or view does not exist")

    def page_hang(self, pages: Pages, body: bytes) -> None:
        pages.silence.wait(30)

    def page_hang_in_body(self, pages: Pages, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"ten bytes.")
        self.wfile.flush()
        pages.silence.wait(30)

    def page_drop(self, pages: Pages, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"ten bytes.")

    def page_drop_chunked(self, pages: Pages, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"5\r\nabcde\r\n")

    def page_no_answer(self, pages: Pages, body: bytes) -> None:
        pass

    def page_no_http(self, pages: Pages, body: bytes) -> None:
        self.wfile.write(b"SSH-2.0-OldServer\r\n\r\n")

    def page_login(self, pages: Pages, body: bytes) -> None:
        form = parse_qs(body.decode())
        if form.get("pw") == [PASSWORD]:
            cookie = ("Set-Cookie", f"JSESSIONID={SESSION}; Path=/; HttpOnly")
            self.answer(302, b"", cookie, ("Location", "/app/home"))
        else:
            self.answer(200, LOGIN_PAGE, ("Set-Cookie", "JSESSIONID=anonymous; Path=/"))

    def page_login_again(self, pages: Pages, body: bytes) -> None:
        self.answer(302, b"", ("Set-Cookie", "a=b"), ("Location", "/login-again?failed=1"))

    def page_private(self, pages: Pages, body: bytes) -> None:
        if f"JSESSIONID={SESSION}" in self.headers.get("Cookie", ""):
            self.answer(200, b"your invoices")
        else:
            self.answer(403, b"no session")

    def page_guarded(self, pages: Pages, body: bytes) -> None:
        if self.headers.get("Authorization"):
            self.answer(200, b"welcome")
        else:
            self.answer(401, b"who are you", ("WWW-Authenticate", 'Basic realm="old"'))

    def log_message(self, *args: object) -> None:
        pass
