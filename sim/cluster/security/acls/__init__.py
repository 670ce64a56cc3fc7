"""Who may do what: access control lists as Kafka has them, and what they decide."""
