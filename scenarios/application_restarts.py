"""An application is killed while its records are under way, and begins again: it sends once more what it was not told.

The leader has appended a batch and not answered yet when the process dies: nothing is flushed, nothing is closed but by its
kernel. The new process has a new producer with a new id. It knows which of its records were acknowledged, and sends all the
others, so nothing is missing in the end. But what the dead one had handed over is in the log already, and no sequence number
connects the two: idempotence ends with the producer. Each send is written once, and some values are there twice.

Kafka's documentation of idempotence promises it for one producer's session and no further; whoever needs more uses transactions, or
values that may come twice.
"""

from sim import SECOND_US, Application, ClusterConfig, Phase, Scenario, TopicConfig, Workload, after, appended, killed

SCENARIO = Scenario(
    name="application_restarts",
    question="An idempotent application dies with records under way and sends them again: is each value there once?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    applications=(
        Application(
            name="billing",
            workload=Workload(phases=(Phase(every_us=20_000),), stands_for="value"),
            new_life="sends again",
        ),
    ),
    schedule=(
        after(appended("orders-0", nth=3)).kill("billing"),
        after(killed("billing")).wait(SECOND_US).restart("billing"),
    ),
    expects=frozenset({"repeated"}),
    notes='With new_life="goes on" in a copy of this file nothing is there twice, and something may be missing.',
)
