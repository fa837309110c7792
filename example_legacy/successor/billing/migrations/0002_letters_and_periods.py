import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Period",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.SmallIntegerField()),
                ("month", models.SmallIntegerField()),
                ("closed_on", models.DateField()),
                ("entries", models.IntegerField()),
                ("debit", models.DecimalField(decimal_places=2, max_digits=12)),
                ("credit", models.DecimalField(decimal_places=2, max_digits=12)),
            ],
            options={
                "ordering": ["year", "month"],
                "constraints": [
                    models.UniqueConstraint(models.F("year"), models.F("month"), name="period_month")
                ],
            },
        ),
        migrations.CreateModel(
            name="DunningLetter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("level", models.SmallIntegerField()),
                ("printed_on", models.DateField()),
                ("fee", models.DecimalField(decimal_places=2, max_digits=8)),
                ("channel", models.CharField(choices=[("post", "Post"), ("email", "Email")], max_length=5)),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="billing.invoice",
                    ),
                ),
            ],
            options={
                "ordering": ["invoice", "level"],
                "constraints": [
                    models.UniqueConstraint(models.F("invoice"), models.F("level"), name="letter_level")
                ],
            },
        ),
    ]
