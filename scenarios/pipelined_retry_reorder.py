"""Several requests in flight, the first is refused, the second lands: the retry of the first comes too late.

The producer does not wait for one answer before it sends the next batch (max.in.flight.requests.per.connection=5).
The leader refuses the first batch for a passing reason; the batches behind it are already on their way and are appended.
Then the first one is tried again, and lies behind them. With idempotence the broker would have refused the later ones, too,
until the first was there.

Kafka's documentation of `max.in.flight.requests.per.connection`.
"""

from sim import ClusterConfig, Phase, Scenario, TopicConfig, Workload, after, leader, phase_began

SCENARIO = Scenario(
    name="pipelined_retry_reorder",
    question="Five requests in flight and the first is refused: do the records keep their order?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    producer={"enable.idempotence": "false", "linger.ms": "0"},
    workload=Workload(phases=(Phase(every_us=200),)),
    schedule=(after(phase_began(1)).answer("NOT_ENOUGH_REPLICAS", by=leader("orders-0"), about="orders-0"),),
    expects=frozenset({"reordered", "key order"}),
    notes="Try --set max.in.flight.requests.per.connection=1, or --set enable.idempotence=true.",
)
