"""A producer has begun a new epoch; whoever still writes under the old one is refused, once the partition has seen the new one.

The third record is lost on its way to the leader and runs out of time. The producer cannot know whether it is in the log, nor whether
its sequence was used, so it raises its own epoch and counts from 0 again (KIP-360). Meanwhile somebody has the old epoch still: a
request that was under way for long, a copy of the process that knows nothing of all that. Its first batch comes before anything of
the new epoch is there, with the sequence that is due in the old one, and is taken. The second comes behind the new epoch's first
batch: INVALID_PRODUCER_EPOCH (ProducerAppendInfo.checkProducerEpoch). It is the partition that fences, not the producer.

A `transactional.id` closes the gap: who takes it over gets the new epoch from a coordinator, which tells it to each partition.
`make interop` stages both batches on Apache Kafka 4.3.
"""

from sim import (
    SECOND_US,
    ClusterConfig,
    KeysInTurn,
    Phase,
    Scenario,
    TopicConfig,
    Workload,
    acknowledged,
    after,
    event,
    leader,
    phase_began,
)

SCENARIO = Scenario(
    name="stale_epoch_is_fenced",
    question="A producer goes on in a new epoch: is somebody let in who still writes under the old one?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=1, replication_factor=3, min_insync_replicas=2),)),
    producer={"linger.ms": "0", "request.timeout.ms": "3000", "delivery.timeout.ms": "3000"},
    # Each record fills a batch.
    workload=Workload(
        records=6,
        phases=(Phase(share=2), Phase(share=1), Phase(share=3, quiet_us=SECOND_US)),
        keys=KeysInTurn(1),
        value_bytes=9_000,
    ),
    schedule=(
        after(phase_began(2)).lose_request(to=leader("orders-0"), about="orders-0"),
        after(event("IdentityAssigned", where={"producer_epoch": 1})).write(
            "orders-0", client="early", of="producer-1", epoch=0, sequence=2
        ),
        after(acknowledged(3, by="producer-1")).write("orders-0", client="late", of="producer-1", epoch=0, sequence=3),
    ),
    notes="early is told that its record is written, late that it is not: INVALID_PRODUCER_EPOCH.",
)
