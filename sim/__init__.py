"""A simulated Kafka cluster in virtual time, and everything that watches it."""
