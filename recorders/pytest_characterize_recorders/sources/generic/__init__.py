"""Sources that are reached through SQLAlchemy, whatever their dialect."""
