"""The clean model: real flags, real dates, codes without padding."""

from django.db import models


class TaxClass(models.TextChoices):
    """How a product is taxed."""

    STANDARD = "standard"
    REDUCED = "reduced"
    ZERO = "zero"


class InvoiceStatus(models.TextChoices):
    """Where an invoice stands."""

    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"


class Side(models.TextChoices):
    """The side of a ledger entry."""

    DEBIT = "debit"
    CREDIT = "credit"


class Channel(models.TextChoices):
    """How a dunning letter goes out."""

    POST = "post"
    EMAIL = "email"


class Customer(models.Model):
    """A customer; ``customer_since`` is unknown for those taken over from Hansen."""

    number = models.CharField(max_length=8, primary_key=True)
    name = models.CharField(max_length=40)
    street = models.CharField(max_length=40, blank=True)
    postcode = models.CharField(max_length=8, blank=True)
    city = models.CharField(max_length=30, blank=True)
    region = models.CharField(max_length=4)
    email = models.EmailField(max_length=60, blank=True)
    customer_since = models.DateField(null=True)
    credit_limit = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    is_vip = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    dunning_stopped = models.BooleanField(default=False)
    note = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["number"]


class Product(models.Model):
    """Something that can be on an invoice."""

    code = models.CharField(max_length=8, primary_key=True)
    description = models.CharField(max_length=40)
    unit_price = models.DecimalField(max_digits=10, decimal_places=4)
    tax_class = models.CharField(max_length=8, choices=TaxClass)


class Invoice(models.Model):
    """An invoice; what it comes to depends on the day (:func:`billing.services.pricing.invoice_total`)."""

    number = models.IntegerField(primary_key=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="invoices")
    issued_on = models.DateField()
    due_on = models.DateField()
    status = models.CharField(max_length=9, choices=InvoiceStatus, default=InvoiceStatus.OPEN)
    paid_on = models.DateField(null=True)
    remark = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["number"]


class InvoiceLine(models.Model):
    """One line, at the price of the day."""

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
    position = models.SmallIntegerField()
    product = models.ForeignKey(Product, models.PROTECT)
    quantity = models.DecimalField(max_digits=9, decimal_places=3)
    unit_price = models.DecimalField(max_digits=10, decimal_places=4)

    class Meta:
        ordering = ["invoice", "position"]
        constraints = [models.UniqueConstraint("invoice", "position", name="line_position")]


class Payment(models.Model):
    """Money that came in for an invoice."""

    number = models.IntegerField(primary_key=True)
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="payments")
    received_on = models.DateField()
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    method = models.CharField(max_length=3)

    class Meta:
        ordering = ["number"]
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="payment_positive")]


class LedgerEntry(models.Model):
    """One posting; entry numbers have no gaps. ``text`` may be unknown, which is not the same as empty."""

    number = models.IntegerField(primary_key=True)
    booked_on = models.DateField()
    account = models.CharField(max_length=6)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="entries")
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, related_name="entries")
    side = models.CharField(max_length=6, choices=Side)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    text = models.CharField(max_length=60, null=True)

    class Meta:
        ordering = ["number"]


class CreditDecision(models.Model):
    """What was answered to a request for credit."""

    customer = models.ForeignKey(Customer, models.PROTECT)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    answer = models.CharField(max_length=8)


class Counter(models.Model):
    """The last number handed out of a gapless series."""

    name = models.CharField(max_length=8, primary_key=True)
    last = models.IntegerField()


class DunningLetter(models.Model):
    """A letter that has been sent for an invoice; each level once."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="letters")
    level = models.SmallIntegerField()
    printed_on = models.DateField()
    fee = models.DecimalField(max_digits=8, decimal_places=2)
    channel = models.CharField(max_length=5, choices=Channel)

    class Meta:
        ordering = ["invoice", "level"]
        constraints = [models.UniqueConstraint("invoice", "level", name="letter_level")]


class Period(models.Model):
    """A month that has been closed, with what was booked on the customers' accounts."""

    year = models.SmallIntegerField()
    month = models.SmallIntegerField()
    closed_on = models.DateField()
    entries = models.IntegerField()
    debit = models.DecimalField(max_digits=12, decimal_places=2)
    credit = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        ordering = ["year", "month"]
        constraints = [models.UniqueConstraint("year", "month", name="period_month")]
