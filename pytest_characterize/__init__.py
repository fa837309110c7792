"""Record legacy behaviour, replay it on the Python successor, explain every drift."""
