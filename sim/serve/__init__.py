"""A simulated cluster on TCP, in real time: clients of any make speak to it as they do to Apache Kafka."""
