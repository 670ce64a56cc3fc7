"""The brokers take smaller records from now on; of two topics one has said what it takes, and goes on as before.

`message.max.bytes` is what brokers take where a topic says nothing; `max.message.bytes` of a topic goes before it. Altered for all
brokers at once it is in effect with the next batch, no restart is needed. The producer learns it from the refusal alone: a record that
is too large by itself cannot be split, so its send fails for certain (MESSAGE_TOO_LARGE), and the records behind it go on.
"""

from sim import ClusterConfig, Phase, Scenario, TopicConfig, Workload, after, phase_ended

SCENARIO = Scenario(
    name="broker_default_lowered",
    question="Somebody lowers message.max.bytes for all brokers: which topic's records are refused, and is any lost or there twice?",
    cluster=ClusterConfig(
        topics=(
            TopicConfig("orders", partitions=1, replication_factor=3, min_insync_replicas=2),
            TopicConfig(
                "photos", partitions=1, replication_factor=3, min_insync_replicas=2, max_message_bytes=2_000_000
            ),
        )
    ),
    workload=Workload(topic=("orders", "photos"), phases=(Phase(), Phase(quiet_us=1_000_000)), value_bytes=5_000),
    schedule=(after(phase_ended(1)).alter_broker(None, "message.max.bytes", 4_000),),
    notes="Try --fault 'after PhaseEnded#1 phase=1 +500ms: alter brokers set message.max.bytes=6000': nothing is refused.",
)
