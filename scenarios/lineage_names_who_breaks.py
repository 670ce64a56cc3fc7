"""The shop renames a field of its orders. Lineage knows beforehand which of three readers will break, and that one breaks, and no other.

Billing reads `amount`, the warehouse reads `note`, statistics reads nothing but the id. Each tells so by its schema, as OpenLineage run events do
(`acklab run lineage_names_who_breaks --lineage events.jsonl`), and `acklab lineage impact orders.amount --events events.jsonl` answers from them whom a
change of `amount` reaches: billing. Then `amount` becomes `total`, at the level NONE, where nobody asks.

The registry's level asks whether a schema may change, lineage who minds. BACKWARD and FULL refuse the new schema here, as billing's reader has no
default for the amount; whoever is sure that billing was changed first may set NONE, and lineage is how to be sure.
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


def _order(*fields: str) -> Schema:
    kinds = {"id": '"long"', "amount": '"double"', "total": '"double"', "note": '"string"'}
    told = ", ".join(f'{{"name": "{field}", "type": {kinds[field]}}}' for field in fields)
    return Schema(SchemaType.AVRO, f'{{"type": "record", "name": "Order", "fields": [{told}]}}')


BEFORE, AFTER = _order("id", "amount", "note"), _order("id", "total", "note")

SCENARIO = Scenario(
    name="lineage_names_who_breaks",
    question="A field of the orders is renamed: does the lineage of the readers name those that break, and no other?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    registry=RegistryConfig(level="NONE"),
    applications=(
        Application(
            name="shop",
            producer={"value.serializer": "avro", "schema.registry.url": "http://registry-1:8081"},
            versions=(
                Version(schema=BEFORE, values=({"id": 1, "amount": 9.5, "note": "by noon"},)),
                Version(schema=AFTER, values=({"id": 2, "total": 9.5, "note": "by noon"},)),
            ),
            workload=Workload(records=20, phases=(Phase(every_us=20_000),)),
        ),
    ),
    readers=(
        at(0).read("orders", name="billing"),
        at(0).read("orders", name="warehouse"),
        at(0).read("orders", name="statistics"),
    ),
    deserializing=(
        Deserializing(reader="billing", versions=(_order("id", "amount"),)),
        Deserializing(reader="warehouse", versions=(_order("id", "note"),)),
        Deserializing(reader="statistics", versions=(_order("id"),)),
    ),
    schedule=(after(sent(10, by="shop")).deploy("shop", version=2),),
    expects=frozenset({"unread"}),
    notes="Try acklab run lineage_names_who_breaks --lineage events.jsonl, then acklab lineage impact orders.amount --events events.jsonl. "
    "With +level=FULL the registry refuses the new schema, and nobody breaks.",
)
