"""Lesson 2, exercise: a shop that loses no order it has confirmed.

The shop's orders go to one topic with one partition, on a cluster of three brokers. Somebody in a hurry wrote the
configuration below. Change it until `acklab learn check` is content:

- in none of 200 bad nights an order is lost that the producer was told is written;
- and every order is taken: none is turned away, none is still without an answer when the night is over.

The names are Kafka's own. A line that you delete falls back to Kafka's default.
"""

PRODUCER = {
    "acks": "1",
    "request.timeout.ms": 3000,
    "delivery.timeout.ms": 5000,
}

TOPIC = {
    "replication.factor": 3,
    "min.insync.replicas": 1,
    "unclean.leader.election.enable": True,
}
