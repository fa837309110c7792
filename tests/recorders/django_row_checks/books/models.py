"""A clean model beside which a legacy ledger is imagined."""

from django.db import models


class Customer(models.Model):
    number = models.CharField(max_length=8, unique=True)


class OpenEntries(models.Manager):
    """Hides what is closed, as real managers do."""

    def get_queryset(self):
        return super().get_queryset().filter(closed=False)


class Entry(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    booked_on = models.DateField(null=True)
    booked_at = models.DateTimeField(null=True)
    closed = models.BooleanField(default=False)
    kind = models.CharField(max_length=8, default="debit")
    level = models.IntegerField(default=0)
    blob = models.BinaryField(null=True)
    extra = models.JSONField(null=True)

    objects = OpenEntries()

    class Meta:
        base_manager_name = "objects"
