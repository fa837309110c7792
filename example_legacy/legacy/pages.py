"""Pages of BILLSYS: HTML put together by hand, ISO-8859-1."""

from html import escape

from example_legacy.legacy.helpers import dmy, format_amount, reference

STATUS = {"O": "open", "P": "paid", "C": "cancelled"}
MESSAGES = {
    "OK": "Payment booked",
    "PART": "Part payment booked",
    "OVER": "Payment booked, customer has paid too much",
    "CLOSED": "Invoice is already closed",
    "NOINV": "Invoice does not exist",
    "ERR": "Payment could not be booked, call the hotline",
}


def page(title, body):
    return (
        '<html><head><title>BILLSYS - %s</title><meta http-equiv="Content-Type" '
        'content="text/html; charset=ISO-8859-1"></head>\n<body><h1>%s</h1>\n%s\n'
        '<hr><a href="/menu">Menu</a> <a href="/logout">Logout</a></body></html>\n'
    ) % (escape(title), escape(title), body)


def login(message=""):
    body = "<p><b>%s</b></p>\n" % escape(message) if message else ""
    body += (
        '<form action="/login" method="post">User <input name="user" size="8"> '
        'Password <input name="password" type="password"> <input type="submit" value="Login"></form>'
    )
    return page("Login", body)


def menu(today, open_items):
    return page(
        "Menu",
        "<p>Today is %s</p>\n<p>%d open invoices</p>\n<ul><li><a href='/customers'>Customers</a></li></ul>"
        % (dmy(today), open_items),
    )


def customers(rows):
    lines = "".join(
        "<tr><td><a href='/customer?no=%s'>%s</a></td><td>%s</td><td>%s</td><td>%s</td></tr>\n"
        % (
            row["cust_no"].strip(),
            row["cust_no"].strip(),
            escape(row["name"]),
            escape(row["city"] or ""),
            row["region"].strip(),
        )
        for row in rows
    )
    head = "<tr><th>No</th><th>Name</th><th>City</th><th>Region</th></tr>"
    return page("Customers", "<table border='1'>%s\n%s</table>\n<p>%d found</p>" % (head, lines, len(rows)))


def customer(row, card, invoices):
    address = "<br>".join(escape(row[key].strip()) for key in ("street", "zip", "city") if row[key])
    flags = [label for key, label in (("vip", "VIP"), ("dunning_stop", "no dunning")) if row[key] == "Y"]
    if row["active"] == "N":
        flags.append("INACTIVE")
    lines = "".join(
        "<li><a href='/invoice?no=%d'>%d</a> %s %s</li>\n"
        % (item["inv_no"], item["inv_no"], dmy(item["issued"]), STATUS[item["status"]])
        for item in invoices
    )
    body = "<p>%s</p>\n<p>Customer since %s</p>\n" % (address or "-", dmy(row["since"]) or "unknown")
    if flags:
        body += "<p>%s</p>\n" % ", ".join(flags)
    if row["note"]:
        body += "<p><i>%s</i></p>\n" % escape(row["note"])
    body += "<p>Open %s EUR, rating %s</p>\n<ul>\n%s</ul>" % (
        format_amount(card["o_open"]),
        card["o_rating"],
        lines,
    )
    return page("Customer %s %s" % (row["cust_no"].strip(), row["name"]), body)


def invoice(row, lines, total, message):
    body = "<p>%s</p>\n" % MESSAGES[message] if message in MESSAGES else ""
    body += "<p>of %s, due %s, %s</p>\n" % (dmy(row["issued"]), dmy(row["due"]), STATUS[row["status"]])
    if row["paid_on"]:
        body += "<p>paid on %s</p>\n" % dmy(row["paid_on"])
    body += "<table border='1'>\n"
    for line in lines:
        body += "<tr><td>%s</td><td align='right'>%s</td><td align='right'>%s</td></tr>\n" % (
            escape(line["descr"]),
            ("%f" % line["qty"]).rstrip("0").rstrip("."),
            format_amount(line["amount"]),
        )
    body += "</table>\n<p>To pay today: %s EUR</p>\n<p>Reference %s</p>" % (
        format_amount(total),
        reference(row["inv_no"], row["cust_no"]),
    )
    return page("Invoice %d" % row["inv_no"], body)


def error(code, text):
    return page("Error", "<p>ERROR %02d: %s</p>" % (code, escape(text)))


def edi(body):
    return '<?xml version="1.0" encoding="ISO-8859-1"?>\n' + body + "\n"


def edi_invoice(row, name, lines, total):
    """For the partners who did not want JSON. Empty elements stay, their readers count on them."""
    items = "".join(
        '  <ITEM POS="%d" CODE="%s" TAX="%s">%s</ITEM>\n'
        % (line["line_no"], line["code"].strip(), line["tax_code"].strip(), line["amount"])
        for line in lines
    )
    return edi(
        '<INVOICE NO="%07d" STATUS="%s">\n <CUSTOMER NO="%s">%s</CUSTOMER>\n <ISSUED>%s</ISSUED>\n'
        " <PAID>%s</PAID>\n <REMARK>%s</REMARK>\n <ITEMS>\n%s </ITEMS>\n <OPEN>%s</OPEN>\n</INVOICE>"
        % (
            row["inv_no"],
            row["status"],
            row["cust_no"],
            escape(name),
            dmy(row["issued"]),
            dmy(row["paid_on"]),
            escape(row["remark"] or ""),
            items,
            total,
        )
    )


def edi_open_items(cust_no, rows):
    items = "".join(
        '<ITEM NO="%07d" DUE="%s">%s</ITEM>\n' % (row["inv_no"], dmy(row["due"]), row["open"]) for row in rows
    )
    return edi('<OPENITEMS CUSTOMER="%s" COUNT="%d">\n%s</OPENITEMS>' % (escape(cust_no), len(rows), items))


def edi_error(code, text):
    return edi('<ERROR CODE="%02d">%s</ERROR>' % (code, escape(text)))
