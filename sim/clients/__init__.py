"""Real clients in virtual time: the producer's engine, and the consumer that reads everything back."""
