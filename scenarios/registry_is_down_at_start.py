"""The registry is down. Who has asked it before needs it no more; who starts now can say nothing.

A serializer asks once for each schema, and remembers. So the shop, which has written before, goes on as if nothing were amiss, and so does billing, which
has read. A newcomer that starts now is told with each record that no registry answers: nothing of it is queued, sent or lost, and nothing waits.
A reader that starts now cannot know what it is given, and waits. So a registry's failure is seen with the next restart, hours later, and a rolling restart
in the meantime makes an outage of it.

Several registries, all of them in `schema.registry.url`, are the remedy. Confluent's documentation, "Schema Registry high availability".
"""

from producer import Schema, SchemaType
from sim import (
    SECOND_US,
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
BY_SCHEMA = {"value.serializer": "avro", "schema.registry.url": "http://registry-1:8081"}
ORDERS = (Version(schema=ORDER, values=({"id": 1, "amount": 9.5}, {"id": 2, "amount": 20.0})),)

SCENARIO = Scenario(
    name="registry_is_down_at_start",
    question="The schema registry is down: who can still write and read, and who cannot?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    registry=RegistryConfig(),
    applications=(
        Application(
            name="shop",
            producer=BY_SCHEMA,
            versions=ORDERS,
            workload=Workload(records=40, phases=(Phase(every_us=100_000),)),
        ),
        Application(
            name="newcomer",
            producer={**BY_SCHEMA, "schema.registry.max.retries": "1"},
            versions=ORDERS,
            workload=Workload(records=5, phases=(Phase(every_us=100_000),)),
            starts_after_us=None,
        ),
    ),
    readers=(at(0).read("orders", name="billing"), at(1_600_000).read("orders", name="audit")),
    deserializing=(
        Deserializing(reader="billing", versions=(ORDER,)),
        Deserializing(reader="audit", versions=(ORDER,)),
    ),
    schedule=(at(SECOND_US).crash("registry-1"), at(1_500_000).start("newcomer")),
    revives_after_us=30 * SECOND_US,
    notes="Try --set newcomer:schema.registry.max.retries=9: it waits with its first record until the registry is back.",
)
