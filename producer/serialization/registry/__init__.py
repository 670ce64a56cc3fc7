"""The client of a schema registry, without a socket or a clock of its own: calls as values, HTTP's bytes, answers as values."""
