"""Python callables of legacy: where they are called, and by what interpreter."""
