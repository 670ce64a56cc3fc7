"""TCP ports in real time: the one way by which clients of any make come in. There is no Kafka in here."""
