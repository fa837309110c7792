from django.urls import path

from shop import views

VIEWS = (
    "page", "total", "moved", "broken", "hello", "streamed", "broken_stream", "file", "async_streamed",
    "async_create", "durable",
)  # fmt: skip
urlpatterns = [path(f"{name}/", getattr(views, name)) for name in VIEWS]
