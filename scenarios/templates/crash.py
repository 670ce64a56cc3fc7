"""The leader of a partition crashes while records are sent, and comes back later.

Run it, watch it, change one thing, run it again.
"""

from sim import ClusterConfig, KeysInTurn, Phase, Scenario, TopicConfig, Workload, acknowledged, after, leader

SCENARIO = Scenario(
    name="crash",
    # What the run is to find out, in one line.
    question="The leader crashes while records are sent: is every acknowledged record still there?",
    # -- the cluster ---------------------------------------------------------------------------------------------------
    # Three brokers, b1 to b3, and a controller. A topic has Kafka's settings; what is not said is as Kafka has it.
    cluster=ClusterConfig(
        brokers=3,
        topics=(
            TopicConfig("orders", partitions=1, replication_factor=3, min_insync_replicas=2),
            # TopicConfig("payments", partitions=3),
        ),
    ),
    # -- the producer --------------------------------------------------------------------------------------------------
    # Kafka's property names, values as text; what is not named has Kafka's default, which here is acks=all and idempotence.
    # Or leave it and try `--set acks=1` on the command line.
    producer={
        "linger.ms": "5",
        # "acks": "1",
    },
    # -- what the application sends ------------------------------------------------------------------------------------
    # Times are whole microseconds, 20_000 is 20 ms; text does as well, "20ms". A phase ends when each of its records has its answer.
    workload=Workload(
        topic="orders",
        records=60,
        keys=KeysInTurn(5),  # user-0 to user-4; NoKeys() for none
        phases=(
            Phase(share=1, every_us=20_000),
            Phase(share=1, every_us=20_000, quiet_us=500_000),
        ),
    ),
    # -- what goes wrong -----------------------------------------------------------------------------------------------
    # Each line is a moment and a fault. A moment is a time of the story, at("2s"), or better a point in the protocol, as
    # after(sent(12)), after(appended("orders-0", nth=3)), after(phase_ended(1)), and any event by name, after(event("IsrChanged")).
    # What happens is a verb: .crash() kills a process, .roll() stops it in good order and starts it again, .pause() lets it stand
    # still, .cut_link("b1", "b2") parts two hosts, .drop_response() loses an answer.
    # Whom a fault strikes is a broker, "b1", or whoever has a role at that moment, leader("orders-0"). What nobody ends is ended a
    # while after the last fault: links open, who is paused goes on, and last of all who crashed begins again.
    #   acklab faults     lists all faults
    #   acklab events     lists all events
    schedule=(
        after(acknowledged(12)).crash(leader("orders-0")),
        # at("3s").pause("b2"),
    ),
    # -- what it comes to ----------------------------------------------------------------------------------------------
    # The promises that break here, as "lost", "duplicated" or "reordered"; empty: all hold. A run tells each of them, and this is
    # what you say beforehand.
    expects=frozenset(),
)
