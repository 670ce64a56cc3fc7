"""Whose event it is: the record, batch, partition, broker or client that an event tells of, and each one's way through a trace."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from producer import events as engine
from producer.records import TopicPartition
from sim.cluster.applications import client_of, life_of
from sim.trace import events as cluster
from sim.tui.view_model.marks import after, before
from sim.tui.view_model.state import BatchKey

KINDS = ("record", "batch", "partition", "broker", "client")
"""From the narrowest to the widest: the first that an event has is the one it is followed by."""


class Entity(NamedTuple):
    """One thing that events tell of."""

    kind: str
    """One of KINDS."""
    name: str

    def __str__(self) -> str:
        return self.name if self.kind in {"partition", "broker", "client"} else f"{self.kind} {self.name}"


class Ways:
    """Every entity of a trace and the events that tell of it. A record's way holds its batch's events, too."""

    __slots__ = (
        "_batch_of_entry",
        "_batch_of_record",
        "_batches_of_request",
        "_clients",
        "_events",
        "_has_several",
        "_linked",
        "_walked",
        "_ways",
    )

    def __init__(self, events: Sequence[Any]) -> None:
        """Link requests, log entries and records to their batches; whom an event tells of is found when asked."""
        self._events = events
        self._batch_of_record: dict[str, BatchKey] = {}
        self._batches_of_request: dict[tuple[str, int, int], dict[TopicPartition, int]] = {}
        self._batch_of_entry: dict[tuple[str, int, int, int], BatchKey] = {}
        self._ways: dict[Entity, list[int]] = {}
        self._clients: set[str] = set()
        self._linked = 0
        """How many events were looked at."""
        self._walked = 0
        """How many are in the ways."""
        self._has_several = False
        self.grow()

    def grow(self) -> None:
        """Link what was added to the events since the last time."""
        for event in self._events[self._linked :]:
            kind = type(event)
            if kind is cluster.RecordSent:
                self._clients.add(event.client)
            elif kind is engine.RecordAccepted:
                self._batch_of_record[_record(event.token, event.client)] = (event.client, event.batch)
            elif kind is engine.BatchSent:
                request = (event.client, event.connection, event.correlation_id)
                where = TopicPartition(event.topic, event.partition)
                self._batches_of_request.setdefault(request, {})[where] = event.batch
            elif kind is cluster.BatchAppended:
                batch = self._batch_carried(event)
                if batch is not None:
                    key = (event.topic, event.partition, event.leader_epoch, event.base_offset)
                    self._batch_of_entry[key] = batch
        self._linked = len(self._events)
        self._has_several = len(self._clients) > 1

    def links(self) -> dict[str, Any]:
        """Give what `of_links` needs to make the same, as JSON has it: columns, whose clients and topics are numbers in two lists."""
        clients: dict[str, int] = {}
        topics: dict[str, int] = {}

        def client(name: str) -> int:
            return clients.setdefault(name, len(clients))

        def topic(name: str) -> int:
            return topics.setdefault(name, len(topics))

        records = [(name, client(whose), batch) for name, (whose, batch) in self._batch_of_record.items()]
        requests = [
            (client(whose), connection, correlation_id, topic(where.topic), where.partition, batch)
            for (whose, connection, correlation_id), carried in self._batches_of_request.items()
            for where, batch in carried.items()
        ]
        entries = [
            (topic(name), partition, leader_epoch, base_offset, client(whose), batch)
            for (name, partition, leader_epoch, base_offset), (whose, batch) in self._batch_of_entry.items()
        ]
        return {
            "sending": sorted(self._clients),
            "records": list(zip(*records, strict=True)),
            "requests": list(zip(*requests, strict=True)),
            "entries": list(zip(*entries, strict=True)),
            "clients": list(clients),
            "topics": list(topics),
        }

    @classmethod
    def of_links(cls, events: Sequence[Any], links: dict[str, Any]) -> Ways:
        """Take the links that `links` gave of these events, and read none of them."""
        ways = cls(())
        ways._events, ways._linked = events, len(events)
        ways._clients = set(links["sending"])
        ways._has_several = len(ways._clients) > 1
        clients, topics = links["clients"], links["topics"]
        for name, whose, batch in zip(*links["records"], strict=True):
            ways._batch_of_record[name] = (clients[whose], batch)
        carried = ways._batches_of_request
        for whose, connection, correlation_id, topic, partition, batch in zip(*links["requests"], strict=True):
            request, where = (clients[whose], connection, correlation_id), TopicPartition(topics[topic], partition)
            carried.setdefault(request, {})[where] = batch
        for topic, partition, leader_epoch, base_offset, whose, batch in zip(*links["entries"], strict=True):
            ways._batch_of_entry[topics[topic], partition, leader_epoch, base_offset] = (clients[whose], batch)
        return ways

    def of(self, index: int) -> tuple[Entity, ...]:
        """Whom an event tells of, the narrowest first."""
        return self._entities(self._events[index])

    def batch_of(self, index: int) -> str:
        """Name the batch that an event tells of: `batch 4`; empty if there is none, `2 batches` if there are more."""
        found = self._batches(self._events[index])
        if len(found) > 1:
            return f"{len(found)} batches"
        return f"batch {found[0][1]}{self._of(found[0][0])}" if found else ""

    def batches(self, index: int) -> Sequence[BatchKey]:
        """Give the batches that an event tells of, as (client, number); one, unless a request carried several."""
        return self._batches(self._events[index])

    def batch_of_record(self, client: str, record: int) -> BatchKey | None:
        """Give the batch that a record joined; None for one that joined none."""
        return self._batch_of_record.get(_record(record, client))

    def whose(self, index: int) -> str:
        """Say behind a number whose it is: ` of app.2`; empty where one client alone counts records and batches."""
        event = self._events[index]
        return self._of(event.client) if "client" in event._fields else ""

    def _of(self, client: str) -> str:
        return f" of {client}" if self._has_several else ""

    def way(self, entity: Entity) -> Sequence[int]:
        """Give the events that tell of an entity, in the order of the trace."""
        if self._walked < self._linked:
            self._walk()
        own = self._ways.get(entity, [])
        if entity.kind != "record":
            return own
        batch = self._batch_of_record.get(entity.name)
        if batch is None:
            return own
        return sorted({*own, *self._batch_way(batch, own)})

    def _batch_way(self, batch: BatchKey, own: Sequence[int]) -> Sequence[int]:
        """Give a batch's events without the other records that joined it."""
        mine = set(own)
        way = self._ways.get(Entity("batch", f"{batch[1]} of {batch[0]}"), [])
        joined = engine.RecordAccepted
        return [number for number in way if number in mine or type(self._events[number]) is not joined]

    def _walk(self) -> None:
        ways = self._ways
        for number in range(self._walked, self._linked):
            event = self._events[number]
            for entity in self._entities(event):
                way = ways.get(entity)
                if way is None:
                    way = ways[entity] = []
                way.append(number)
        self._walked = self._linked

    def next(self, entity: Entity, index: int) -> int | None:
        """Give the next event of an entity behind `index`."""
        return after(self.way(entity), index)

    def previous(self, entity: Entity, index: int) -> int | None:
        """Give the event of an entity before `index`."""
        return before(self.way(entity), index)

    # -- whom an event tells of ----------------------------------------------------------------------------------------

    def _batch_carried(self, event: Any) -> BatchKey | None:
        carried = self._batches_of_request.get((event.client, event.connection, event.correlation_id))
        number = None if carried is None else carried.get(TopicPartition(event.topic, event.partition))
        return None if number is None else (event.client, number)

    def _batches(self, event: Any) -> list[BatchKey]:
        """Give the batches that an event tells of; one, unless a request carried several."""
        kind = type(event)
        if kind in _OF_REQUEST:
            carried = self._batches_of_request.get((event.client, event.connection, event.correlation_id), {})
            return [(event.client, number) for number in carried.values()]
        batch: BatchKey | None = None
        if kind in _OF_REQUEST_AND_PARTITION:
            batch = self._batch_carried(event)
        elif kind is cluster.BatchReplicated:
            batch = self._batch_of_entry.get((event.topic, event.partition, event.leader_epoch, event.base_offset))
        elif "batch" in event._fields:
            batch = (event.client, event.batch)
        return [] if batch is None else [batch]

    def _entities(self, event: Any) -> tuple[Entity, ...]:
        names = event._fields
        found = [Entity("batch", f"{number} of {client}") for client, number in self._batches(event)]
        if "record" in names:
            found.insert(0, Entity("record", _record(event.record, event.client)))
        elif type(event) is engine.RecordAccepted:
            found.insert(0, Entity("record", _record(event.token, event.client)))
        if "partition" in names and event.partition >= 0:
            found.append(Entity("partition", f"{event.topic}-{event.partition}"))
        if "broker" in names and event.broker >= 0:
            found.append(Entity("broker", f"b{event.broker}"))
        if type(event) is cluster.FaultInjected:
            # Its text names whom it strikes.
            found += [Entity("broker", name) for name in dict.fromkeys(_BROKER.findall(event.fault))]
            struck = [client_of(name, life or 1) for name, life in map(life_of, _WORD.findall(event.fault))]
            found += [Entity("client", name) for name in dict.fromkeys(struck) if name in self._clients]
        if "client" in names:
            found.append(Entity("client", event.client))
        return tuple(found)


def _record(number: int, client: str) -> str:
    return f"{number} of {client}"


_WORD = re.compile(r"[A-Za-z][\w.-]*")
_BROKER = re.compile(r"\bb\d+\b")
_OF_REQUEST = frozenset(
    {
        cluster.RequestReceived,
        cluster.RequestDetained,
        cluster.RequestLost,
        cluster.ResponseSent,
        cluster.ResponseDropped,
    }
)
_OF_REQUEST_AND_PARTITION = frozenset({cluster.BatchAppended, cluster.BatchDeduplicated, cluster.ProduceAnswered})
