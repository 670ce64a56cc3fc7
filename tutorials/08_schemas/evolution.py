"""Orders get a new schema while they are written and read: who is deployed first, and what does the registry say?

A shop writes orders, one every 100 ms, and billing reads them. Both begin with version 1 of their code, which knows version 1
of the schema. After the fourth order one of the two is deployed anew, after the eighth the other one, each with version 2. The schema
registry holds what the shop registers against the level. Billing stops at an order that it cannot read.

SCENARIO is one such rollout. Change OLD, NEW, LEVEL or FIRST and run it again: `acklab run evolution.py`.
"""

import json
from typing import Any

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

REGISTRY = "http://registry-1:8081"
EVERY_US = 100_000


def order(*fields: dict[str, Any]) -> Schema:
    """Give the Avro schema of a record Order with these fields."""
    return Schema(SchemaType.AVRO, json.dumps({"type": "record", "name": "Order", "fields": fields}))


ID = {"name": "id", "type": "long"}
NOTE = {"name": "note", "type": "string"}
NOTE_OR_EMPTY = {"name": "note", "type": "string", "default": ""}
VALUES = {"id": 7, "note": "gift", "total": 40, "amount": 40}
"""What the shop has to say; of a field that its schema has not it says nothing."""

OLD = order(ID)
NEW = order(ID, NOTE)
LEVEL = "BACKWARD"
FIRST = "billing"


def shop(*schemas: Schema) -> Application:
    """Give an application that writes by these schemas, one a version of its code."""
    return Application(
        name="shop",
        producer={"value.serializer": "avro", "schema.registry.url": REGISTRY},
        versions=tuple(Version(schema=schema, values=(value_of(schema),)) for schema in schemas),
        workload=Workload(records=12, phases=(Phase(every_us=EVERY_US),)),
    )


def value_of(schema: Schema) -> dict[str, Any]:
    """Give as much of VALUES as the schema has fields for."""
    return {field["name"]: VALUES[field["name"]] for field in json.loads(schema.text)["fields"]}


def rollout(old: Schema, new: Schema, *, level: str, first: str) -> Scenario:
    """Tell how the new schema comes; `first` is `shop` or `billing`."""
    then = "billing" if first == "shop" else "shop"
    return Scenario(
        name="evolution",
        question=f"At the level {level}, with {first} deployed first: can billing read every order?",
        cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
        registry=RegistryConfig(level=level),
        applications=(shop(old, new),),
        readers=(at(0).read("orders", name="billing"),),
        deserializing=(Deserializing(reader="billing", versions=(old, new)),),
        schedule=(
            after(sent(4, by="shop")).deploy(first, version=2),
            after(sent(8, by="shop")).deploy(then, version=2),
        ),
    )


SCENARIO = rollout(OLD, NEW, level=LEVEL, first=FIRST)
