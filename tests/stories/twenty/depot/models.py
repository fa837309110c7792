from __future__ import annotations

from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=40)
    country = models.CharField(max_length=2)
    is_active = models.BooleanField(default=True)
    credit = models.DecimalField(max_digits=10, decimal_places=2)
    since = models.DateField()
    owner = models.ForeignKey("self", models.DO_NOTHING, null=True, db_constraint=False)


class Part(models.Model):
    code = models.CharField(max_length=6, primary_key=True)
    title = models.CharField(max_length=40)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    stock = models.IntegerField()
    kilograms = models.FloatField()
    is_retired = models.BooleanField(default=False)


class Sale(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE)
    part = models.ForeignKey(Part, models.PROTECT)
    quantity = models.IntegerField()
    total = models.DecimalField(max_digits=10, decimal_places=2)
    sold_on = models.DateField()


class Entry(models.Model):
    what = models.CharField(max_length=60)
    amount = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    sale = models.ForeignKey(Sale, models.CASCADE, null=True)


class Bin(models.Model):
    label = models.CharField(max_length=5, primary_key=True)
    part = models.ForeignKey(Part, models.PROTECT)
    pieces = models.IntegerField()


class Specimen(models.Model):
    small = models.SmallIntegerField(null=True)
    big = models.BigIntegerField(null=True)
    amount = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    ratio = models.FloatField(null=True)
    flag = models.BooleanField(null=True)
    fixed = models.CharField(max_length=5, null=True)
    label = models.CharField(max_length=40, null=True)
    day = models.DateField(null=True)
    moment = models.DateTimeField(null=True)
    clock = models.TimeField(null=True)
    document = models.JSONField(null=True)
