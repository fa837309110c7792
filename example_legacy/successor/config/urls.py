"""The same addresses as the legacy front end has."""

from django.urls import include, path

urlpatterns = [path("", include("billing.urls"))]
