"""Wrong: everything is right but acks=1, because "the disk of the leader is safe enough"."""

PRODUCER = {"acks": "1"}

TOPIC = {"replication.factor": 3, "min.insync.replicas": 2, "unclean.leader.election.enable": False}
