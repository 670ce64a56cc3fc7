"""A gateway: a Kafka proxy that enforces one policy on clients of any make, between them and brokers of any make."""
