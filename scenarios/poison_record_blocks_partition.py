"""One record that is no value of any schema: the reader stands still at it, and whatever lies behind it in that partition waits for good.

An old program, which knows of no schema, writes one line of text into the topic; the broker looks at no value and acknowledges it. Billing's
deserializer finds no magic byte. Where that is an error that ends `poll`, the consumer's position stays before the record, and the next `poll` ends in
the same way: the partition is blocked, the other one goes on. A restart changes nothing.

A reader that puts such records among its dead letters reads on behind them: one record is unreadable, and kept where somebody looks.
Kafka's `RecordDeserializationException` (KIP-334, KIP-1036); `producer.dead_letters`.
"""

from producer import Schema, SchemaType
from sim import (
    Application,
    ClusterConfig,
    Deserializing,
    KeysInTurn,
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

ORDER = Schema(
    SchemaType.AVRO,
    """{"type": "record", "name": "Order", "fields": [{"name": "id", "type": "long"}, {"name": "amount", "type": "double"}]}""",
)

SCENARIO = Scenario(
    name="poison_record_blocks_partition",
    question="Somebody writes one record without a schema: what becomes of those behind it?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=2), TopicConfig("orders.dead", partitions=1))),
    registry=RegistryConfig(),
    applications=(
        Application(
            name="shop",
            producer={"value.serializer": "avro", "schema.registry.url": "http://registry-1:8081"},
            versions=(Version(schema=ORDER, values=({"id": 1, "amount": 9.5}, {"id": 2, "amount": 20.0})),),
            workload=Workload(records=30, partition=(0, 1), keys=KeysInTurn(4), phases=(Phase(every_us=20_000),)),
        ),
        Application(name="legacy", starts_after_us=None, workload=Workload(records=1, partition=0)),
    ),
    readers=(at(0).read("orders", name="billing"),),
    deserializing=(Deserializing(reader="billing", versions=(ORDER,), unreadable="stop"),),
    schedule=(after(sent(10, by="shop")).start("legacy"),),
    expects=frozenset({"unread", "unreadable"}),
    notes="Try poison_record_blocks_partition+unreadable=dead: it lies in orders.dead as well, and everything behind it is read.",
)
