"""Wrong: acks=all, and the topic left at the broker's own default of min.insync.replicas=1."""

PRODUCER = {"acks": "all"}

TOPIC = {"replication.factor": 3}
