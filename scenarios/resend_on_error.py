"""An application sends a record again when it is told that it failed; but "failed" may mean written.

The leader's answer is held up for longer than a record may take (delivery.timeout.ms). The producer has to say something, and
says that the record's fate is unknown: a time-out is no refusal. The application takes it for one and sends the value again, as
a new record with a new sequence number, which no broker can connect with the first. The first one had been written all along.

Kafka's producer says the same to Java's callbacks: a TimeoutException does not tell whether the record was written. Its own retries
are the safe ones; who sends again after them needs values that may come twice.
"""

from sim import (
    SECOND_US,
    Application,
    ClusterConfig,
    Phase,
    Resends,
    Scenario,
    TopicConfig,
    Workload,
    acknowledged,
    after,
    leader,
)

SCENARIO = Scenario(
    name="resend_on_error",
    question="An application sends again what it was told has failed: is each value there once?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    applications=(
        Application(
            name="billing",
            producer={"delivery.timeout.ms": "3000", "request.timeout.ms": "3000", "linger.ms": "0"},
            workload=Workload(phases=(Phase(every_us=20_000),), stands_for="value"),
            resends=Resends(times_max=3, wait_us=500_000),
        ),
    ),
    schedule=(after(acknowledged(10)).delay_response("Produce", by=leader("orders-0"), by_us=6 * SECOND_US),),
    expects=frozenset({"repeated"}),
    notes="Try --set billing:delivery.timeout.ms=30000: the producer's own retry is recognised, and each value is there once.",
)
