"""The tests of a new version are green: they run against `mock://`, which takes any schema. The real registry does not.

In its tests the shop's next version changes an amount from a number to text. `mock://` is no registry but a table: it knows no compatibility, and gives the
schema the next version. The tests look at what was sent, all of it is acknowledged, and nobody there has the reader of before, which can make nothing of it.
In production the same version is refused with its first order, 409: what was written there before is a number, and readers of text cannot read it.

Tests that are to show more ask a registry that checks: `acklab registry`, or `acklab schema check OLD NEW` in CI. Confluent's
`MockSchemaRegistryClient`; confluent-kafka's `SchemaRegistryClient.new_client`.
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

NUMBER = """{"type": "record", "name": "Order", "fields": [{"name": "id", "type": "long"}, {"name": "amount", "type": "double"}]}"""
TEXT = """{"type": "record", "name": "Order", "fields": [{"name": "id", "type": "long"}, {"name": "amount", "type": "string"}]}"""
FIRST, SECOND = Schema(SchemaType.AVRO, NUMBER), Schema(SchemaType.AVRO, TEXT)
OLD = Version(schema=FIRST, values=({"id": 1, "amount": 9.5}, {"id": 2, "amount": 20.0}))
NEW = Version(schema=SECOND, values=({"id": 3, "amount": "9.50"}, {"id": 4, "amount": "20.00"}))
MOCK, REAL = "mock://tests", "http://registry-1:8081"

SCENARIO = Scenario(
    name="mock_registry_accepts_what_the_real_one_refuses",
    question="A new version passes its tests against a mocked registry: what does the real one say to it?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"), TopicConfig("orders-test"))),
    registry=RegistryConfig(subjects=(("orders-value", FIRST),)),
    applications=(
        Application(
            name="test",
            producer={"value.serializer": "avro", "schema.registry.url": MOCK},
            versions=(OLD, NEW),
            workload=Workload(topic="orders-test", records=20, phases=(Phase(every_us=20_000),)),
        ),
        Application(
            name="shop",
            producer={"value.serializer": "avro", "schema.registry.url": REAL},
            versions=(NEW,),
            workload=Workload(records=10, phases=(Phase(every_us=20_000),)),
        ),
    ),
    readers=(at(0).read("orders-test", name="billing-test"), at(0).read("orders", name="billing")),
    deserializing=(
        Deserializing(reader="billing-test", versions=(FIRST,), registry=MOCK),
        Deserializing(reader="billing", versions=(FIRST,), registry=REAL),
    ),
    schedule=(after(sent(10, by="test")).deploy("test", version=2),),
    expects=frozenset({"unread", "unreadable"}),
    notes="Try mock_registry_accepts_what_the_real_one_refuses+level=NONE: then the real one is no better than the mock.",
)
