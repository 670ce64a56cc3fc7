"""Bytes to values and back: frames, headers, APIs, record batches, compression. No time in it, no state but caches."""
