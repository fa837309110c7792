"""BILLSYS web front end: ``python -m example_legacy.legacy.app --dsn "..." --port 8080``.

With ``--training`` nothing is saved: new staff may click on everything.
"""

import argparse
import hashlib
import json
import secrets
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlsplit

import psycopg
from psycopg.rows import dict_row

from example_legacy.legacy import pages
from example_legacy.legacy.helpers import dmy, parse_amount, parse_dmy, reference

CHARSET = "ISO-8859-1"


class Found(Exception):
    """Go to another page."""


class Billsys:
    """What the pages do. One method a page, found by its name in the table below."""

    def __init__(self, db, today):
        self.db = db
        self.today = today

    def row(self, query, *values):
        return self.db.execute(query, values).fetchone()

    def rows(self, query, *values):
        return self.db.execute(query, values).fetchall()

    def menu(self, form):
        open_items = self.row("SELECT count(*) AS n FROM invoice WHERE status = 'O'")["n"]
        return html(pages.menu(self.today, open_items))

    def customers(self, form):
        query = "SELECT * FROM customer WHERE active = 'Y'"
        if form.get("region"):
            rows = self.rows(query + " AND region = %s ORDER BY cust_no", form["region"].upper())
        else:
            rows = self.rows(query + " ORDER BY cust_no")
        return html(pages.customers(rows))

    def customer(self, form):
        cust_no = form.get("no", "").strip().upper()
        row = self.row("SELECT * FROM customer WHERE cust_no = %s", cust_no)
        if row is None:
            return html(pages.error(12, "no customer " + cust_no))
        on = parse_dmy(form.get("on", "")) or self.today
        card = self.row("CALL customer_card(%s, %s, NULL, NULL, NULL, NULL)", cust_no, on)
        invoices = self.rows("SELECT * FROM invoice WHERE cust_no = %s ORDER BY inv_no", cust_no)
        return html(pages.customer(row, card, invoices))

    def note(self, form):
        cust_no = form.get("no", "").strip().upper()
        changed = self.db.execute(
            "UPDATE customer SET note = %s WHERE cust_no = %s", (form.get("note", "")[:80], cust_no)
        )
        if changed.rowcount == 0:
            return html(pages.error(12, "no customer " + cust_no))
        raise Found("/customer?no=" + cust_no)

    def invoice(self, form):
        found = self.read_invoice(form.get("no", ""), form)
        if found is None:
            return html(pages.error(17, "no invoice " + form.get("no", "")))
        return html(pages.invoice(*found, form.get("msg", "")))

    def payment(self, form):
        try:
            amount, on = parse_amount(form.get("amount", "")), parse_dmy(form.get("on", ""))
        except ValueError:
            return html(pages.error(21, "amount or date not readable"))
        if amount is None or not form.get("inv_no", "").isdigit():
            return html(pages.error(20, "fields are missing"))
        answer = self.row(
            "SELECT post_payment(%s, %s, %s, %s) AS answer",
            int(form["inv_no"]),
            amount,
            on or self.today,
            form.get("method", "BNK"),
        )["answer"]
        raise Found("/invoice?no=%s&msg=%s" % (form["inv_no"], answer))

    def api_customer(self, form):
        row = self.row("SELECT * FROM customer WHERE cust_no = %s", form["key"])
        if row is None:
            return js({"error": 12, "text": "no customer " + form["key"]})
        fields = {name: "" if value is None else value for name, value in row.items()}
        fields["since"] = dmy(row["since"])
        fields["credit_limit"] = str(fields["credit_limit"])
        return js(fields)

    def api_invoice(self, form):
        found = self.read_invoice(form["key"], form)
        if found is None:
            return js({"error": 17, "text": "no invoice " + form["key"]})
        row, lines, total = found
        answer = {
            "inv_no": row["inv_no"],
            "cust_no": row["cust_no"],
            "issued": dmy(row["issued"]),
            "due": dmy(row["due"]),
            "status": row["status"],
            "paid_on": dmy(row["paid_on"]),
            "total": str(total),
            "reference": reference(row["inv_no"], row["cust_no"]),
            "lines": [
                {
                    "code": line["code"],
                    "descr": line["descr"],
                    "qty": float(line["qty"]),
                    "amount": str(line["amount"]),
                }
                for line in lines
            ],
        }
        return js(answer)

    def api_invoices(self, form):
        query = (
            "SELECT inv_no, issued, due, status, open_amount(inv_no) AS open FROM invoice WHERE cust_no = %s"
        )
        values = [form.get("cust", "")]
        if form.get("status"):
            query += " AND status = %s"
            values.append(form["status"])
        rows = self.rows(query + " ORDER BY issued DESC, inv_no DESC", *values)
        return js(
            [
                {
                    "inv_no": row["inv_no"],
                    "issued": dmy(row["issued"]),
                    "due": dmy(row["due"]),
                    "status": row["status"],
                    "open": str(row["open"]),
                }
                for row in rows
            ]
        )

    def edi_invoice(self, form):
        number = form["key"]
        row = number.isdigit() and self.row("SELECT * FROM invoice WHERE inv_no = %s", int(number))
        if not row:
            return xml(pages.edi_error(17, "no invoice " + number))
        lines = self.rows(
            "SELECT x.line_no, x.code, p.tax_code, round_money(x.qty * x.price) AS amount "
            "FROM invoice_line x JOIN product p ON p.code = x.code WHERE inv_no = %s ORDER BY line_no",
            row["inv_no"],
        )
        name = self.row("SELECT name FROM customer WHERE cust_no = %s", row["cust_no"])["name"]
        total = self.row("SELECT open_amount(%s) AS open", row["inv_no"])["open"]
        return xml(pages.edi_invoice(row, name, lines, total))

    def edi_open_items(self, form):
        cust_no = form.get("cust", "")
        rows = self.rows(
            "SELECT inv_no, due, open_amount(inv_no) AS open FROM invoice "
            "WHERE cust_no = %s AND status = 'O' AND open_amount(inv_no) > 0 ORDER BY due, inv_no",
            cust_no,
        )
        return xml(pages.edi_open_items(cust_no, rows))

    def export_open_items(self, form):
        on = parse_dmy(form.get("on", "")) or self.today
        rows = self.rows(
            "SELECT i.inv_no, i.cust_no, c.name, i.due, open_amount(i.inv_no) AS open, "
            "dunning_level(i.inv_no, %s) AS level FROM invoice i JOIN customer c ON c.cust_no = i.cust_no "
            "WHERE i.status = 'O' AND i.due < %s ORDER BY i.due, i.inv_no",
            on,
            on,
        )
        lines = [
            "%07d%-8s%-20.20s%-10s%10s%1d\r\n"
            % (row["inv_no"], row["cust_no"], row["name"], dmy(row["due"]), row["open"], row["level"])
            for row in rows
        ]
        total = sum((row["open"] for row in rows), Decimal("0.00"))
        return "text/plain", "".join(lines) + "TOTAL %6d %12s\r\n" % (len(rows), total)

    def read_invoice(self, number, form):
        row = number.isdigit() and self.row("SELECT * FROM invoice WHERE inv_no = %s", int(number))
        if not row:
            return None
        lines = self.rows(
            "SELECT x.code, p.descr, x.qty, round_money(x.qty * x.price) AS amount "
            "FROM invoice_line x JOIN product p ON p.code = x.code WHERE inv_no = %s ORDER BY line_no",
            row["inv_no"],
        )
        on = parse_dmy(form.get("on", "")) or self.today
        total = self.row("SELECT invoice_total(%s, %s) AS total", row["inv_no"], on)["total"]
        return row, lines, total


