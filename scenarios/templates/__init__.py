"""Beginnings of a story of one's own, one a file: `acklab new` copies one, with its comments, under another name."""
