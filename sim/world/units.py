"""Units of virtual time, in its microseconds."""

MILLISECOND_US = 1_000
SECOND_US = 1_000_000
