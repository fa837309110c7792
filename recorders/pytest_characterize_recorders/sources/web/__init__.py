"""Legacy web applications: where they may be, what is asked of them, and asking it."""
