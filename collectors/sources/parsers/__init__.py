"""Parsers of what commands print: pure functions from bytes to plain mappings.

Each raises ValueError when the output is not what the command prints; an odd item of a list becomes `{"raw": text}`,
which is shown as an odd row instead of hiding the others.
"""
