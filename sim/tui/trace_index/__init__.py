"""A long trace opens without being read: what is made of its events is kept in a file beside it."""
