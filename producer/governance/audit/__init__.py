"""Audit: who wrote what, when and from where, in lines that are chained by their hashes; never a key, a value or a secret."""
