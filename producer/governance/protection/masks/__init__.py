"""Ways to hide a field for good, one a file: `redact`, `hash`, `tokenise`, `generalise`."""
