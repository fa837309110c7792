"""SQLite sources: files that are read, or copied and never written."""
