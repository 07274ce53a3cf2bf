"""The operations, one file per kind that they act on; `index.py` is generated from their declarations."""
