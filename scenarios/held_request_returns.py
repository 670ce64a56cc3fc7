"""Without idempotence one request in flight is not enough: a request that was given up can arrive after the next one.

The first request of the second phase is under way for 40 s: the network has it. After 30 s the producer gives it up, with the
connection that it was sent on, and sends the record again on a new one; it is written, and so is the one behind it. Then the
network delivers what it had. The connection is long closed at the other end, but the bytes were sent before its end, and the broker
does what it reads: b1 b2 b1. A broker that merely stood still would have served the older connection first: b1 b1 b2.

Staged on Apache Kafka with Java's producer and librdkafka. With idempotence the broker knows the sequence of the first b1, and
answers into the void.
"""

from sim import ClusterConfig, KeysInTurn, Phase, Scenario, TopicConfig, Workload, after, leader, phase_began

SCENARIO = Scenario(
    name="held_request_returns",
    question="One request in flight, and the network delivers one that was given up: is each record there once?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=1, replication_factor=3, min_insync_replicas=2),)),
    producer={"enable.idempotence": "false", "max.in.flight.requests.per.connection": "1"},
    # Each record fills a batch.
    workload=Workload(records=3, phases=(Phase(), Phase(share=2)), keys=KeysInTurn(1), value_bytes=9_000),
    schedule=(after(phase_began(2)).detain_request(to=leader("orders-0"), about="orders-0", by_us=40_000_000),),
    expects=frozenset({"duplicated"}),
    # The network has it for longer than the producer waits for an answer, and the reader comes behind it.
    repairs_after_us=60_000_000,
    notes="Try --set enable.idempotence=true: the late request is recognised, and nothing is written twice.",
)
