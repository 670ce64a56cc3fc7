"""One plain sentence for each event about schemas: at a registry, and in whoever writes and reads by them."""

from __future__ import annotations

from typing import Any

from sim.judges.report.words import who_text
from sim.trace import events as cluster

WHY_CHARACTERS_MAX = 300
"""A registry's reasons are cut here: they may name a thousand fields."""


def sentence_of_schemas(event: Any) -> str | None:
    """Say what happened; None for an event of another kind."""
    match event:
        case cluster.RegistryStarted():
            return f"{event.registry} starts"
        case cluster.RegistryEnded():
            return f"{event.registry} is over: {event.how}"
        case cluster.RegistryLed(leader=""):
            return f"{event.registry} knows of no leader"
        case cluster.RegistryLed():
            return f"{event.registry} is led by {event.leader}"
        case cluster.RegistryAnswered():
            by = f", as {event.leader} said" if event.leader else ""
            return f"{event.registry} answers {event.client}'s {event.method} {event.target} with {event.status}{by}"
        case cluster.VersionDeployed():
            how = f"reads {event.topic} by" if event.topic else "writes by"
            return f"{event.client} runs version {event.version}: it {how} {_schema_text(event)}"
        case cluster.SchemaRegistered():
            where = f"{event.subject} version {event.version}" if event.version else event.subject
            return f"{event.registry} has {event.client}'s schema as {where}, id {event.schema_id}"
        case cluster.SchemaFound(subject=""):
            return f"{event.registry} tells {event.client} schema {event.schema_key}"
        case cluster.SchemaFound():
            return (
                f"{event.registry} tells {event.client} {event.subject} version {event.version}, id {event.schema_key}"
            )
        case cluster.SchemaRefused(status=0):
            return f"{event.registry} does not answer {event.client}'s {event.asked}: {_short(event.why)}"
        case cluster.SchemaRefused():
            return f"{event.registry} refuses {event.client}'s {event.asked}, {event.code or event.status}: {_short(event.why)}"
        case cluster.RecordSerialized(schema_key=""):
            return f"{who_text(event.client)} makes bytes of record {event.record}"
        case cluster.RecordSerialized():
            version = f" version {event.version}" if event.version else ""
            by = f"{event.subject}{version}, " if event.subject else ""
            return f"{who_text(event.client)} makes bytes of record {event.record} by {by}schema {event.schema_key}"
        case cluster.RecordNotSerialized():
            return f"{who_text(event.client)} is told that record {event.record} is not sent: {_short(event.why)}"
        case cluster.RecordDecoded():
            return f"{event.client} makes of it {_short(event.value)}"
        case cluster.RecordUnreadable():
            where = f"{event.topic}-{event.partition} offset {event.offset}"
            then = {"stop": "stops there", "skip": "passes over it", "dead": "makes a dead letter of it"}[event.then]
            return f"{event.client} cannot read {where} and {then}: {_short(event.why)}"
        case _:
            return None


def _schema_text(event: cluster.VersionDeployed) -> str:
    return f"an {event.schema_type} schema of its own" if event.schema_type else "whatever schema there is"


def _short(text: str) -> str:
    return text if len(text) <= WHY_CHARACTERS_MAX else f"{text[: WHY_CHARACTERS_MAX - 1]}…"
