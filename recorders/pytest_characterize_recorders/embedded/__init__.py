"""Database servers of our own, for demos and tests: started without rights, always stopped."""
