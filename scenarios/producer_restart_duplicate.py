"""The answer to a request is lost, the producer dies before it asks again, and the next one sends what nobody was told: it is there twice.

Idempotence is one producer's session long. A retry of the same producer would have been recognised by its id and its sequence; the
next life of the application has a new id, and to the partition its record is a new one. So a restart turns a lost answer into a
duplicate, at any `acks`. Kafka's documentation of KafkaProducer ("the idempotent producer … within a single session");
`producer_restart_with_transactional_id` has the remedy.
"""

from sim import (
    SECOND_US,
    Application,
    ClusterConfig,
    NoKeys,
    Phase,
    Scenario,
    TopicConfig,
    Workload,
    after,
    killed,
    leader,
    sent,
)

SCENARIO = Scenario(
    name="producer_restart_duplicate",
    question="An answer is lost, the producer restarts and sends again what it was not told: is it there twice?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=2),)),
    applications=(
        Application(
            name="shop",
            workload=Workload(
                records=8, partition=(0, 1), keys=NoKeys(), phases=(Phase(every_us=50_000),), stands_for="value"
            ),
            new_life="sends again",
        ),
    ),
    schedule=(
        after(sent(6, by="shop")).drop_response(about="orders-1", by=leader("orders-1"), then="stall"),
        after(sent(6, by="shop")).wait(SECOND_US).kill("shop"),
        after(killed("shop")).wait(SECOND_US).restart("shop"),
    ),
    expects=frozenset({"repeated"}),
    notes="Without the kill the producer asks again by itself, and is recognised.",
)
