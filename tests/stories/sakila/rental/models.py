from __future__ import annotations

from django.db import models


class Customer(models.Model):
    store = models.IntegerField()
    first_name = models.CharField(max_length=45)
    last_name = models.CharField(max_length=45)


class Film(models.Model):
    title = models.CharField(max_length=255)
    days = models.SmallIntegerField()
    rate = models.DecimalField(max_digits=4, decimal_places=2)
    cost = models.DecimalField(max_digits=5, decimal_places=2)


class Actor(models.Model):
    first_name = models.CharField(max_length=45)
    last_name = models.CharField(max_length=45)


class Item(models.Model):
    film = models.ForeignKey(Film, models.PROTECT)
    store = models.IntegerField()


class Rental(models.Model):
    rented = models.DateTimeField()
    item = models.ForeignKey(Item, models.PROTECT)
    customer = models.ForeignKey(Customer, models.PROTECT, db_constraint=False)
    returned = models.DateTimeField(null=True)
    updated = models.DateTimeField()


class Payment(models.Model):
    customer = models.ForeignKey(Customer, models.PROTECT)
    amount = models.DecimalField(max_digits=5, decimal_places=2)
    paid = models.DateTimeField()
