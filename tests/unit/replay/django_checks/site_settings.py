"""A small Django site; which database it runs on is told by the environment."""

import json
import os

SECRET_KEY = "for tests"
USE_TZ = True
STATIC_URL = "/static/"
ALLOWED_HOSTS = ["*"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["shop"]
ROOT_URLCONF = "shop.urls"
DATABASES = {"default": json.loads(os.environ["CHECKED_DATABASE"])}
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [("django.template.loaders.locmem.Loader", {"hello.html": "Hello {{ name }}"})]
        },
    }
]
