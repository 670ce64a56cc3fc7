"""Every broker is restarted, one after the other, while records are sent: what an upgrade does to a cluster.

A broker that is asked to stop says so with its heartbeat. The controller lets others lead what it led, takes it out of the
ISRs and, once everybody else has heard of that, lets it go; it flushes its logs and leaves a note on its disk that it did.
Back, it waits until its former session has run out, is registered under a new epoch, and fetches what it missed. Only when it
is in sync everywhere does the next one stop. The producer is told NOT_LEADER_OR_FOLLOWER, asks who leads, and goes on.

Seen on Apache Kafka 4.3.1: a leader moved 0.1 s after SIGTERM, the process ended after 2.4 to 2.8 s (0.6 s where it led
nothing), not one error told to the application, and no send longer than 1.2 s.
"""

from sim import ClusterConfig, Phase, Scenario, TopicConfig, Workload, acknowledged, after

SCENARIO = Scenario(
    name="rolling_restart",
    question="Every broker is restarted in good order while records are sent: does every promise hold?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=3, min_insync_replicas=2),)),
    workload=Workload(records=300, phases=(Phase(every_us=150_000),)),
    schedule=(after(acknowledged(10)).roll(),),
    notes='Pull the plug instead: --fault "after RecordAcknowledged#20: crash b2, unflushed lost"; or try --set acks=1.',
)
