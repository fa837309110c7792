SECRET_KEY = "only for tests"
INSTALLED_APPS = ["rental"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = False
TIME_ZONE = "UTC"
CHARGES_REPLACEMENT = True
