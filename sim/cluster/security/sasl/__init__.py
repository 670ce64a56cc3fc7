"""SASL as a broker speaks it: one mechanism a file, and the order in which Kafka's requests carry it."""
