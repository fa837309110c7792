"""A small Django site; which database it runs on is told by the environment."""

import json
import os

SECRET_KEY = "for tests"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["books"]
DATABASES = {"default": json.loads(os.environ["CHECKED_DATABASE"])}
