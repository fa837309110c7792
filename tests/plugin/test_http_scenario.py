"""Scenarios over HTTP: a real legacy server and a real Django site, driven by one script in one session."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest

from tests.plugin.project import Project
from tests.plugin.test_django import site

SOURCE = """
[tool.characterize.sources.web]
kind = "http"
hosts = ["127.0.0.1"]
version = "4.2"
"""
SESSION = "0123456789abcdef"

TESTS = """
import pytest
from pytest_characterize import HttpScenario

@pytest.mark.characterize(legacy=HttpScenario(source="web"))
@pytest.mark.django_db
def test_order(characterize):
    characterize.get("/orders/99")
    characterize.post("/cart", data={"article": "A-1", "quantity": 2})
    made = characterize.post("/orders", json={"pay": True})
    where = made.header("location")
    number = characterize.bind("order", where.rpartition("/")[2], "orders", "number", "Order")
    characterize.get(f"/orders/{number}")
    characterize.get("/page", query={"number": number})

@pytest.mark.characterize(legacy=HttpScenario(source="web"))
def test_other(characterize):
    characterize.get("/page", query={"number": "none"})
"""

URLS = """
from django.http import HttpResponse, JsonResponse
from django.urls import path
from stock.models import Item
import json

def cart(request):
    response = JsonResponse({"lines": 1})
    response.set_cookie("basket", request.POST["article"] + "*" + request.POST["quantity"])
    return response

def orders(request):
    assert json.loads(request.body) == {"pay": True}
    article, quantity = request.COOKIES["basket"].split("*")
    item = Item.objects.create(code=article, quantity=int(quantity))
    response = JsonResponse({"number": item.pk, "quantity": item.quantity}, status=201)
    response["Location"] = f"http://testserver/orders/{item.pk}"
    return response

def order(request, number):
    item = Item.objects.filter(pk=number).first()
    if item is None or "basket" not in request.COOKIES:
        return HttpResponse("no such order", status=404, content_type="text/plain")
    return JsonResponse({"number": item.pk, "code": item.code, "links": [f"/orders/{item.pk}/bill"]})

def page(request):
    number = request.GET["number"]
    return HttpResponse(f'<h1>Order {number}</h1><a href="/orders/{number}">3 pieces</a>')

