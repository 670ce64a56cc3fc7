"""A shop that writes orders by a schema, and billing that reads them by one: the smallest story with a registry."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from producer.schemas.schema import Schema, SchemaType
from sim.cluster.config import ClusterConfig
from sim.cluster.topic_config import TopicConfig
from sim.faults.schedule import Schedule
from sim.faults.words import at
from sim.judges.report import Report
from sim.stories.applications import Application
from sim.stories.scenario import Scenario
from sim.stories.schemas import Deserializing, RegistryConfig, Version
from sim.stories.workload import Phase, Workload

REGISTRY = "http://registry-1:8081"


def order(**fields: Any) -> Schema:
    """An Avro record Order; a field is a type, or a pair of a type and a default."""
    told = [
        {"name": field, "type": one[0], "default": one[1]} if isinstance(one, tuple) else {"name": field, "type": one}
        for field, one in fields.items()
    ]
    return Schema(SchemaType.AVRO, json.dumps({"type": "record", "name": "Order", "fields": told}))


ORDER = order(id="long", amount="double")
WITHOUT_AMOUNT = order(id="long")
WITH_NOTE = order(id="long", amount="double", note=("string", ""))

FIRST = Version(schema=ORDER, values=({"id": 1, "amount": 2.5}, {"id": 2, "amount": 3.0}))
SECOND = Version(schema=WITHOUT_AMOUNT, values=({"id": 3},))


def shop(
    *versions: Version, name: str = "shop", records: int = 10, every_us: int = 20_000, **properties: str
) -> Application:
    """Properties are Kafka's, with `_` for the dots."""
    given = {name.replace("_", "."): value for name, value in properties.items()}
    return Application(
        name=name,
        producer={"value.serializer": "avro", "schema.registry.url": REGISTRY, **given},
        versions=versions or (FIRST,),
        workload=Workload(records=records, phases=(Phase(every_us=every_us),)),
    )


def story(
    *applications: Application,
    schedule: Schedule = (),
    reads: Sequence[Schema | None] = (ORDER,),
    unreadable: Any = "stop",
    registry: RegistryConfig | None = RegistryConfig(level="NONE"),  # noqa: B008 - frozen
    at_registry: str = REGISTRY,
    topics: Sequence[str] = ("orders",),
) -> Scenario:
    """Billing reads from the begin, by these versions of its code."""
    return Scenario(
        name="orders",
        question="Can billing read what the shop writes?",
        cluster=ClusterConfig(topics=tuple(TopicConfig(topic, min_insync_replicas=1) for topic in topics)),
        registry=registry,
        applications=applications or (shop(),),
        readers=(at(0).read("orders", name="billing"),),
        deserializing=(
            Deserializing(reader="billing", versions=tuple(reads), registry=at_registry, unreadable=unreadable),
        ),
        schedule=schedule,
    )


def events(report: Report, kind: type[Any]) -> list[Any]:
    return [event for event in report.trace if type(event) is kind]
