"""The successor's Django project."""
