"""The addresses of the old front end."""

from django.urls import path, re_path

from billing import views

urlpatterns = [
    path("", views.home),
    path("login", views.login),
    path("logout", views.logout),
    path("menu", views.menu),
    path("customers", views.customers),
    path("customer", views.customer),
    path("customer/note", views.note),
    path("invoice", views.invoice),
    path("payment", views.payment),
    path("edi/openitems", views.edi_open_items),
    re_path(r"^edi/invoice/(?P<number>[^/]*)$", views.edi_invoice),
    path("export/openitems.txt", views.export_open_items),
    path("api/invoices", views.api_invoices),
    re_path(r"^api/customer/(?P<number>[^/]*)$", views.api_customer),
    re_path(r"^api/invoice/(?P<number>[^/]*)$", views.api_invoice),
]
