"""Wrong: nothing is ever lost, and one dead broker closes the shop."""

PRODUCER = {"acks": "all"}

TOPIC = {"replication.factor": 3, "min.insync.replicas": 3}
