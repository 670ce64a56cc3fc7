"""Which partition a record goes to: one way of choosing a file."""
