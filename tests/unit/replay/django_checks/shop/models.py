from django.db import models


class Status(models.TextChoices):
    OPEN = "O"
    PAID = "P"


class Customer(models.Model):
    code = models.CharField(max_length=5, unique=True)
    balance = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    status = models.CharField(max_length=1, choices=Status, default=Status.OPEN)
    contract = models.FileField(null=True)


class Posting(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    amount = models.DecimalField(max_digits=10, decimal_places=2)


class SpecialCustomer(Customer):
    discount = models.IntegerField()
