"""What each event of a run means: a key that the same thing has in another run, whatever its time, request and batch number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from producer import events as engine
from sim.trace import events as cluster
from sim.tui.comparing.alignment import Step
from sim.tui.telling import told

if TYPE_CHECKING:
    from sim.tui.session import Watched

FAULTS = (cluster.FaultInjected, cluster.FaultRefused)

TURNS = frozenset({*FAULTS, cluster.LeaderElected, cluster.TransactionEnding, cluster.MarkerAppended})
"""Events of which it matters what comes before them, and what behind."""

ASIDE = frozenset(
    {
        engine.BatchOpened,
        engine.RecordAccepted,
        engine.ConnectionRequested,
        engine.ConnectionReady,
        engine.ConnectionLost,
        engine.MetadataLearned,
        engine.IdentityAssigned,
        cluster.HighWatermarkAdvanced,
        cluster.LastStableOffsetMoved,
        cluster.LogFlushed,
        cluster.SegmentRolled,
        cluster.RequestReceived,
        cluster.ResponseSent,
        cluster.GroupMemberHeard,
        cluster.PositionFetched,
        cluster.BecameFollower,
        cluster.BrokerRegistered,
        cluster.BrokerUnfenced,
        cluster.OffsetCommitReceived,
        cluster.OffsetFetchAnswered,
        cluster.ReaderBegan,
        cluster.ReaderMoved,
        cluster.ReaderEnded,
    }
)
"""What brokers and clients do besides, for the sake of something else that is told."""

_WEIGHTS: dict[type[Any], int] = {
    cluster.PhaseBegan: 50,
    cluster.RecordSent: 20,
    cluster.TransactionBegan: 20,
    cluster.LeaderElected: 20,
    cluster.BrokerCrashed: 20,
    cluster.BrokerPaused: 20,
    cluster.BrokerResumed: 10,
    cluster.BrokerFenced: 10,
}
FAULT_WEIGHT = 200
"""A fault strikes when the story says so: what is on its other side in the other run has moved, not the fault."""

_VARIES = frozenset(
    {
        "at_us",
        "batch",
        "connection",
        "correlation_id",
        "producer_id",
        "producer_epoch",
        "owner_id",
        "owner_epoch",
        "base_sequence",
        "crc",
        "size_bytes",
        "record_count",
        "timestamp_ms",
        "not_before_us",
        "sent_us",
        "began_ms",
        "broker_epoch",
        "controller_epoch",
        "coordinator_epoch",
        "epoch",
        "leaders",
        "base_offset",
        "last_offset",
        "offset",
        "first_offset",
        "log_end_offset",
        "leader_epoch",
        "from_offset",
        "to_offset",
        "at_offset",
        "position",
        "code",
        "outcome",
        "reason",
        "client_id",
        "positions",
        "leader",
        "isr",
        "eligible_leader_replicas",
        "is_unclean",
        "is_settled",
        "is_stable",
    }
)
"""Fields that say how a thing went, or that are other numbers in every run: they make it no other thing."""

_NUMBERED = re.compile(r"\b(request|connection) \d+")
_PRODUCER = re.compile(r"\bproducer (\d+)\b")
_BATCH = re.compile(r"\bbatch (\d+)\b")


class Meanings:
    """The events of one run, each by what it means."""

    def __init__(self, watched: Watched) -> None:
        """Learn which records each batch holds, and whose each producer id is."""
        self._watched = watched
        self._faults = {place: str(entry.fault) for place, entry in enumerate(watched.schedule)}
        self._records: dict[tuple[str, int], list[int]] = {}
        self._ids: dict[int, str] = {}
        for event in watched.events:
            kind = type(event)
            if kind is engine.RecordAccepted:
                self._records.setdefault((event.client, event.batch), []).append(event.token)
            elif kind is engine.IdentityAssigned:
                self._ids[event.producer_id] = event.client

    def records(self, client: str, batch: int) -> list[int]:
        """Give the numbers of a batch's records, in their order; none for one that nobody tells of."""
        return self._records.get((client, batch), [])

    def fault(self, event: Any) -> str:
        """Give a fault as the schedule writes it: with its roles, not with whom it struck."""
        return self._faults.get(event.entry) or str(event.fault)

    def key(self, index: int) -> tuple[Hashable, ...]:
        """Say what happens there; several events of a run may have the same."""
        event = self._watched.events[index]
        kind = type(event)
        if kind in FAULTS:
            return ("fault", self.fault(event))
        if kind is cluster.IsrChanged:
            return ("in sync", event.topic, event.partition, event.leader, tuple(sorted(event.isr)))
        if kind in _TAKING:
            carried = self._first_records(index)
            return ("takes", event.broker, event.topic, event.partition, *carried)
        parts: list[Hashable] = [kind.__name__]
        for name in event._fields:
            value = getattr(event, name)
            if name == "transactional_id" and "client" in event._fields:
                # Whoever has none counts what belongs together all the same.
                continue
            if name not in _VARIES or (name == "offset" and kind is cluster.OffsetCommitReceived):
                parts.append(value if isinstance(value, Hashable) else repr(value))
        if "producer_id" in event._fields and "client" not in event._fields:
            parts.append(self._ids.get(event.producer_id, ""))
        return (*parts, *self._first_records(index))

    def text(self, index: int) -> str:
        """Say what happened, without the numbers of requests and connections, and batches by their records."""
        watched = self._watched
        event = watched.events[index]
        if type(event) in FAULTS:
            return told(event)
        words: str = told(event, batch=watched.ways.batch_of(index), whose=watched.ways.whose(index))
        client: str = getattr(event, "client", "") or next((one for one, _ in watched.ways.batches(index)), "")
        words = _BATCH.sub(lambda match: self._named(client, match), words)
        if not client:
            words = self._with_owners(words)
        return _NUMBERED.sub(r"\1", words)

    def _with_owners(self, words: str) -> str:
        """Name a producer id by whose it is: another run gives others."""
        return _PRODUCER.sub(lambda match: self._ids.get(int(match[1]), match[0]), words)

    def steps(self) -> list[Step]:
        """Give every event as a step; the nth of several that mean the same is the other run's nth."""
        seen: Counter[Hashable] = Counter()
        steps = []
        begun_us = self._watched.begun_us
        for index, event in enumerate(self._watched.events):
            key = self.key(index)
            seen[key] += 1
            text = self.text(index)
            is_fault = type(event) in FAULTS
            # What comes before the story is how the cluster was made: it follows from no record.
            is_aside = _is_aside(event) or event.at_us < begun_us
            weight = FAULT_WEIGHT if is_fault else 0 if is_aside else _WEIGHTS.get(type(event), 2)
            steps.append(Step(index, (key, seen[key]), text, text, weight, is_fault, type(event) in TURNS, is_aside))
        return steps

    def _first_records(self, index: int) -> tuple[Hashable, ...]:
        """Name the batches that an event tells of: each by its first record."""
        found: list[Hashable] = []
        for client, batch in self._watched.ways.batches(index):
            records = self.records(client, batch)
            found.append((client, records[0] if records else f"batch {batch}"))
        return tuple(found)

    def _named(self, client: str, match: re.Match[str]) -> str:
        records = self.records(client, int(match[1]))
        if not records:
            return match[0]
        return f"batch {records[0]}" if len(records) == 1 else f"batch {records[0]}-{records[-1]}"


def _is_aside(event: Any) -> bool:
    """Whether it serves something that is told by itself; an answer or a verdict without an error follows from what it is about."""
    kind = type(event)
    return kind in ASIDE or (kind in {cluster.ProduceAnswered, engine.BatchAcknowledged} and event.code == 0)


_TAKING = frozenset({cluster.BatchAppended, cluster.BatchDeduplicated})
"""What becomes of a batch at its leader: one thing, whichever way it goes."""
