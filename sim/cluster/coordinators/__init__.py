"""Who coordinates what on a broker: each partition of an internal topic is the state of one coordinator, kept as records."""
