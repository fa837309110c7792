"""Runs the Django successor of the example in a process of its own.

Reads one JSON order a line (``{"call": "module:function", "args": [...]}`` or ``{"get": "/menu"}`` or
``{"post": "/payment", "form": {...}}``), carries it out in a transaction that is rolled back, and answers
with one JSON line. Dates and moments are ISO texts and amounts texts, marked by their argument's prefix.
"""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.db.models import Model
from django.test import Client

DUMP = Path(__file__).parents[2] / "example_legacy" / "legacy" / "data.sql"
FORM = "application/x-www-form-urlencoded"


def main() -> None:
    settings.DATABASES["default"]["NAME"] = ":memory:"
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("import_legacy", str(DUMP), stdout=sys.stderr)
    apps.get_model("auth", "User").objects.create_user("clerk", password="demo-only")
    for line in sys.stdin:
        with transaction.atomic():
            answer = carry_out(json.loads(line))
            transaction.set_rollback(True)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def carry_out(order: dict[str, Any]) -> dict[str, Any]:
    entry = apps.get_model("billing", "LedgerEntry")
    before = set(entry.objects.values_list("pk", flat=True))
    answer = call(order) if "call" in order else fetch(order)
    columns = ("booked_on", "account", "customer_id", "invoice_id", "side", "amount", "text")
    booked = entry.objects.exclude(pk__in=before).order_by("pk").values_list(*columns)
    return answer | {"booked": plain([list(row) for row in booked])}


def call(order: dict[str, Any]) -> dict[str, Any]:
    module, _, name = order["call"].partition(":")
    try:
        target = attrgetter(name)(importlib.import_module(module))
        value = target(*map(live, order["args"]), **order["named"])
    except Exception as error:
        return {"raised": type(error).__name__, "message": str(error)}
    return {"returned": plain(value)}


def fetch(order: dict[str, Any]) -> dict[str, Any]:
    client = Client()
    client.raise_request_exception = False
    if order.get("login", True):
        client.force_login(apps.get_model("auth", "User").objects.get())
    if "get" in order:
        response = client.get(order["get"])
    else:
        body = urlencode(order["form"], encoding="ISO-8859-1")
        response = client.post(order["post"], body, content_type=FORM)
    return {
        "status": response.status_code,
        "type": response.headers.get("Content-Type", ""),
        "location": response.headers.get("Location", ""),
        "body": response.content.decode("ISO-8859-1"),
    }


def live(argument: Any) -> Any:
    if isinstance(argument, str) and argument.startswith("date:"):
        return date.fromisoformat(argument[5:])
    if isinstance(argument, str) and argument.startswith("moment:"):
        return datetime.fromisoformat(argument[7:])
    if isinstance(argument, str) and argument.startswith("decimal:"):
        return Decimal(argument[8:])
    return argument


def plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.pk
    if is_dataclass(value):
        return [plain(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, int) else str(value)


if __name__ == "__main__":
    main()
