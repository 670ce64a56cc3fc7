"""Wrong: everything is right, and then an election may go to a replica that was not in sync."""

PRODUCER = {"acks": "all"}

TOPIC = {"replication.factor": 3, "min.insync.replicas": 2, "unclean.leader.election.enable": True}
