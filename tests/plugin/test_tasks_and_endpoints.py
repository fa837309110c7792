"""Candidates as Celery tasks, run eagerly, and as endpoints of Django REST Framework; both for real."""

from __future__ import annotations

import pytest

from tests.plugin.project import Project
from tests.plugin.test_django import HTTP_SOURCE, RECEIVING, SERVICES, legacy_url, site

__all__ = ["legacy_url"]

KEY = {"CHARACTERIZE_SCRUB_KEY": "0" * 32}

LEGACY_FEES = """
def late_fee(days):
    if days < 0:
        raise ValueError("days must not be negative")
    return {"cents": 0 if days <= 14 else 500}
"""

TASKS = """
from celery import Celery

app = Celery("fees", broker="amqp://nobody@127.0.0.1:1//", backend="rpc://")
app.conf.update(ALWAYS)

class NegativeDays(Exception):
    pass

@app.task
def late_fee(days):
    if days < 0:
        raise NegativeDays("days must not be negative")
    return {"cents": 0 if days <= 14 else 500}

@app.task(bind=True, max_retries=2, default_retry_delay=0)
def stubborn_fee(self, days):
    if self.request.retries < 2:
        raise self.retry()
    return late_fee(days)
"""

TASK_TESTS = """
import pytest
import tasks
from pytest_characterize import Function

@pytest.mark.characterize(
    legacy=Function("legacy_shop:late_fee"),
    cases=[{"days": -1}, {"days": 14}, {"days": 15}],
    raises={"ValueError": tasks.NegativeDays},
)
def test_late_fee(days):
    return CALL
"""

CALLS = {
    "apply": "tasks.late_fee.apply(kwargs={'days': days}).get()",
    "delay": "tasks.late_fee.delay(days=days).get()",
    "signature": "tasks.late_fee.s(days=days).apply().get()",
    "retried": "tasks.stubborn_fee.apply(kwargs={'days': days}).get()",
    "body": "tasks.late_fee(days)",
}


def celery_project(pytester: pytest.Pytester, call: str) -> Project:
    always = "task_always_eager=True" if "delay" in call else ""
    tests = TASK_TESTS.replace("CALL", call)
    project = Project.make(pytester, legacy=LEGACY_FEES, tests=tests)
    return project.write("tasks.py", TASKS.replace("ALWAYS", always))


@pytest.mark.parametrize("how", CALLS)
def test_a_task_is_a_candidate(pytester: pytest.Pytester, how: str) -> None:
    project = celery_project(pytester, CALLS[how]).recorded()
    project.replay().exits(0).says("PASS", matched=3).complete()
    project.edit("tasks.py", "<= 14", "< 14")
    project.replay().exits(1).says("DRIFT", drifted=1, matched=2).has("$.cents")


def test_a_task_that_raises_something_else_is_a_drift(pytester: pytest.Pytester) -> None:
    project = celery_project(pytester, CALLS["apply"]).recorded()
    project.edit("tasks.py", "raise NegativeDays(", "raise LookupError(")
    project.replay().exits(1).says("DRIFT", drifted=1, matched=2)


def test_a_result_that_nobody_asked_is_an_error(pytester: pytest.Pytester) -> None:
    project = celery_project(pytester, CALLS["apply"].removesuffix(".get()")).recorded()
    run = project.replay().exits(1).says("INCOMPLETE", errored=3)
    assert run.problems() == {"value-unsupported"}


def test_a_task_that_is_sent_to_a_broker_is_kept_from_it(pytester: pytest.Pytester) -> None:
    call = "tasks.late_fee.apply_async(kwargs={'days': days}, retry=False)"
    run = celery_project(pytester, call).recorded().replay().exits(1)
    assert run.report["counts"]["matched"] == 0
    assert run.problems() == {"legacy-contacted"}


def test_a_task_that_writes_to_the_database(pytester: pytest.Pytester) -> None:
    tests = """
import pytest
from pytest_characterize import Function
from stock import tasks

@pytest.mark.characterize(
    legacy=Function("legacy_stock:receive"),
    cases=[{"code": "A", "quantity": 1}, {"code": "B", "quantity": 2}],
)
@pytest.mark.django_db
def test_receive(code, quantity):
    return tasks.receive.apply(kwargs={"code": code, "quantity": quantity}).get()
"""
    project = site(pytester, tests)
    project.write(
        "stock/tasks.py", f"from celery import shared_task\n{SERVICES}\nreceive = shared_task(receive)\n"
    )
    assert "def receive" in RECEIVING
    project.recorded().replay().exits(0).says("PASS", matched=2)
    project.edit("stock/tasks.py", 'order_by("code")', 'order_by("-code")')
    project.replay().exits(1).says("DRIFT", drifted=1, matched=1)


