"""The organisation locks acks=all for everybody: a shop that wants acks=1 is refused before it runs, and the shop that runs loses nothing.

Shared defaults that are only defaults are what a team overrides on the evening before a launch, because acks=1 is faster. A lock is held where an
application's properties are put together, so nothing is sent by the ones that it forbids: the message names the shop, the lock and its reason.

The faults are those of `acks_one_leader_crash`. Without the lock (`+locked=0`) the same shop with acks=1 is let through, every
order is acknowledged by the leader alone, and half of them die with it.
"""

from sim import (
    SECOND_US,
    Application,
    ClusterConfig,
    Phase,
    Scenario,
    TopicConfig,
    Workload,
    after,
    followers,
    leader,
    phase_ended,
    phase_sent,
)

SCENARIO = Scenario(
    name="locked_default_keeps_acks",
    question="acks=all is locked for every application, and a leader dies before its followers: is an acknowledged order lost?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=1, replication_factor=3, min_insync_replicas=2),)),
    bundles={
        "bundles": [
            {
                "layer": "organisation",
                "name": "acme",
                "properties": {"acks": {"value": "all", "locked": True, "why": "nothing acknowledged is lost"}},
            },
            {"layer": "team", "name": "orders", "properties": {"linger.ms": 5}},
        ],
        "applications": [{"name": "shop", "team": "orders"}],
    },
    applications=(Application(name="shop", workload=Workload(phases=(Phase(), Phase(quiet_us=1_500_000)))),),
    schedule=(
        after(phase_ended(1)).wait(100_000).pause(followers("orders-0")),
        after(phase_sent(2)).wait(SECOND_US).crash(leader("orders-0")),
    ),
    expects=frozenset(),
    notes="Try --set acks=1: refused before anything runs. And locked_default_keeps_acks+locked=0 --set acks=1: half of the orders are gone.",
)
