"""What cannot be told in schemas is a mistake that is named before the run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from producer.errors import ConfigError
from producer.schemas.schema import Reference, Schema, SchemaType
from sim.faults.names import UnknownNameError
from sim.faults.points import sent
from sim.faults.schedule import parse_entry
from sim.faults.words import after, at
from sim.stories.applications import Application
from sim.stories.runner import run
from sim.stories.scenario import Scenario
from sim.stories.schemas import Deserializing, RegistryConfig, Version
from sim.stories.workload import KeyValue, Workload
from tests.unit.sim.stories.orders import FIRST, ORDER, SECOND, shop, story

REFERRING = Schema(SchemaType.AVRO, ORDER.text, (Reference("Customer", "customers-value", 1),))

REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: RegistryConfig(nodes=0), "nodes is 0"),
    (lambda: RegistryConfig(level="BACKWARDS"), "level is 'BACKWARDS'"),
    (lambda: RegistryConfig(apart=("staging",)), "apart has 'staging'"),
    (lambda: RegistryConfig(apart=("registry-1",)), "apart has 'registry-1'"),
    (lambda: RegistryConfig(subjects=(("orders-value", REFERRING),)), "refers to 'Customer'"),
    (lambda: RegistryConfig(nodes=0, apart=("registry-1",), subjects=(("x", ORDER),)), "no node to register them"),
    (lambda: Version(values=()), "values is empty"),
    (lambda: Deserializing(reader="billing", versions=()), "versions is empty"),
    (lambda: Deserializing(reader="billing", unreadable="cry"), "unreadable is 'cry'"),  # type: ignore[arg-type]
    (lambda: Application(name="registry-1"), "Application.name is 'registry-1'"),
    (lambda: Application(versions=(FIRST,), workload=Workload(transaction_records=2)), "has versions"),
    (lambda: story(shop(schema_registry_url="http://registry-2:8081")), "registries are registry-1"),
    (lambda: story(at_registry="http://elsewhere:8081"), "billing's registry has 'http://elsewhere:8081'"),
    (lambda: story(shop(schema_registry_url="mock://")), "must name whom it is shared with"),
    (lambda: story(registry=None), "none: the scenario has no RegistryConfig"),
]  # fmt: skip


@pytest.mark.parametrize("make, said", REFUSED, ids=[said for _, said in REFUSED])
def test_a_value_that_cannot_be_is_named(make: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make()


@pytest.mark.parametrize(
    "line, said",
    [
        ("at 1s: pause registry-9", "names registry 'registry-9', registries are registry-1"),
        ("at 1s: cut registry-9 <-> *", "names host 'registry-9'"),
        ("at 1s: deploy shop version 3", "names version 3 of shop, which has 2 versions"),
        ("at 1s: deploy billing version 2", "names version 2 of billing, which has 1 version"),
        ("at 1s: deploy nobody version 2", "names 'nobody', and shop, billing has versions"),
        ("at 1s: pause shop.3", "shop has 2 lives at most"),
    ],
)
def test_a_line_that_names_nobody_is_refused(line: str, said: str) -> None:
    schedule = (after(sent(3, by="shop")).deploy("shop", version=2), parse_entry(line))

    with pytest.raises(UnknownNameError, match=said):
        story(shop(FIRST, SECOND), schedule=schedule)


def test_a_reader_that_decodes_must_read_alone() -> None:
    one = story()
    member = at(0).read("orders", group="all", name="billing")

    with pytest.raises(ValueError, match="'billing', which reads as a member of a group"):
        one.__class__(name="x", question="?", cluster=one.cluster, registry=one.registry, readers=(member,),
                      deserializing=one.deserializing)  # fmt: skip
    with pytest.raises(ValueError, match="has 'billing', readers are none with a name"):
        one.__class__(
            name="x", question="?", cluster=one.cluster, registry=one.registry, deserializing=one.deserializing
        )


@pytest.mark.parametrize(
    "properties, said",
    [
        ({"value.serializer": "bytes"}, "value.serializer is missing"),
        ({"key.serializer": "string"}, "key.serializer is 'string'"),
        ({"transactional.id": "shop"}, "transactional.id has no effect"),
        ({"schema.registry.url": "http://registry-7:8081"}, "registries are registry-1"),
        ({"use.latest.version": "true"}, "use.latest.version is true, and auto.register.schemas, too"),
    ],
)
def test_a_property_that_cannot_be_is_named_before_the_run(properties: dict[str, str], said: str) -> None:
    # Without the serializer the registry's properties have no effect, and that is said first.
    one = story(shop()) if "value.serializer" not in properties else _without_registry()

    with pytest.raises(ConfigError, match=said):
        run(one, properties=properties)


def _without_registry() -> Scenario:
    plain = Application(name="shop", producer={"value.serializer": "json"}, versions=(Version(values=(1,)),))
    return story(plain)


def test_records_of_a_file_have_no_room_where_values_are_objects() -> None:
    with pytest.raises(ConfigError, match="shop makes bytes of its own values"):
        run(story(), records=[KeyValue(b"k", b"v")])


def test_what_is_no_schema_is_named() -> None:
    broken = Version(schema=Schema(SchemaType.AVRO, '{"type": "record"}'), values=({},))

    with pytest.raises(ConfigError, match="shop version 1: "):
        run(story(shop(broken)))


def test_what_the_registry_would_not_take_before_the_story_is_named() -> None:
    registry = RegistryConfig(
        level="FULL", subjects=(("orders-value", ORDER), ("orders-value", SECOND.schema or ORDER))
    )

    with pytest.raises(ConfigError, match=r"RegistryConfig\.subjects: .*409"):
        run(story(registry=registry))


WITHOUT_FASTAVRO = """
import sys
sys.modules["fastavro"] = None
from tests.unit.sim.stories.orders import story
from sim.stories.runner import run
from sim.stories.scenario import Scenario
from producer.errors import ConfigError
try:
    run(story())
except ConfigError as error:
    print(error)
"""


def test_without_the_extra_it_is_named() -> None:
    said = subprocess.run(
        [sys.executable, "-c", WITHOUT_FASTAVRO],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[4],
    )

    assert "shop version 1: AVRO schemas need the module 'fastavro'" in said.stdout
    assert "pip install 'acklab[schemas]'" in said.stdout
