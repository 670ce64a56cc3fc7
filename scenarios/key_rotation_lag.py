"""A tenant's key is replaced, and a producer goes on with the data key that it holds: its records are under the old key.

Envelope encryption asks the key service for a data key now and then, not for each record: the data key encrypts records, and the tenant's key
encrypts the data key. After a rotation the service wraps new data keys with the new one, and a producer hears of it when its data key is
too old (`data_keys: age_s`) or used up. Until then whoever has the old key, because of whom it was replaced, reads what is written. The lag
is the age: with a second in place of five minutes the orders after the pause are under the new key, for one more question a second.
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
    name="key_rotation_lag",
    question="A tenant's key is replaced because somebody has it: under which key are the orders after that?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    keys=KeyServiceConfig(tenants=("acme",)),
    secrets=(Secret("the card", CARD),),
    applications=(
        Application(
            name="shop",
            policy={
                "version": 1,
                "data_keys": {"age_s": 300},
                "topics": [{"match": "orders", "tenant": {"name": "acme"}, "protect": {"card": {"by": "encrypt"}}}],
            },
            workload=Workload(
                records=tuple(
                    Record("orders", f'{{"order":{number},"card":"{CARD}"}}'.encode()) for number in range(20)
                ),
                phases=(Phase(every_us=100_000), Phase(every_us=100_000, quiet_us=4 * SECOND_US)),
            ),
        ),
    ),
    schedule=(at(2 * SECOND_US).rotate_key("acme"),),
    expects=frozenset({"disclosed"}),
    notes="Try key_rotation_lag+data_key_age_s=1: what is sent after the pause is under the new key.",
)
