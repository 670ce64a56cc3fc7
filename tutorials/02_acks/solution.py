"""Lesson 2, one solution: three copies, at least two of them confirmed, nobody elected who lacks some, and patience."""

PRODUCER = {
    # Wait for every replica that is in sync ...
    "acks": "all",
}

TOPIC = {
    "replication.factor": 3,
    # ... and refuse to write while fewer than two are. One broker may be away, and the shop stays open.
    "min.insync.replicas": 2,
    # Rather no leader for a while than one that lacks what was confirmed.
    "unclean.leader.election.enable": False,
}
# The timeouts are Kafka's defaults: delivery.timeout.ms is two minutes, long enough for any election.
