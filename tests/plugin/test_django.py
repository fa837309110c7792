"""Candidates on Django: services with ``django_db``, views by the test client; legacy is a real HTTP server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.plugin.project import LEGACY, PYPROJECT, Project

DJANGO = """
[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["."]
DJANGO_SETTINGS_MODULE = "site_settings"
"""

SETTINGS = """
SECRET_KEY = "only for tests"
INSTALLED_APPS = ["stock"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "stock.urls"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
"""

MODELS = """
from django.db import models

class Item(models.Model):
    code = models.CharField(max_length=8, unique=True)
    quantity = models.IntegerField(default=0)

    class Meta:
        app_label = "stock"
"""

SERVICES = """
from django.db import IntegrityError, transaction
from stock.models import Item

def receive(code, quantity):
    Item.objects.create(code="A", quantity=1)
    try:
        with transaction.atomic():
            Item.objects.create(code=code, quantity=quantity)
    except IntegrityError:
        return {"refused": code, "items": Item.objects.count()}
    return {"items": list(Item.objects.order_by("code").values_list("code", flat=True))}

async def areceive(code, quantity):
    await Item.objects.acreate(code="A", quantity=1)
    if code == "A":
        return {"refused": code, "items": await Item.objects.acount()}
    await Item.objects.acreate(code=code, quantity=quantity)
    return {"items": [item.code async for item in Item.objects.order_by("code")]}
"""

RECEIVING = """
def receive(code, quantity):
    if code == "A":
        return {"refused": code, "items": 1}
    return {"items": sorted(["A", code])}
"""

SERVICE_TESTS = """
import pytest
from pytest_characterize import Function
from stock import services

@pytest.mark.characterize(
    legacy=Function("legacy_stock:receive"),
    cases=[{"code": "A", "quantity": 1}, {"code": "B", "quantity": 2}],
)
@pytest.mark.django_db
def test_receive(code, quantity):
    return services.receive(code, quantity)
"""

URLS = """
from django.http import HttpResponse, JsonResponse
from django.urls import path

def price(request, quantity):
    if quantity == 0:
        raise ZeroDivisionError
    total = quantity * 10 * (95 if quantity >= 10 else 100)
    response = JsonResponse({"quantity": quantity, "total": f"{total / 100:.2f}", "asked": request.GET["currency"]})
    response["X-Frame-Options"] = "DENY"
    return response

urlpatterns = [path("price/<int:quantity>", price)]
"""

VIEW_TESTS = """
import pytest
from pytest_characterize import Http

@pytest.mark.characterize(
    legacy=Http("GET", "/price/{quantity}", source="web", query={"currency": "{currency}"}),
    cases=[{"quantity": n, "currency": "EUR"} for n in (0, 1, 10)],
)
def test_price(quantity, currency, client):
    return client.get(f"/price/{quantity}", {"currency": currency})
"""

HTTP_SOURCE = """
[tool.characterize.sources.web]
kind = "http"
hosts = ["127.0.0.1"]
version = "4.2"
[[tool.characterize.policy]]
action = "ignore"
test = "*test_price"
path = "$.body"
reason = "error pages may differ"
"""


class Legacy(BaseHTTPRequestHandler):
    """An old shop: prices as JSON with other white space and header case; an HTML page for errors."""

    def do_GET(self) -> None:
        quantity = int(self.path.partition("?")[0].rpartition("/")[2])
        body, status, kind = b"<h1>Fehler</h1>", 500, "text/html; charset=utf-8"
        if quantity:
            total = quantity * 10 * (95 if quantity >= 10 else 100)
            document = {"total": f"{total / 100:.2f}", "quantity": quantity, "asked": "EUR"}
            body, status, kind = json.dumps(document, indent=1).encode(), 200, "application/json"
        self.send_response(status)
        if status == 200:
            self.send_header("X-Stock", "12")
        self.send_header("content-TYPE", kind)
        self.send_header("Set-Cookie", "session=0123456789abcdef")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def legacy_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Legacy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def site(pytester: pytest.Pytester, tests: str, extra: str = "", **kwargs: bool) -> Project:
    project = Project.make(pytester, tests=tests, **kwargs)
    project.write("pyproject.toml", DJANGO + extra).write("site_settings.py", SETTINGS)
    project.write("stock/__init__.py", "").write("stock/models.py", MODELS).write(
        "stock/services.py", SERVICES
    )
    return project.write("stock/urls.py", URLS).write("legacy_stock.py", RECEIVING)


def test_a_service_with_django_db(pytester: pytest.Pytester) -> None:
    project = site(pytester, SERVICE_TESTS).recorded()
    project.replay().exits(0).says("PASS", matched=2).complete()
    project.replay("-n2").exits(0).says("PASS", matched=2).complete()
    project.edit("stock/services.py", 'order_by("code")', 'order_by("-code")')
    run = project.replay().exits(1).says("DRIFT", matched=1, drifted=1)
    assert {d["kind"] for case in run.report["cases"] for d in case["differences"]} == {"order"}


def test_an_async_service(pytester: pytest.Pytester) -> None:
    tests = (
        SERVICE_TESTS.replace("def test_receive", "async def test_receive")
        .replace("return services.receive", "return await services.areceive")
        .replace("django_db", "django_db(transaction=True)")
    )
    project = site(pytester, tests).recorded()
    project.replay().exits(0).says("PASS", matched=2)


def test_a_candidate_that_needs_the_database_and_may_not(pytester: pytest.Pytester) -> None:
    project = site(pytester, SERVICE_TESTS.replace("@pytest.mark.django_db\n", "")).recorded()
    run = project.replay().exits(1)
    assert run.report["counts"]["matched"] == 0


def test_views_against_a_real_server(pytester: pytest.Pytester, legacy_url: str) -> None:
    project = site(pytester, VIEW_TESTS, HTTP_SOURCE)
    env = {"CHARACTERIZE_SOURCE_WEB_URL": legacy_url, "CHARACTERIZE_SCRUB_KEY": "0" * 32}
    project.record(env=env).exits(0).has("3 recorded")
    stored = b"".join(project.store().values())
    assert b"0123456789abcdef" not in stored
    assert legacy_url.encode() not in stored
    project.replay(env={"CHARACTERIZE_SCRUB_KEY": "0" * 32}).exits(0).says("PASS", matched=3).complete()


def test_a_view_that_drifts(pytester: pytest.Pytester, legacy_url: str) -> None:
    project = site(pytester, VIEW_TESTS, HTTP_SOURCE.partition("[[")[0])
    env = {"CHARACTERIZE_SOURCE_WEB_URL": legacy_url, "CHARACTERIZE_SCRUB_KEY": "0" * 32}
    project.record(env=env).exits(0)
    project.edit("stock/urls.py", ">= 10", "> 10").edit(
        "stock/urls.py", "JsonResponse({", "JsonResponse(status=201, data={"
    )
    run = project.replay(env=env).exits(1)
    paths = {d["path"]: d["kind"] for case in run.report["cases"] for d in case["differences"]}
    assert paths["$.status"] == "status"
    assert paths["$.body.total"] == "value"
    assert "$.headers.x-frame-options" not in paths


def test_a_header_that_the_configuration_compares(pytester: pytest.Pytester, legacy_url: str) -> None:
    extra = '[tool.characterize]\nheaders = ["content-type", "x-stock"]\n' + HTTP_SOURCE
    project = site(pytester, VIEW_TESTS, extra)
    env = {"CHARACTERIZE_SOURCE_WEB_URL": legacy_url, "CHARACTERIZE_SCRUB_KEY": "0" * 32}
    project.record(env=env).exits(0)
    run = project.replay(env=env).exits(1).says("DRIFT", matched=1, drifted=2)
    paths = {d["path"] for case in run.report["cases"] for d in case["differences"]}
    assert paths == {"$.headers.x-stock"}


def test_legacy_is_not_reachable_while_replaying(pytester: pytest.Pytester, legacy_url: str) -> None:
    project = site(pytester, VIEW_TESTS, HTTP_SOURCE)
    env = {"CHARACTERIZE_SOURCE_WEB_URL": legacy_url, "CHARACTERIZE_SCRUB_KEY": "0" * 32}
    project.record(env=env).exits(0)
    project.edit(
        "stock/urls.py",
        "    if quantity == 0:",
        f"    import urllib.request\n    try: urllib.request.urlopen('{legacy_url}/price/1')\n"
        "    except BaseException: pass\n    if quantity == 0:",
    )
    run = project.replay(env=env).exits(1).says("INCOMPLETE", errored=3)
    assert run.problems() == {"legacy-contacted"}


def test_a_plain_project_is_not_disturbed_by_django(project: Project) -> None:
    assert "DJANGO" not in PYPROJECT
    project.recorded().write("shop.py", LEGACY).replay().exits(0).says("PASS", matched=3)
