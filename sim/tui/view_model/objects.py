"""The object that a record is: at whichever event tells of it, by which schema it was written or read, and what its fields say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from sim.trace import events as cluster

TELLING_OF_SENT = (cluster.RecordSerialized, cluster.RecordSent, cluster.RecordAcknowledged, cluster.RecordFailed)

_REMEMBERED = frozenset(
    {cluster.RecordSerialized, cluster.RecordNotSerialized, cluster.SchemaRegistered, cluster.SchemaFound}
)
_READ = frozenset({cluster.RecordDecoded, cluster.RecordUnreadable})


class Shown(NamedTuple):
    """One record as an object."""

    schema: str
    """`orders-value version 2, id 7`, `id 7`, or a GUID; empty where the record names none."""
    kind: str
    """`AVRO`, `PROTOBUF` or `JSON`; empty where nobody in the trace has said it."""
    reads: str
    """Who reads it, and by which version of its code; empty for one that is sent."""
    fields: tuple[tuple[str, str], ...]
    """Name and value, as JSON; one without a name for a value that has no fields."""
    why: str
    """Why it is no object; empty for one."""


class Objects:
    """Those of one trace, found event by event."""

    def __init__(self, events: Sequence[Any]) -> None:
        """Remember what was said of schemas and of the records that were sent."""
        self._events = events
        self._sent: dict[tuple[str, int], cluster.RecordSerialized] = {}
        self._refused: dict[tuple[str, int], cluster.RecordNotSerialized] = {}
        self._kinds: dict[str, str] = {}
        """Key of a schema -> its format. Of two registries that have one id, the later one's."""
        self._places: dict[str, str] = {}
        """Key -> subject and version."""
        self.has_any = False
        """Whether records are objects in this story at all."""
        self._places_told: list[int] = []
        """Events that said what is remembered here."""
        self._seen = 0
        self.grow()

    @classmethod
    def of_kept(cls, events: Sequence[Any], kept: dict[str, Any]) -> Objects:
        """Remember what `kept` gave of these events, and read no others."""
        objects = cls(())
        objects._events, objects._seen = events, len(events)
        objects._places_told, objects.has_any = kept["places"], kept["has_any"]
        for place in objects._places_told:
            objects._remember(events[place])
        return objects

    def kept(self) -> dict[str, Any]:
        """Give what is enough to remember the same, as JSON has it."""
        return {"has_any": self.has_any, "places": self._places_told}

    def grow(self) -> None:
        """Remember what was added to the events since the last time."""
        for place, event in enumerate(self._events[self._seen :], start=self._seen):
            if type(event) in _REMEMBERED:
                self._places_told.append(place)
                self._remember(event)
            elif type(event) in _READ:
                self.has_any = True
        self._seen = len(self._events)

    def _remember(self, event: Any) -> None:
        match event:
            case cluster.RecordSerialized():
                self._sent[event.client, event.record] = event
                self.has_any = True
            case cluster.RecordNotSerialized():
                self._refused[event.client, event.record] = event
                self.has_any = True
            case cluster.SchemaRegistered():
                self._learn(str(event.schema_id), event.schema_type, event.subject, event.version)
            case cluster.SchemaFound():
                self._learn(event.schema_key, event.schema_type, event.subject, event.version)
            case _:
                raise AssertionError(event)

    def of(self, index: int) -> Shown | None:
        """Give the object that an event tells of; None for an event about something else."""
        event = self._events[index]
        match event:
            case cluster.RecordDecoded():
                return self._read(event, _fields(event.value), "")
            case cluster.RecordUnreadable():
                return self._read(event, (), event.why)
            case cluster.RecordRead():
                return self._of_read(index, event)
            case cluster.RecordNotSerialized():
                return Shown("", "", "", (), event.why)
            case _ if isinstance(event, TELLING_OF_SENT):
                sent = self._sent.get((event.client, event.record))
                return None if sent is None else self._written(sent)
            case _:
                return None

    def _of_read(self, index: int, read: cluster.RecordRead) -> Shown | None:
        """What is made of a record is told directly behind it, or before it where nothing can be made."""
        for place in (index + 1, index - 1):
            beside = self._events[place] if 0 <= place < len(self._events) else None
            if isinstance(beside, cluster.RecordDecoded | cluster.RecordUnreadable) and (
                beside.client, beside.topic, beside.partition, beside.offset
            ) == (read.client, read.topic, read.partition, read.offset):  # fmt: skip
                return self.of(place)
        return None

    def _written(self, event: cluster.RecordSerialized) -> Shown:
        version = f" version {event.version}" if event.version else ""
        place = f"{event.subject}{version}, " if event.subject else ""
        schema = f"{place}{_named(event.schema_key)}" if event.schema_key else ""
        return Shown(schema, self._kinds.get(event.schema_key, ""), "", _fields(event.value), "")

    def _read(
        self, event: cluster.RecordDecoded | cluster.RecordUnreadable, fields: tuple[tuple[str, str], ...], why: str
    ) -> Shown:
        key = event.schema_key
        schema = ", ".join(filter(None, (self._places.get(key, ""), _named(key)))) if key else ""
        return Shown(schema, self._kinds.get(key, ""), f"{event.client} version {event.version}", fields, why)

    def _learn(self, key: str, kind: str, subject: str, version: int) -> None:
        self._kinds[key] = kind or self._kinds.get(key, "")
        if subject:
            self._places[key] = f"{subject} version {version}" if version else subject


def _named(key: str) -> str:
    return f"id {key}" if key.isdecimal() else key


def _fields(text: str) -> tuple[tuple[str, str], ...]:
    value = json.loads(text)
    if not isinstance(value, dict):
        return (("", text),)
    return tuple((name, json.dumps(one, ensure_ascii=False)) for name, one in value.items())
