from collections.abc import AsyncIterator, Iterator
from io import BytesIO

from django.db import transaction
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse

from shop.models import Customer


def page(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(
        "Müller".encode("latin-1"), content_type="text/html; charset=iso-8859-1", status=402
    )
    response.set_cookie("session", "1", httponly=True)
    response.set_cookie("theme", "dark")
    return response


def total(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"total": "1.00"})


def moved(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect("/page/?from=old")


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("in the view")


def hello(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "hello.html", {"name": "you"})


def lines() -> Iterator[bytes]:
    yield b"a;1\n"
    yield b"b;2\n"


def streamed(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(lines(), content_type="text/csv")


def broken_stream(request: HttpRequest) -> StreamingHttpResponse:
    def half() -> Iterator[bytes]:
        yield b"a;1\n"
        raise ZeroDivisionError("in the stream")

    return StreamingHttpResponse(half())


def file(request: HttpRequest) -> FileResponse:
    return FileResponse(BytesIO(b"%PDF"), filename="invoice.pdf", as_attachment=True)


async def async_streamed(request: HttpRequest) -> StreamingHttpResponse:
    async def async_lines() -> AsyncIterator[bytes]:
        yield b"a;1\n"
        yield b"b;2\n"

    return StreamingHttpResponse(async_lines(), content_type="text/csv")


async def async_create(request: HttpRequest) -> JsonResponse:
    customer = await Customer.objects.acreate(code="A1")
    return JsonResponse({"code": customer.code}, status=201)


@transaction.atomic(durable=True)
def durable(request: HttpRequest) -> HttpResponse:
    Customer.objects.create(code="D1")
    return HttpResponse(status=201)