# -- Django REST Framework ---------------------------------------------------------------------------

API = """
from django.urls import path
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

class Asked(serializers.Serializer):
    currency = serializers.ChoiceField(["EUR"])

class Price(APIView):
    def get(self, request, quantity):
        asked = Asked(data=request.query_params)
        asked.is_valid(raise_exception=True)
        if quantity == 0:
            raise ZeroDivisionError
        total = quantity * 10 * (95 if quantity >= 10 else 100)
        return Response({"quantity": quantity, "total": f"{total / 100:.2f}", "asked": asked.data["currency"]})

urlpatterns = [path("price/<int:quantity>", Price.as_view())]
"""

API_TESTS = """
import pytest
from pytest_characterize import Http, Ignore
from rest_framework.test import APIClient, APIRequestFactory

@pytest.fixture
def api():
    return APIClient()

@pytest.mark.characterize(
    legacy=Http("GET", "/price/{quantity}", source="web", query={"currency": "{currency}"}),
    cases=[{"quantity": n, "currency": "EUR"} for n in (1, 10)],
    policy=[Ignore("$.headers.allow", reason="the framework tells it with every answer")],
)
def test_api(quantity, currency, api):
    CALL
"""

ENDPOINTS = {
    "client": 'return api.get(f"/price/{quantity}", {"currency": currency})',
    "view": (
        "from stock.urls import Price\n"
        '    request = APIRequestFactory().get("/", {"currency": currency})\n'
        "    return Price.as_view()(request, quantity=quantity)"
    ),
}

PLAIN_API = """
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [], "DEFAULT_PERMISSION_CLASSES": [], "UNAUTHENTICATED_USER": None,
}
"""


def api_project(pytester: pytest.Pytester, legacy_url: str, call: str) -> Project:
    """A project whose candidate is an endpoint, recorded."""
    project = site(pytester, API_TESTS.replace("CALL", call), HTTP_SOURCE.partition("[[")[0])
    project.write("stock/urls.py", API).edit("site_settings.py", "USE_TZ", f"{PLAIN_API}\nUSE_TZ")
    project.record(env={"CHARACTERIZE_SOURCE_WEB_URL": legacy_url, **KEY}).exits(0).has("2 recorded")
    return project


@pytest.mark.parametrize("how", ENDPOINTS)
def test_an_endpoint_is_a_candidate(pytester: pytest.Pytester, legacy_url: str, how: str) -> None:
    project = api_project(pytester, legacy_url, ENDPOINTS[how])
    project.replay(env=KEY).exits(0).says("PASS", matched=2).complete()
    project.edit("stock/urls.py", ">= 10", "> 10")
    project.replay(env=KEY).exits(1).says("DRIFT", drifted=1, matched=1).has("$.body.total")


@pytest.mark.parametrize("how", ENDPOINTS)
def test_what_a_serializer_refuses_is_an_answer(pytester: pytest.Pytester, legacy_url: str, how: str) -> None:
    project = api_project(pytester, legacy_url, ENDPOINTS[how])
    project.edit("stock/urls.py", '["EUR"]', '["USD"]')
    run = project.replay(env=KEY).exits(1).says("DRIFT", drifted=2)
    differences = [d for case in run.report["cases"] for d in case["differences"] if d["path"] == "$.status"]
    assert [(d["kind"], d["candidate"]) for d in differences] == [("status", 400)] * 2


def test_an_endpoint_that_breaks_answers_500_through_the_client(
    pytester: pytest.Pytester, legacy_url: str
) -> None:
    project = api_project(pytester, legacy_url, ENDPOINTS["client"])
    project.edit("stock/urls.py", "if quantity == 0", "if quantity == 1")
    run = project.replay(env=KEY).exits(1).says("DRIFT", drifted=1, matched=1)
    assert "status" in {d["kind"] for case in run.report["cases"] for d in case["differences"]}