PAGES = {
    ("GET", "/menu"): Billsys.menu,
    ("GET", "/customers"): Billsys.customers,
    ("GET", "/customer"): Billsys.customer,
    ("POST", "/customer/note"): Billsys.note,
    ("GET", "/invoice"): Billsys.invoice,
    ("POST", "/payment"): Billsys.payment,
    ("GET", "/api/customer/"): Billsys.api_customer,
    ("GET", "/api/invoice/"): Billsys.api_invoice,
    ("GET", "/api/invoices"): Billsys.api_invoices,
    ("GET", "/edi/invoice/"): Billsys.edi_invoice,
    ("GET", "/edi/openitems"): Billsys.edi_open_items,
    ("GET", "/export/openitems.txt"): Billsys.export_open_items,
}


def html(text):
    return "text/html", text


def js(data):
    return "application/json", json.dumps(data, ensure_ascii=False)


def xml(text):
    return "text/xml", text


SESSIONS = {}


class Handler(BaseHTTPRequestHandler):
    """Sessions, forms and character sets."""

    dsn = ""
    training = False

    def do_GET(self):
        self.handle_request({})

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.handle_request(dict(parse_qsl(raw.decode("ascii"), True, encoding=CHARSET)))

    def handle_request(self, form):
        url = urlsplit(self.path)
        form = dict(parse_qsl(url.query, True, encoding=CHARSET)) | form
        if url.path == "/login":
            self.login(form)
        elif self.session() is None:
            self.redirect("/login")
        elif url.path == "/":
            self.redirect("/menu")
        elif url.path == "/logout":
            SESSIONS.pop(self.session(), None)
            self.redirect("/login")
        else:
            self.show(url.path, form)

    def show(self, path, form):
        head, _, form["key"] = path.rpartition("/")
        page = PAGES.get((self.command, path)) or PAGES.get((self.command, head + "/"))
        if page is None:
            self.answer(404, "text/html", pages.error(4, "no such page"))
            return
        with psycopg.connect(self.dsn, row_factory=dict_row) as db:
            try:
                content = page(Billsys(db, datetime.now(UTC).date()), form)
            except Found as found:
                if self.training:
                    db.rollback()
                db.commit()
                self.redirect(str(found))
                return
            except Exception as error:
                db.rollback()
                self.log_error("%s: %s", path, error)
                self.answer(500, "text/html", pages.error(99, "system error, call the hotline"))
                return
            # pages that only show something leave no trace (invoice_total books!)
            db.rollback()
        self.answer(200, *content)

    def login(self, form):
        if self.command == "GET":
            self.answer(200, "text/html", pages.login())
            return
        digest = hashlib.md5(form.get("password", "").encode(CHARSET)).hexdigest()
        with psycopg.connect(self.dsn) as db:
            known = db.execute(
                "SELECT 1 FROM app_user WHERE login = %s AND pw_md5 = %s", (form.get("user", ""), digest)
            ).fetchone()
        if not known:
            self.answer(200, "text/html", pages.login("Login failed"))
            return
        session = secrets.token_hex(16)
        SESSIONS[session] = form["user"]
        self.redirect("/menu", "BSSESSION=%s; Path=/" % session)

    def session(self):
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("BSSESSION")
        return cookie.value if cookie and cookie.value in SESSIONS else None

    def redirect(self, location, cookie=""):
        self.send_response(302)
        self.send_header("Location", location)
        if cookie:
            self.send_header("Set-Cookie", cookie)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer(self, status, content_type, text):
        body = text.encode(CHARSET, "replace")
        self.send_response(status)
        self.send_header("Content-Type", "%s; charset=%s" % (content_type, CHARSET))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code="-", size="-"):
        pass


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dsn", required=True)
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--training", action="store_true", help="save nothing")
    options = parser.parse_args(arguments)
    Handler.dsn = options.dsn
    Handler.training = options.training
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with HTTPServer(("127.0.0.1", options.port), Handler) as server:
        sys.stdout.write("http://127.0.0.1:%d\n" % server.server_port)
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            server.serve_forever()


if __name__ == "__main__":
    main()
