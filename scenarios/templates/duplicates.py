"""A broker crashes when its followers have copied the records and nobody has an answer: the producer sends them again.

Run it, watch it, change one thing, run it again.
"""

from sim import ClusterConfig, NoKeys, Phase, Scenario, TopicConfig, Workload, after, event, leader

SCENARIO = Scenario(
    name="duplicates",
    # What the run is to find out, in one line.
    question="A broker crashes before it has answered, and the producer sends again: is anything there twice?",
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
    # Times are whole microseconds, 20_000 is 20 ms; text does as well, "20ms".
    workload=Workload(topic="orders", records=30, keys=NoKeys(), phases=(Phase(every_us=20_000),)),
    # -- what goes wrong -----------------------------------------------------------------------------------------------
    # Each line is a moment and a fault. This moment is a point in the protocol: both followers have copied the third batch (each
    # copy is an event), and the leader does not know it yet, so it has not answered. What it is made to do then is a verb:
    # .crash() kills its process, .roll() stops it in good order and starts it again, .pause() lets it stand still, and
    # .drop_response("Produce", by=leader("orders-0"), about="orders-0") loses the answer alone. Whoever crashed begins again
    # a while after the last fault; .restart("b1") does it sooner.
    #   acklab faults     lists all faults
    #   acklab events     lists all events
    schedule=(
        after(event("BatchReplicated", nth=6, where={"topic": "orders", "partition": 0})).crash(leader("orders-0")),
        # after(event("BrokerCrashed")).wait("12s").restart("b1"),
    ),
    # -- what it comes to ----------------------------------------------------------------------------------------------
    # The promises that break here; empty: all hold. A run tells each of them, and this is what you say beforehand.
    expects=frozenset({"duplicated"}),
)