urlpatterns = [
    path("cart", cart), path("orders", orders), path("orders/<int:number>", order), path("page", page),
]
"""


class Legacy(BaseHTTPRequestHandler):
    """An old shop that keeps baskets in sessions and counts orders from 1017."""

    baskets: dict[str, dict[str, str]]
    numbers: list[int]

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        basket = self.baskets.get(self.headers.get("Cookie", "").partition("=")[2])
        number = path.rpartition("/")[2]
        if path == "/page":
            number = dict(parse_qsl(query))["number"]
            page = f'<h1>Order {number}</h1>\n<a href="/orders/{number}">3 pieces</a>'
            return self.answer(200, page, "text/html; charset=utf-8")
        if basket is None or int(number) not in self.numbers:
            return self.answer(404, "no such order", "text/plain")
        told = {"links": [f"/orders/{number}/bill"], "number": int(number), "code": basket["article"]}
        return self.answer(200, json.dumps(told, indent=1))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/cart":
            self.baskets[SESSION] = dict(parse_qsl(body))
            return self.answer(
                200, '{"lines": 1}', "application/json", ("Set-Cookie", f"id={SESSION}; Path=/")
            )
        assert json.loads(body) == {"pay": True}
        basket = self.baskets[self.headers["Cookie"].partition("=")[2]]
        self.numbers.append(1017 + len(self.numbers))
        told = {"quantity": int(basket["quantity"]), "number": self.numbers[-1]}
        base = f"http://{self.headers['Host']}"
        where = ("Location", f"{base}/orders/{self.numbers[-1]}")
        return self.answer(201, json.dumps(told), "application/json", where)

    def answer(
        self, status: int, body: str, kind: str = "application/json", *headers: tuple[str, str]
    ) -> None:
        self.send_response(status)
        for name, text in (*headers, ("Content-Type", kind), ("Content-Length", str(len(body)))):
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def legacy_url() -> Iterator[str]:
    Legacy.baskets, Legacy.numbers = {}, []
    with ThreadingHTTPServer(("127.0.0.1", 0), Legacy) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def recorded() -> dict[str, bytes]:
    """The store of the first test that recorded, for all others."""
    return {}


@pytest.fixture
def project(pytester: pytest.Pytester, legacy_url: str, recorded: dict[str, bytes]) -> Project:
    project = site(pytester, TESTS, SOURCE).write("stock/urls.py", URLS)
    if not recorded:
        project.record(env={"CHARACTERIZE_SOURCE_WEB_URL": legacy_url}).exits(0).has("2 recorded")
        recorded |= project.store()
    for name, content in recorded.items():
        path = project.root / "characterization" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return project


def test_one_script_two_sides(project: Project, legacy_url: str) -> None:
    stored = b"".join(project.store().values()).decode()
    for gone in (SESSION, "1017", legacy_url, "127.0.0.1"):
        assert gone not in stored
    ids = {json.loads(path.read_text())["id"] for path in project.goldens()}
    assert len(ids) == 2, "two scenarios without input are two cases"
    fields = [step["$record"]["fields"] for step in _steps(project)]
    assert [step["request"] for step in fields] == [
        "GET /orders/99", "POST /cart", "POST /orders", "GET /orders/{id:order}", "GET /page",
    ]  # fmt: skip
    project.replay("-n2").exits(0).says("PASS", matched=2).complete()
    again = project.record(how="rewrite", env={"CHARACTERIZE_SOURCE_WEB_URL": legacy_url})
    again.exits(0).has("2 unchanged")


def _steps(project: Project) -> list[dict[str, dict[str, dict[str, object]]]]:
    golden = json.loads(next(p for p in project.goldens() if "test_order" in str(p)).read_text())
    steps: list[dict[str, dict[str, dict[str, object]]]] = golden["outcome"]["returned"]
    return steps


CHANGES = [
    ("status=404", "status=410", "$[0].responded.status"),
    ('{"lines": 1}', '{"lines": 2}', "$[1].responded.body.lines"),
    ("quantity=int(quantity)", "quantity=3", "$[2].responded.body.quantity"),
    ("status=201", "status=200", "$[2].responded.status"),
    ("testserver/orders/{item.pk}", "testserver/order/{item.pk}", "$[2].responded.headers.location"),
    ("/orders/{item.pk}/bill", "/orders/7{item.pk}/bill", "$[3].responded.body.links[0]"),
    ('{"number": item.pk, "code"', '{"number": item.pk + 1, "code"', "$[3].responded.body.number"),
    ("3 pieces", "2 pieces", "$[4].responded.body"),
]


def test_all_steps_run_and_every_change_is_found_at_its_step(project: Project) -> None:
    for old, new, _ in CHANGES:
        project.edit("stock/urls.py", old, new)
    run = project.replay().exits(1).no_traceback().says("DRIFT", drifted=2)
    (case,) = [case for case in run.report["cases"] if "test_order" in case["test"]]
    paths = [one["path"] for one in case["differences"]]
    assert [told for _, _, told in CHANGES if not any(path.startswith(told) for path in paths)] == [], paths
    assert len(paths) == len(CHANGES), paths


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        CHANGES[2],
        CHANGES[6],
        ("item = Item.objects.filter", "1 / 0\n    item = Item.objects.filter", "$[0].responded.status"),
        ('response.set_cookie("basket"', 'response.set_cookie("other"', "$[2].responded"),
    ],
    ids=["value", "another id", "error 500", "lost session"],
)
def test_a_step_that_does_something_else_is_found(project: Project, old: str, new: str, told: str) -> None:
    run = project.edit("stock/urls.py", old, new).replay().exits(1).says("DRIFT", drifted=1, matched=1)
    paths = [one["path"] for case in run.report["cases"] for one in case["differences"]]
    assert paths[0].startswith(told), paths


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('    characterize.get("/orders/99")\n', ""),
        ('    characterize.get("/orders/99")\n', '    characterize.get("/orders/99")\n' * 2),
        (
            '    characterize.get(f"/orders/{number}")\n    characterize.get("/page", query={"number": number})\n',
            '    characterize.get("/page", query={"number": number})\n    characterize.get(f"/orders/{number}")\n',
        ),
        ('"orders", "number"', '"number"'),
    ],
    ids=["missing", "extra", "reordered", "unbound"],
)
def test_a_script_that_takes_other_steps_is_red(project: Project, old: str, new: str) -> None:
    run = project.edit("tests/test_shop.py", old, new).replay().exits(1).no_traceback()
    run.says("DRIFT", drifted=1, matched=1)


def test_legacy_is_out_of_reach_while_replaying(project: Project, legacy_url: str) -> None:
    contact = f"    import urllib.request; urllib.request.urlopen('{legacy_url}/page?number=1').read()\n"
    project.edit("stock/urls.py", "def page(request):\n", f"def page(request):\n{contact}")
    assert project.replay().exits(1).says("INCOMPLETE", errored=2).problems() == {"legacy-contacted"}


CLIENTS = """
import httpx
from stock.wsgi import application

