"""A producer asks the registry of another environment. The id in its records means something else to everybody who reads them.

The shop's configuration has the URL of the staging registry. There its schema has id 1, as it is the first one. In production id 1 is a customer.
The broker looks at no schema: every order is acknowledged. Billing asks its own registry for schema 1, is told what a customer looks like, and cannot
make an order of it. Had both the same fields in the same order, it would read wrong values and nobody would know.

An id is a registry's own. A GUID is not (`value.schema.id.serializer=header`): billing's registry does not know it, and says so.
Confluent's documentation, "Wire format".
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
    at,
)

ORDER = Schema(
    SchemaType.AVRO,
    """{"type": "record", "name": "Order", "fields": [{"name": "id", "type": "long"}, {"name": "amount", "type": "double"}]}""",
)
CUSTOMER = Schema(
    SchemaType.AVRO, """{"type": "record", "name": "Customer", "fields": [{"name": "name", "type": "string"}]}"""
)

SCENARIO = Scenario(
    name="id_of_another_registry",
    question="A producer has the URL of the staging registry: what do its records say to the readers of production?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    registry=RegistryConfig(subjects=(("customers-value", CUSTOMER),), apart=("staging-registry-1",)),
    applications=(
        Application(
            name="shop",
            producer={"value.serializer": "avro", "schema.registry.url": "http://staging-registry-1:8081"},
            versions=(Version(schema=ORDER, values=({"id": 1, "amount": 9.5}, {"id": 2, "amount": 20.0})),),
            workload=Workload(records=10, phases=(Phase(every_us=20_000),)),
        ),
    ),
    readers=(at(0).read("orders", name="billing"),),
    deserializing=(Deserializing(reader="billing", versions=(ORDER,)),),
    expects=frozenset({"unread", "unreadable"}),
    notes="Try --set schema.registry.url=http://registry-1:8081.",
)
