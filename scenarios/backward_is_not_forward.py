"""BACKWARD holds, the registry is content, and a consumer cannot read: its level says who goes first, and the producer went first.

Under BACKWARD, the default, a new schema reads what was written by the last one: fields may go, and new ones have defaults. So consumers are to be deployed first,
and read old and new alike. Here the shop is deployed first, and writes a total where there was an amount. The registry takes the schema, every order is
acknowledged, and billing, still in its first version, stands still at the first of the new ones.

Consumers first, `at 100ms: deploy billing version 2`, and everything is read. Consumers soon after, and everything is read late: billing stands still
for that long. Where producers are to go first the level is FORWARD. Confluent's documentation, "Order of upgrading clients".
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

AMOUNT = """{"type": "record", "name": "Order", "fields": [{"name": "id", "type": "long"}, {"name": "amount", "type": "double"}]}"""
TOTAL = """{"type": "record", "name": "Order", "fields": [
    {"name": "id", "type": "long"}, {"name": "total", "type": "double", "default": 0.0}
]}"""
FIRST, SECOND = Schema(SchemaType.AVRO, AMOUNT), Schema(SchemaType.AVRO, TOTAL)

SCENARIO = Scenario(
    name="backward_is_not_forward",
    question="The registry promises BACKWARD, and the producer is deployed before the consumer: can the consumer read?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    registry=RegistryConfig(level="BACKWARD"),
    applications=(
        Application(
            name="shop",
            producer={"value.serializer": "avro", "schema.registry.url": "http://registry-1:8081"},
            versions=(
                Version(schema=FIRST, values=({"id": 1, "amount": 9.5}, {"id": 2, "amount": 20.0})),
                Version(schema=SECOND, values=({"id": 3, "total": 9.5}, {"id": 4, "total": 20.0})),
            ),
            workload=Workload(records=20, phases=(Phase(every_us=20_000),)),
        ),
    ),
    readers=(at(0).read("orders", name="billing"),),
    deserializing=(Deserializing(reader="billing", versions=(FIRST, SECOND)),),
    schedule=(after(sent(10, by="shop")).deploy("shop", version=2),),
    expects=frozenset({"unread", "unreadable"}),
    notes="Try --fault 'at 100ms: deploy billing version 2', the consumer first; or 'at 5s: …', and see when it reads on.",
)
