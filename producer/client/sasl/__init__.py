"""SASL as a client speaks it: one mechanism a file, and the exchange that carries its tokens in Kafka's requests."""
