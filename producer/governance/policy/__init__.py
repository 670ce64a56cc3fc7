"""One policy for what may be written: read from a file, asked for each record, the same at a producer and at a gateway."""
