"""A broker writes records and restarts before its answer is out: the producer sends them again.

Run it, watch it, change one thing, run it again.
"""

from sim import ClusterConfig, NoKeys, Phase, Scenario, TopicConfig, Workload, after, appended, leader

SCENARIO = Scenario(
    name="duplicates",
    # What the run is to find out, in one line.
    question="A broker restarts before it has answered, and the producer sends again: is anything there twice?",
    # -- the cluster ---------------------------------------------------------------------------------------------------
    # Three brokers, b1 to b3, and a controller. A topic has Kafka's settings; what is not said is as Kafka has it.
    cluster=ClusterConfig(
        brokers=3,
        topics=(TopicConfig("orders", partitions=1, replication_factor=3, min_insync_replicas=2),),
    ),
    # -- the producer --------------------------------------------------------------------------------------------------
    # Kafka's property names, values as text. Without idempotence a broker cannot know that it has a batch already; take the line
    # away, or give `--set enable.idempotence=true`, and it does.
    producer={"enable.idempotence": "false"},
    # -- what the application sends ------------------------------------------------------------------------------------
    # Times are whole microseconds: 20_000 are 20 ms.
    workload=Workload(topic="orders", records=30, keys=NoKeys(), phases=(Phase(every_us=20_000),)),
    # -- what goes wrong -----------------------------------------------------------------------------------------------
    # Each line is a moment and a fault. This moment is a point in the protocol: the leader has appended its third batch and has
    # not answered. First the answer gets lost, then the process is asked to stop, and once it has it begins again.
    #   acklab faults     lists all faults
    #   acklab events     lists all events
    schedule=(
        after(appended("orders-0", nth=3)).drop_response("Produce", by=leader("orders-0"), about="orders-0"),
        after(appended("orders-0", nth=3)).wait(1_000).roll(leader("orders-0")),
    ),
    # -- what it comes to ----------------------------------------------------------------------------------------------
    # The promises that break here; empty: all hold. A run tells each of them, and this is what you say beforehand.
    expects=frozenset({"duplicated"}),
)
