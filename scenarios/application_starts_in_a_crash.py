"""An application starts while the leader of its partition is dead and nobody has missed it yet.

For nine seconds the controller counts on a broker that it has not heard from, and tells everybody that it leads. A producer that
starts now learns a leader that refuses every connection. Nothing is wrong with it: it asks again and again, its records wait in
its buffer, and when another broker leads they are written. What it needs is patience: more than a broker's session, so
delivery.timeout.ms (two minutes by default) and not a few seconds.

Kafka's documentation of `delivery.timeout.ms` and `broker.session.timeout.ms`.
"""

from sim import SECOND_US, Application, ClusterConfig, Scenario, TopicConfig, Workload, after, leader, phase_ended

SCENARIO = Scenario(
    name="application_starts_in_a_crash",
    question="An application starts while the leader is dead and not yet missed: what becomes of its records?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    applications=(
        Application(name="billing", workload=Workload(records=10)),
        Application(name="newcomer", workload=Workload(records=20), starts_after_us=None),
    ),
    schedule=(
        after(phase_ended(1, by="billing")).crash(leader("orders-0")),
        after(phase_ended(1, by="billing")).wait(SECOND_US).start("newcomer"),
    ),
    notes="Try --set newcomer:delivery.timeout.ms=5000 --set newcomer:request.timeout.ms=3000: none of its records is written.",
)
