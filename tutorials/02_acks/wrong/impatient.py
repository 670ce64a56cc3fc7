"""Wrong: nothing is lost, but the producer gives up sooner than a cluster can elect a leader."""

PRODUCER = {"acks": "all", "request.timeout.ms": 3000, "delivery.timeout.ms": 5000}

TOPIC = {"replication.factor": 3, "min.insync.replicas": 2}
