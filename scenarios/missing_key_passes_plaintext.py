"""The key service stands still for a while, and a policy that lets records pass without a key puts card numbers on every disk.

`on_missing_key: pass` is how many a gateway is set up, so that nothing stops when the key service does: orders go on, and nobody is
told but a counter. What lies on the brokers' disks then is there for whoever reads a disk, a backup or a follower's, and encrypting later
changes nothing of it. With `refuse`, the default here, nothing of those orders is written, and the shop is told why at once.
"""

from producer import Record
from sim import (
    SECOND_US,
    Application,
    ClusterConfig,
    KeyServiceConfig,
    Phase,
    Scenario,
    Secret,
    TopicConfig,
    Workload,
    at,
)

CARD = "4111-1111-1111-1111"

SCENARIO = Scenario(
    name="missing_key_passes_plaintext",
    question="The key service does not answer, and the policy lets records pass: what lies on the disks?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    keys=KeyServiceConfig(tenants=("acme",)),
    secrets=(Secret("the card", CARD),),
    applications=(
        Application(
            name="shop",
            policy={
                "version": 1,
                "on_missing_key": "pass",
                "topics": [{"match": "orders", "tenant": {"name": "acme"}, "protect": {"card": {"by": "encrypt"}}}],
            },
            workload=Workload(
                records=tuple(
                    Record("orders", f'{{"order":{number},"card":"{CARD}"}}'.encode()) for number in range(20)
                ),
                phases=(Phase(every_us=200_000),),
            ),
        ),
    ),
    schedule=(at(0).pause("key-service"),),
    repairs_after_us=8 * SECOND_US,
    expects=frozenset({"disclosed"}),
    notes="Try missing_key_passes_plaintext+on_missing_key=refuse: nothing of those orders is written, and the shop is told.",
)
