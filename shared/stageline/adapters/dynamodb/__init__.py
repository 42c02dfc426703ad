"""The one table: `keys.py` is its design."""
