"""Two applications write to one topic, each with its own configuration; a crash takes the records of one of them.

`metrics` is content with the leader's word (acks=1), `billing` waits for the replicas (the default, acks=all). Both
followers stand still, as in `acks_one_leader_crash`: from then on every record of `metrics` is acknowledged by the leader alone,
and none of `billing`'s is. Then the leader is killed. When the followers go on and one of them is elected, `billing` sends what
it was not told, and all of it is written; `metrics` was told that all is well, and has nothing to send again.

What a record is promised is its producer's choice, not its topic's: Kafka's documentation of `acks`.
"""

from sim import (
    SECOND_US,
    Application,
    ClusterConfig,
    Phase,
    Scenario,
    TopicConfig,
    Workload,
    after,
    followers,
    leader,
    phase_ended,
    phase_sent,
)

HALVES = (Phase(), Phase(quiet_us=1_500_000))

SCENARIO = Scenario(
    name="two_applications",
    question="Two applications share a topic, one with acks=1, one with acks=all: whose records does a crash take?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    applications=(
        Application(name="billing", workload=Workload(records=20, phases=HALVES)),
        Application(name="metrics", producer={"acks": "1"}, workload=Workload(records=20, phases=HALVES)),
    ),
    schedule=(
        after(phase_ended(1, by="metrics")).wait(200_000).pause(followers("orders-0")),
        after(phase_sent(2, by="metrics")).wait(SECOND_US).crash(leader("orders-0")),
    ),
    expects=frozenset({"lost"}),
    notes="Try --set metrics:acks=all: the same schedule, and nothing is lost.",
)
