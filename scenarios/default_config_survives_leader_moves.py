"""The default configuration, and everything that happens in a bad week: nothing lost, repeated or out of order.

Leaders move, a follower falls out of sync, answers are lost, requests are refused, a leader is killed in mid-stream.
The producer is as it comes out of the box: acks=all, idempotence, five requests in flight; the topic has three
replicas and min.insync.replicas=2. It retries whatever it has to, and the brokers recognise what they already have.

Seen on Apache Kafka 4.3.1 with a killed leader: each record once, in order.
"""

from sim import SECOND_US, ClusterConfig, Phase, Scenario, TopicConfig, Workload, acknowledged, after, followers, leader

SCENARIO = Scenario(
    name="default_config_survives_leader_moves",
    question="The default configuration through leader moves, lost answers and a crash: does every promise hold?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=2, min_insync_replicas=2),)),
    workload=Workload(records=120, phases=(Phase(every_us=10_000),)),
    schedule=(
        after(acknowledged(10)).move_leader("orders-0", to=2),
        after(acknowledged(20)).drop_response("Produce", by=leader("orders-0"), about="orders-0"),
        after(acknowledged(30)).shrink_isr("orders-1", by=followers("orders-1"), lasts_us=2 * SECOND_US),
        after(acknowledged(35)).answer("NOT_LEADER_OR_FOLLOWER", about="orders-1", times=2, after_append=True),
        after(acknowledged(60)).crash(leader("orders-0")),
        after(acknowledged(90)).move_leader("orders-1", to=3),
    ),
    notes="Try --set acks=1, or --set enable.idempotence=false, and see which promise goes first.",
)
