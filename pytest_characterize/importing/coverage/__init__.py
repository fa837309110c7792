"""Reports of coverage tools: a reader a format, each a function from a stream to what was measured."""
