"""A schema registry: what may follow a schema, and in which subject it is which version."""
