"""Goldens for other tools: what they know of legacy, in the files of tools that people have."""
