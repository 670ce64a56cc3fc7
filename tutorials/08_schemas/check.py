"""The check of lesson 8: 60 rollouts of a new schema, in which every order must be written, read, and right."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from producer import Schema, SchemaDeserializer, SchemaType
from sim import (
    Application,
    Broken,
    Cause,
    Checked,
    ClusterConfig,
    Deserializing,
    Exercise,
    Phase,
    RecordDecoded,
    RecordNotSerialized,
    RecordUnreadable,
    RegistryConfig,
    Report,
    Scenario,
    SchemaRegistered,
    Stream,
    Tell,
    TopicConfig,
    Version,
    Workload,
    after,
    at,
    each_run,
    sent,
)

SEEDS = 60
ORDERS = 12
MS_US = 1_000
LEVELS = ("NONE", *(f"{word}{ending}" for word in ("BACKWARD", "FORWARD", "FULL") for ending in ("", "_TRANSITIVE")))
WHO = ("shop", "billing")
REGISTRY = "http://registry-1:8081"
PROPERTIES = {"value.serializer": "avro", "schema.registry.url": REGISTRY}
WANTED = {"id": "long", "amount": "double", "currency": "string"}
"""The fields of version 2, with their types."""


def avro(*fields: dict[str, Any]) -> Schema:
    return Schema(SchemaType.AVRO, json.dumps({"type": "record", "name": "Order", "fields": fields}))


OLD = avro({"name": "id", "type": "int"}, {"name": "total", "type": "int"})
OF_THE_INTERN = avro({"name": "id", "type": "string"}, {"name": "amount", "type": "double"})


class Choice(NamedTuple):
    """What the learner chose."""

    level: str
    first: str
    schema: Schema


def read_choice(exercise: Exercise) -> Choice:
    """Take LEVEL, FIRST and ORDER. Raises ExerciseError naming file and line."""
    level, first = exercise.word("LEVEL", LEVELS), exercise.word("FIRST", WHO)
    given = exercise.mapping("ORDER")
    try:
        schema = Schema(SchemaType.AVRO, json.dumps(given))
        SchemaDeserializer(reader=schema)
    except (TypeError, ValueError) as error:
        raise exercise.error(f"ORDER is no Avro schema: {error}", "ORDER") from None
    if given.get("type") != "record" or given.get("name") != "Order":
        raise exercise.error("ORDER must be a record by the name Order: what it is called is not what changes", "ORDER")
    types = {field["name"]: field["type"] for field in given["fields"]}
    for name, kind in WANTED.items():
        if types.get(name) != kind:
            said = f"has no field {name!r}" if name not in types else f"has {name} of type {types[name]!r}"
            raise exercise.error(f"ORDER {said}; version 2 is to have {name} as {kind}", "ORDER", "fields")
    more = [name for name in types if name not in WANTED]
    if more:
        raise exercise.error(f"ORDER has {', '.join(more)}, too; version 2 has {', '.join(WANTED)}", "ORDER", "fields")
    return Choice(level, first, schema)


# -- a rollout ---------------------------------------------------------------------------------------------------------


def amounts(seed: int) -> list[int]:
    """Draw what each order comes to."""
    chance = Stream(seed=seed, name="course/08_schemas/amounts")
    return [1 + chance.randrange(500) for _ in range(ORDERS)]


def rollout(seed: int, chosen: Choice) -> Scenario:
    """Give the story of one seed: when both are deployed, how fast orders come, and an intern at the end."""
    chance = Stream(seed=seed, name="course/08_schemas/rollouts")
    every_us = (20 + chance.randrange(180)) * MS_US
    one, other = 2 + chance.randrange(4), 7 + chance.randrange(4)
    totals = amounts(seed)
    old = tuple({"id": number, "total": total} for number, total in enumerate(totals))
    new = tuple({"id": number, "amount": float(total), "currency": "EUR"} for number, total in enumerate(totals))
    then = WHO[1 - WHO.index(chosen.first)]
    return Scenario(
        name=f"rollout_{seed}",
        question=f"Rollout {seed}: is every order written, read, and right, and is the intern kept out?",
        cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
        registry=RegistryConfig(level=chosen.level),
        applications=(
            Application(
                name="shop",
                producer=PROPERTIES,
                versions=(Version(schema=OLD, values=old), Version(schema=chosen.schema, values=new)),
                workload=Workload(records=ORDERS, phases=(Phase(every_us=every_us),)),
            ),
            Application(
                name="intern",
                producer=PROPERTIES,
                versions=(Version(schema=OF_THE_INTERN, values=({"id": "A-1", "amount": 1.0},)),),
                workload=Workload(records=2, phases=(Phase(every_us=every_us, quiet_us=(ORDERS + 10) * every_us),)),
            ),
        ),
        readers=(at(0).read("orders", name="billing"),),
        deserializing=(Deserializing(reader="billing", versions=(OLD, chosen.schema)),),
        schedule=(
            after(sent(one, by="shop")).deploy(chosen.first, version=2),
            after(sent(other, by="shop")).deploy(then, version=2),
        ),
    )


# -- the verdict -------------------------------------------------------------------------------------------------------


def check(exercise: Exercise, tell: Tell, seeds: Sequence[int] = range(SEEDS)) -> Checked:
    """Run every rollout; stops at the first in which an order is refused, unreadable or wrong."""
    chosen = read_choice(exercise)
    for done, scenario, report in each_run(seeds, lambda seed: rollout(seed, chosen), tell):
        cause = _cause(chosen, report)
        if cause is not None:
            what = report.trace[cause.event]
            broken = Broken(scenario=scenario, report=report, event=cause.event, says=_says(what))
            return Checked.refused(cause, f"Rollout {report.seed} broke it.", broken, runs=done)
    runs = len(seeds)
    return Checked(
        cause="",
        headline=f"Passed: {runs} of {runs} rollouts.",
        explained=(
            (
                f"In {runs} rollouts the shop wrote {ORDERS} orders each, and billing read every one, each with its right amount. The intern was "
                "refused by the registry every time."
            ),
            (
                "What carried it: the default of currency and the alias of amount stand in the schema of whoever reads old orders; the level asks "
                "just this of every later version; and readers were deployed before anybody wrote what only they understand."
            ),
        ),
        runs=runs,
    )


def _cause(chosen: Choice, report: Report) -> Cause | None:
    """Find the first thing that went wrong; what the intern does comes after all else."""
    expected = amounts(report.seed)
    writers = {event.schema_id: event.client for event in report.trace if isinstance(event, SchemaRegistered)}
    for number, event in enumerate(report.trace):
        if isinstance(event, RecordNotSerialized) and event.client != "intern":
            return _refused(chosen, number, event)
        if isinstance(event, RecordUnreadable):
            return _unreadable(chosen, report, number, event, writers.get(int(event.schema_key), ""))
        if isinstance(event, RecordDecoded):
            told = json.loads(event.value)
            read, right = told.get("amount", told.get("total")), expected[int(told["id"])]
            if read != right:
                return _wrong(number, told, right)
    return None


def _refused(chosen: Choice, number: int, event: RecordNotSerialized) -> Cause:
    why = event.why.partition("details: ")[2] or event.why
    if "the old schema cannot read the new" in why:
        return Cause.of(
            "asks too much",
            number,
            f"The registry refused the shop's new schema at the level {chosen.level}, so order {event.record} of its new version was not written: {why}.",
            "This level asks that billing of yesterday reads the orders of tomorrow. It wants a total, has no default for it, and its "
            "code is out there already: nothing in the new schema but a total can help it. Ask for what you need, and no more.",
        )
    return Cause.of(
        "refused",
        number,
        f"The registry refused the shop's new schema at the level {chosen.level}, so order {event.record} of its new version was not written: {why}.",
        "The registry is right. Think of billing with the new schema and an old order in its hands: what is it to put into a field of which the "
        "order says nothing?",
    )


def _unreadable(chosen: Choice, report: Report, number: int, event: RecordUnreadable, writer: str) -> Cause:
    at_time = report.trace.clock(event.at_us)
    if writer == "intern":
        return Cause.of(
            "nobody asked",
            number,
            f"At {at_time} billing came to offset {event.offset}, an order of the intern's with a text for an id, and stands there since: "
            f"{event.why}.",
            f"At the level {chosen.level} the registry took the intern's schema without a question. Your own change was fine; but whoever comes "
            "next needs somebody who says no.",
        )
    if event.version == 1:
        return Cause.of(
            "old reader",
            number,
            f"At {at_time} billing came to offset {event.offset}, the first order by the new schema, and stands there since. It runs version 1 of "
            f"its code: {event.why}.",
            f"FIRST = {chosen.first!r}: the shop wrote what the billing that runs cannot understand. A schema by which new code reads old orders is one "
            "thing; old code and new orders is another, and here only the order of the deployments can keep them apart.",
        )
    return Cause.of(
        "old orders",
        number,
        f"At {at_time} billing, freshly deployed with version 2, came to offset {event.offset}, an old order, and stands there since: {event.why}.",
        "Old orders lie in the topic for as long as it keeps them, whatever the shop writes from now on. What is the new billing to put into a field "
        "of which they say nothing?",
    )


def _wrong(number: int, told: dict[str, Any], right: int) -> Cause:
    return Cause.of(
        "wrong amount",
        number,
        f"Nobody got an error, and yet: order {told['id']} came to {right}, and billing read {told.get('amount')}.",
        "To Avro, amount is a new field, and total one that is gone; so the default of amount was put there. How does a reader's schema say that "
        "it is the same field under another name?",
    )


def _says(event: Any) -> str:
    match event:
        case RecordNotSerialized():
            return f"order {event.record} of {event.client} is not written"
        case RecordUnreadable():
            return f"{event.client}, version {event.version}, cannot read offset {event.offset}"
        case _:
            return f"{event.client} reads {event.value}"
