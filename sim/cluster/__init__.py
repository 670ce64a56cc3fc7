"""The simulated Kafka cluster: brokers, the controller, and what they say to each other."""
