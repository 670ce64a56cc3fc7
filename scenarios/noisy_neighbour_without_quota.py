"""A batch job writes as fast as it can, and whoever shares its brokers waits behind it, though nothing is lost.

`export` and `billing` write to topics of their own, but to the same disks, and a disk does one thing after the other. While the job
is at work each small record of `billing` lies behind a large one, at the leader and again at both followers, which acks=all
waits for. Every promise about records holds. The promise of another kind, that 99 of 100 records of `billing` are acknowledged
within 60 ms, is broken by somebody who did nothing that is not allowed.
"""

from sim import Application, ClusterConfig, Phase, Scenario, TopicConfig, Workload

SCENARIO = Scenario(
    name="noisy_neighbour_without_quota",
    question="A batch job fills the disks that a payment service shares with it: does the service's p99 stay below 60 ms?",
    cluster=ClusterConfig(
        topics=(TopicConfig("payments", partitions=1), TopicConfig("archive", partitions=1)),
        disk_bandwidth_bytes_s=2_000_000,
    ),
    applications=(
        Application(
            name="export",
            workload=Workload(topic="archive", records=240, value_bytes=30_000, phases=(Phase(every_us=2_000),)),
        ),
        Application(
            name="billing",
            workload=Workload(topic="payments", records=800, phases=(Phase(every_us=10_000),)),
            starts_after_us=2_000_000,
            latency_p99_us=60_000,
        ),
    ),
    expects=frozenset({"isolation"}),
    notes="noisy_neighbour_with_quota is the remedy. Or try --fault 'at 1s: quota client-id=export producer_byte_rate=100000': "
    "a quota counts what was written before it, too.",
)
