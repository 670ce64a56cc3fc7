"""A field is removed that a consumer needs. The registry would have said so, had anybody asked it to: its level is NONE.

The shop's second version writes orders without their amount. Under NONE whatever is a schema is registered, and every order is acknowledged, copied and there.
But billing wants an amount, has no default for it, and can make nothing of the new ones; it stands still at the first, as a consumer does
whose `poll` raises at the same record again and again, and reads nothing of what lies behind.

Removing a field is refused by FORWARD and FULL, which let the readers of today read what is written tomorrow. BACKWARD allows it: see
`backward_is_not_forward`. Confluent's documentation, "Schema Evolution and Compatibility".
"""

from producer import Schema, SchemaType
from sim import (
    Application,
    ClusterConfig,
    Deserializing,
    Phase,
    RegistryConfig,
    Scenario,
    TopicConfig,
    Version,
    Workload,
    after,
    at,
    sent,
)

ORDER = """{"type": "record", "name": "Order", "fields": [{"name": "id", "type": "long"}, {"name": "amount", "type": "double"}]}"""
WITHOUT_AMOUNT = """{"type": "record", "name": "Order", "fields": [{"name": "id", "type": "long"}]}"""
FIRST, SECOND = Schema(SchemaType.AVRO, ORDER), Schema(SchemaType.AVRO, WITHOUT_AMOUNT)

SCENARIO = Scenario(
    name="field_removed_breaks_consumer",
    question="A new version no longer writes a field that a consumer needs, and nobody checks: what can the consumer read?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    registry=RegistryConfig(level="NONE"),
    applications=(
        Application(
            name="shop",
            producer={"value.serializer": "avro", "schema.registry.url": "http://registry-1:8081"},
            versions=(
                Version(schema=FIRST, values=({"id": 1, "amount": 9.5}, {"id": 2, "amount": 20.0})),
                Version(schema=SECOND, values=({"id": 3}, {"id": 4})),
            ),
            workload=Workload(records=20, phases=(Phase(every_us=20_000),)),
        ),
    ),
    readers=(at(0).read("orders", name="billing"),),
    deserializing=(Deserializing(reader="billing", versions=(FIRST,)),),
    schedule=(after(sent(10, by="shop")).deploy("shop", version=2),),
    expects=frozenset({"unread", "unreadable"}),
    notes="Try field_removed_breaks_consumer+level=FULL: the registry refuses the schema (409), the shop is told before anything is sent, and "
    "whatever is in the topic can be read.",
)