def shop():
    return httpx.Client(transport=httpx.WSGITransport(application), base_url="http://new-shop")

nothing = None
"""
WSGI = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
    return [b'<h1>Order none</h1><a href="/orders/none">3 pieces</a>']
"""


def test_another_client_that_the_marker_names(project: Project) -> None:
    project.write("stock/wsgi.py", WSGI).write("clients.py", CLIENTS)
    other = 'legacy=HttpScenario(source="web"))\ndef'
    named = 'legacy=HttpScenario(source="web"), candidate="clients:shop")\ndef'
    project.edit("tests/test_shop.py", other, named)
    project.replay().exits(0).says("PASS", matched=2)
    project.edit("stock/wsgi.py", "3 pieces", "4 pieces").replay().exits(1).says(
        "DRIFT", drifted=1, matched=1
    )
    project.edit("tests/test_shop.py", "clients:shop", "clients:nothing")
    assert project.replay().exits(1).problems() == {"candidate-client"}
    project.edit("tests/test_shop.py", "clients:nothing", "clients:nowhere")
    assert project.replay().exits(1).problems() == {"candidate-unknown"}


@pytest.mark.parametrize(
    ("old", "new", "slug"),
    [
        ('source="web"))\ndef', 'source="web"), candidate="clients")\ndef', "scenario-signature"),
        ('source="web"))\ndef', 'source="web"), args={"a": "b"})\ndef', "scenario-signature"),
        ("def test_other(characterize)", "def test_other()", "scenario-signature"),
    ],
)
def test_a_marker_that_makes_no_sense_is_a_usage_error(
    pytester: pytest.Pytester, old: str, new: str, slug: str
) -> None:
    project = site(pytester, TESTS, SOURCE).edit("tests/test_shop.py", old, new)
    project.pytest("--characterize").exits(4).has(slug).no_traceback()


def test_what_can_be_no_request_is_told_and_not_written(pytester: pytest.Pytester, legacy_url: str) -> None:
    tests = TESTS.replace('get("/orders/99")', 'get("orders/99")').replace(
        '"/page", query', '"//x/page", query'
    )
    project = site(pytester, tests, SOURCE)
    run = project.record(env={"CHARACTERIZE_SOURCE_WEB_URL": legacy_url}).exits(1).no_traceback()
    run.has("[scenario-request]")
    assert project.goldens() == []
