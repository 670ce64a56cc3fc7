"""A new version goes out: the old process is asked to stop, closes its producer in good order, and the next one goes on.

Asked to stop, the application sends nothing new, waits until every record it sent has its answer, and closes its producer. Only
then does the next one begin, with a producer id of its own, behind everything that was written before. So each value is there
once, and in order, although two producers wrote it and a leader moved in between: what `close()` is for. Compare with
`application_restarts`, where the process is killed, and with `zombie_application`, where nobody waits for the old one.

Kafka's documentation of `KafkaProducer.close`.
"""

from sim import Application, ClusterConfig, Phase, Scenario, TopicConfig, Workload, after, sent, stopped

SCENARIO = Scenario(
    name="application_handover",
    question="An application is stopped in good order and its successor goes on: is each value there once, in order?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    applications=(Application(name="billing", workload=Workload(phases=(Phase(every_us=20_000),))),),
    schedule=(
        after(sent(16, by="billing")).move_leader("orders-0", to=2),
        after(sent(17, by="billing")).stop("billing"),
        after(stopped("billing")).restart("billing"),
    ),
    notes="Try --fault 'after RecordSent#17 client=billing: kill billing' instead of the stop, in a copy of this file.",
)
