"""Somebody takes the batch job's quota away while it is at work, because it is late; the promise to its neighbour goes with it.

It begins as `noisy_neighbour_with_quota`. Three seconds in, an operator removes the limit, as `kafka-configs --delete-config` does:
the controller writes it down, each broker hears of it within milliseconds, and nobody has to begin anew. The wait that an answer has
asked for already is still kept. Then the job sends all that has piled up, and `billing` waits behind it.
"""

from sim import SECOND_US, Application, ClusterConfig, Phase, Scenario, TopicConfig, Workload, at

SCENARIO = Scenario(
    name="quota_removed_in_mid_stream",
    question="The batch job is late, so its quota is removed while it is at work: who pays for that?",
    cluster=ClusterConfig(
        topics=(TopicConfig("payments", partitions=1), TopicConfig("archive", partitions=1)),
        disk_bandwidth_bytes_s=2_000_000,
        quotas=("client-id=export producer_byte_rate=100000",),
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
    schedule=(at(3 * SECOND_US).quota("client-id=export", "producer_byte_rate", None),),
    expects=frozenset({"isolation"}),
)
