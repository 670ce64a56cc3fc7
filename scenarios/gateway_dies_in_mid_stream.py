"""The gateway between a shop and its brokers is killed twice while orders pass: is anything lost, or doubled, that was acknowledged?

A gateway acknowledges nothing by itself: what a client hears is what a broker said. What was on its way in it when it died has no answer, so
the shop sends it again, and the brokers know the sequence: what had arrived before is written once. A new life of the gateway knows
nothing of brokers until a client asks; it needs to know nothing else. Its audit outlives it: each order has an intent that was durable
before it passed, and an outcome, or the honest gap of one that nobody was told of.

With acks=0 nobody hears anything: whatever the gateway had in its hands is gone, and the shop goes on as if it were written.
"""

from sim import (
    SECOND_US,
    Application,
    ClusterConfig,
    GatewayConfig,
    Phase,
    Scenario,
    TopicConfig,
    Workload,
    acknowledged,
    after,
)

SCENARIO = Scenario(
    name="gateway_dies_in_mid_stream",
    question="The gateway is killed twice while orders pass through it: is an acknowledged order lost, doubled, or missing in the audit?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    gateway=GatewayConfig(audit=True),
    applications=(
        Application(name="shop", through="gateway", workload=Workload(records=60, phases=(Phase(every_us=50_000),))),
    ),
    schedule=(
        after(acknowledged(10)).crash("gateway"),
        after(acknowledged(10)).wait(SECOND_US).restart("gateway"),
        after(acknowledged(40)).crash("gateway"),
        after(acknowledged(40)).wait(SECOND_US).restart("gateway"),
    ),
    expects=frozenset(),
    notes="Try --set acks=0: nobody hears of what the gateway took with it.",
)
