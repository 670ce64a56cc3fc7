"""A device of one broker fails, and the log directory on it with every replica there; the broker itself lives on.

Two directories a broker (log.dirs), one of the two partitions in each. Nobody is told when a device fails: the broker finds out with
its next write there, answers KAFKA_STORAGE_ERROR, and tells the controller by its next heartbeat, at once. The controller lets
another replica lead, and takes this one out of the ISR. The producer asks for metadata, where the replica is listed as offline, and
sends again. The other directory is served on as if nothing had happened.

The directory works again later, and nobody takes it up: that takes another life of the broker, whose followers then catch up.

Seen on Apache Kafka 4.3.1: another leader 0.5 s after the failure, found out by a checkpoint; a request that waited for followers
is answered only when its time is over (REQUEST_TIMED_OUT after 30 s).
"""

from sim import SECOND_US, ClusterConfig, Phase, Scenario, TopicConfig, Workload, after, phase_began

SCENARIO = Scenario(
    name="log_directory_fails",
    question="One of a leader's two log directories fails, and the broker lives on: is anything lost, written twice, or held up?",
    cluster=ClusterConfig(
        log_dirs=2,
        # The first log goes to the first directory, the second to the other.
        topics=(TopicConfig("orders", partitions=2, replicas=((1, 2, 3), (1, 2, 3)), min_insync_replicas=2),),
    ),
    workload=Workload(records=60, phases=(Phase(), Phase(every_us=50_000))),
    schedule=(
        after(phase_began(2)).wait(SECOND_US // 2).fail_log_directory(2, of=1),
        after(phase_began(2)).wait(6 * SECOND_US).repair_log_directory(2, of=1),
        after(phase_began(2)).wait(8 * SECOND_US).roll("b1"),
    ),
    expects=frozenset(),
    notes="Let directory 1 fail instead, which holds the metadata log as well: the broker halts.",
)
