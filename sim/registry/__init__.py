"""A schema registry: what is registered under which subject, version and id, what may follow it, and Confluent's REST API over it."""
