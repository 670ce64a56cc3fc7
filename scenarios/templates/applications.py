"""Two applications write to one topic; one of them is killed in mid-stream and begins again.

Run it, watch it, change one thing, run it again.
"""

from sim import (
    Application,
    ClusterConfig,
    NoKeys,
    Phase,
    Resends,
    Scenario,
    TopicConfig,
    Workload,
    after,
    at,
    killed,
    sent,
)

SCENARIO = Scenario(
    name="applications",
    # What the run is to find out, in one line.
    question="An application is killed and begins again, beside another that goes on: does anything happen twice?",
    # -- the cluster ---------------------------------------------------------------------------------------------------
    # Three brokers, b1 to b3, and a controller. A topic has Kafka's settings; what is not said is as Kafka has it.
    cluster=ClusterConfig(brokers=3, topics=(TopicConfig("orders", partitions=2),)),
    # -- the applications ----------------------------------------------------------------------------------------------
    # Each has its own producer, by Kafka's property names, and its own records. Times are whole microseconds,
    # 20_000 is 20 ms; text does as well, "20ms".
    applications=(
        Application(
            name="shop",
            producer={"acks": "all"},
            # stands_for says what makes two records the same thing to the business: without it nobody looks for repetitions.
            workload=Workload(
                topic="orders", records=40, keys=NoKeys(), stands_for="value", phases=(Phase(every_us=25_000),)
            ),
            # What its next life sends: "goes on", "sends again" what nobody was told is written, or "begins anew".
            new_life="begins anew",
        ),
        Application(
            name="billing",
            producer={"linger.ms": "20"},
            workload=Workload(topic="orders", records=20, phases=(Phase(every_us=50_000),)),
            # Whether it sends a record again that failed.
            resends=Resends(times_max=3, wait_us=100_000),
        ),
    ),
    # -- what goes wrong -----------------------------------------------------------------------------------------------
    # Each line is a moment and a fault; `by` says whose event it is.
    #   acklab faults     lists all faults
    #   acklab events     lists all events
    schedule=(
        after(sent(20, by="shop")).kill("shop"),
        after(killed("shop")).wait("300ms").restart("shop"),
        at("500ms").pause("b2"),
    ),
    # -- what it comes to ----------------------------------------------------------------------------------------------
    # The promises that break here; empty: all hold. A run tells each of them, and this is what you say beforehand.
    expects=frozenset({"repeated"}),
)
