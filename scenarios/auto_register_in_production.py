"""A field is misspelled, and the producer registers the misspelling: `auto.register.schemas` is true by default.

The shop's second version has `amuont` where there was `amount`. It has a default, so for the registry it is an evolution like any other: BACKWARD asks whether the
new schema reads the old records, and it does. Nobody reviews what a producer registers by itself, and every order is acknowledged. Billing wants an amount; it
passes over each of these orders, with a line in its log that nobody reads.

With `auto.register.schemas=false` a schema is registered by whoever deploys, and reviewed there; what the registry does not have is an error (40403) that the
shop is told with its first order, before anything is sent. Confluent's documentation, "Handling differences between preregistered and client-derived schemas".
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
MISSPELLED = """{"type": "record", "name": "Order", "fields": [
    {"name": "id", "type": "long"}, {"name": "amuont", "type": "double", "default": 0.0}
]}"""
RIGHT, WRONG = Schema(SchemaType.AVRO, ORDER), Schema(SchemaType.AVRO, MISSPELLED)

SCENARIO = Scenario(
    name="auto_register_in_production",
    question="A producer with a misspelled field registers its schema by itself: who notices?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    registry=RegistryConfig(subjects=(("orders-value", RIGHT),)),
    applications=(
        Application(
            name="shop",
            producer={"value.serializer": "avro", "schema.registry.url": "http://registry-1:8081"},
            versions=(
                Version(schema=RIGHT, values=({"id": 1, "amount": 9.5}, {"id": 2, "amount": 20.0})),
                Version(schema=WRONG, values=({"id": 3, "amuont": 9.5}, {"id": 4, "amuont": 20.0})),
            ),
            workload=Workload(records=20, phases=(Phase(every_us=20_000),)),
        ),
    ),
    readers=(at(0).read("orders", name="billing"),),
    deserializing=(Deserializing(reader="billing", versions=(RIGHT,), unreadable="skip"),),
    schedule=(after(sent(10, by="shop")).deploy("shop", version=2),),
    expects=frozenset({"unreadable"}),
    notes="Try --set auto.register.schemas=false: the first wrong order is an error at the shop, and none is in the topic.",
)
