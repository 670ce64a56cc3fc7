"""The way of some records through a run, as steps to set beside their way through another: what was done with them, and the faults amid it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from producer import events as engine
from sim.trace import events as cluster
from sim.tui.comparing.alignment import Step
from sim.tui.comparing.copies import Copies, holders_text
from sim.tui.comparing.meaning import FAULT_WEIGHT, FAULTS, TURNS, Meanings
from sim.tui.telling import code_text

if TYPE_CHECKING:
    from sim.tui.session import Watched


class RecordName(NamedTuple):
    """One record, by the same name in every run of a story."""

    client: str
    record: int


ALWAYS = frozenset({cluster.TransactionFenced, cluster.TransactionRefused, cluster.ApplicationKilled})
"""Events so rare and so decisive that every way tells of them."""


class Way:
    """One run's."""

    def __init__(
        self,
        watched: Watched,
        meanings: Meanings,
        records: Sequence[RecordName],
        *,
        keys: Collection[Hashable] = (),
        events: Collection[int] = (),
    ) -> None:
        """Follow those records. `events` are told in any case, and so is whatever means the same as one of `keys`."""
        self._watched = watched
        self._meanings = meanings
        self._copies = {name: Copies(watched, meanings, *name) for name in records}
        self._has_several = len({name.client for name in records}) > 1
        self._wanted, self._keys = frozenset(events), frozenset(keys)
        self._sent = {
            RecordName(event.client, event.record): event
            for event in watched.events
            if type(event) is cluster.RecordSent and (event.client, event.record) in self._copies
        }
        self._has_partitions = len({event.partition for event in watched.events if type(event) is engine.BatchSent}) > 1
        self._transactions = _transactions_of(watched, self._copies)
        self._spans = _spans_of(watched, self._transactions)
        self._partitions = {
            (event.topic, event.partition)
            for event in watched.events
            if type(event) is cluster.BatchAppended and event.client in {name.client for name in records}
        }

    def steps(self) -> list[Step]:
        """Give what happened to the records, one step an event."""
        seen: Counter[Hashable] = Counter()
        steps: list[Step] = []
        begun_us = self._watched.begun_us
        for index, event in enumerate(self._watched.events):
            if event.at_us < begun_us:
                continue
            for key, text, meaning, weight in self._told(index, event):
                seen[key] += 1
                is_turn = type(event) in TURNS or key[0] in {"takes", "refuses"}
                steps.append(Step(index, (key, seen[key]), text, meaning, weight, type(event) in FAULTS, is_turn))
        return steps

    def _told(self, index: int, event: Any) -> list[tuple[tuple[Hashable, ...], str, str, int]]:
        kind = type(event)
        if kind in FAULTS:
            text = self._meanings.text(index)
            refused = "refused" if kind is cluster.FaultRefused else "struck"
            return [(self._meanings.key(index), text, refused, FAULT_WEIGHT)]
        found: list[tuple[tuple[Hashable, ...], str, str, int]] = []
        for name, copies in self._copies.items():
            told = self._of_record(index, event, name, copies)
            if told is not None and all(told[1] != text for _, text, _, _ in found):
                key, text, meaning, weight = told
                found.append(((*key, *name), text, meaning, weight))
        if found:
            return found
        if self._is_around(index, event):
            text = self._meanings.text(index)
            return [(self._meanings.key(index), text, text, 20 if kind is cluster.LeaderElected else 2)]
        return []

    def _is_around(self, index: int, event: Any) -> bool:
        """Whether an event that is of none of the records belongs to their story."""
        kind = type(event)
        if kind in _OF_BATCHES or kind is engine.BatchAcknowledged:
            return False
        if kind in ALWAYS or index in self._wanted:
            return True
        if kind is cluster.LeaderElected or kind is cluster.IsrChanged:
            return (event.topic, event.partition) in self._partitions
        return bool(self._keys) and self._meanings.key(index) in self._keys

    def _of_record(
        self, index: int, event: Any, name: RecordName, copies: Copies
    ) -> tuple[tuple[Hashable, ...], str, str, int] | None:
        """Give (key, text, meaning, weight) of what an event does with a record; None if it does nothing with it."""
        kind = type(event)
        it = f"record {name.record}{f' of {name.client}' if self._has_several else ''}"
        match event:
            case cluster.RecordSent() if (event.client, event.record) == name:
                return ("sent",), self._meanings.text(index), "", 20
            case cluster.RecordAcknowledged() if (event.client, event.record) == name:
                who = holders_text(copies.living_at(index))
                where = "" if event.offset < 0 else f", offset {event.offset}"
                count = min(len(copies.living_at(index)), 2)
                return ("told",), f"{it}: told as written{where}, when it is {who}", f"written, {count}", 1
            case cluster.RecordFailed() if (event.client, event.record) == name:
                fate = "not written" if event.outcome == "failed" else "perhaps written"
                text = f"{it}: told as {fate} ({code_text(event.code)})"
                return ("told",), text, f"{fate} {event.code}", 1
            case cluster.LogTruncated():
                before, after = copies.at(index - 1), copies.at(index)
                if event.broker in before and event.broker not in after:
                    return ("cut", event.broker), f"b{event.broker} cuts {it} off ({event.reason})", "", 2
                return None
            case cluster.RecordRead() if event.offset in copies.offsets and self._reads(event, name):
                text = f"{event.client} reads {it}, at offset {event.offset}"
                return ("read", event.client), text, "", 1
            case cluster.TransactionBegan() | cluster.TransactionEnding() | cluster.TransactionEnded() if (
                event.client == name.client and event.transaction == self._transactions.get(name)
            ):
                text = self._meanings.text(index)
                return (kind.__name__, *_how(event)), text, text, 5
            case cluster.TransactionMoved() if self._is_amid(index, name):
                text = self._meanings.text(index)
                return ("coordinator", event.transactional_id, event.state), text, text, 2
            case cluster.MarkerAppended() if self._ends(event, name, copies):
                text = self._meanings.text(index)
                return ("marker", event.broker), text, f"{event.is_commit}", 2
            case _ if kind in _OF_BATCHES and copies.is_in(index):
                told = _of_batch(event, it, copies)
                if told is None:
                    return None
                key, text, meaning, weight = told
                if kind in _PLACES:
                    meaning = f"{meaning} {event.topic}-{event.partition}"
                    text = (
                        text.replace(it, f"{it} ({event.topic}-{event.partition})", 1) if self._has_partitions else text
                    )
                return key, text, meaning, weight
            case _:
                return None

    def _is_amid(self, index: int, name: RecordName) -> bool:
        """Whether a record's transaction is under way, from its begin to that of the client's next one."""
        begin, end = self._spans.get(name, (0, 0))
        return begin <= index < end

    def _ends(self, event: Any, name: RecordName, copies: Copies) -> bool:
        """Whether a marker ends the transaction that a record is in, where it lies."""
        where = (event.topic, event.partition)
        if name not in self._transactions:
            return False
        return any(event.first_offset <= offset < event.offset for offset in copies.places.get(where, ()))

    def _reads(self, event: Any, name: RecordName) -> bool:
        """Whether what is read is that record, by its key and value."""
        sent = self._sent.get(name)
        return sent is not None and (event.topic, event.key, event.value) == (sent.topic, sent.key, sent.value)


def _transactions_of(watched: Watched, records: Collection[RecordName]) -> dict[RecordName, int]:
    """Give the transaction that was open when each record was sent, of those that were sent in one."""
    is_open: dict[str, int] = {}
    found: dict[RecordName, int] = {}
    for event in watched.events:
        match event:
            case cluster.TransactionBegan():
                is_open[event.client] = event.transaction
            case cluster.TransactionEnded():
                is_open.pop(event.client, None)
            case cluster.RecordSent() if (event.client, event.record) in records and event.client in is_open:
                found[RecordName(event.client, event.record)] = is_open[event.client]
            case _:
                pass
    return found


def _spans_of(watched: Watched, transactions: dict[RecordName, int]) -> dict[RecordName, tuple[int, int]]:
    """Give from which event to which a record's transaction is the one that its coordinator has to do with."""
    begins: dict[str, list[tuple[int, int]]] = {}
    for index, event in enumerate(watched.events):
        if type(event) is cluster.TransactionBegan:
            begins.setdefault(event.client, []).append((event.transaction, index))
    found: dict[RecordName, tuple[int, int]] = {}
    for name, transaction in transactions.items():
        own = next(index for number, index in begins[name.client] if number == transaction)
        later = [index for number, index in begins[name.client] if number > transaction]
        found[name] = (own, later[0] if later else len(watched.events))
    return found


def _how(event: Any) -> tuple[Hashable, ...]:
    return (event.is_commit,) if type(event) is cluster.TransactionEnding else ()


_OF_BATCHES = frozenset(
    {
        engine.BatchSent,
        engine.BatchRetried,
        engine.BatchFailed,
        cluster.BatchAppended,
        cluster.BatchDeduplicated,
        cluster.BatchReplicated,
        cluster.ProduceAnswered,
        cluster.RequestDetained,
        cluster.RequestLost,
        cluster.ResponseDropped,
    }
)


_PLACES = frozenset({engine.BatchSent, cluster.BatchAppended})
"""Events by which a record gets to its partition."""


def _of_batch(event: Any, it: str, copies: Copies) -> tuple[tuple[Hashable, ...], str, str, int] | None:
    match event:
        case engine.BatchSent():
            again = "" if event.attempt == 1 else f", attempt {event.attempt}"
            batch = "" if event.record_count == 1 else f", in a batch of {event.record_count}"
            text = f"{it} leaves for b{event.broker}{batch}{again}"
            return ("leaves", event.attempt), text, f"b{event.broker}", 2
        case engine.BatchRetried():
            return ("retried",), f"{it} will be tried again: {code_text(event.code)}", str(event.code), 1
        case engine.BatchFailed():
            return ("given up",), f"{it} is given up: {event.reason}", event.reason, 1
        case cluster.BatchAppended():
            return ("takes", event.broker), f"b{event.broker} appends {it}, offset {copies.offset_in(event)}", "", 2
        case cluster.BatchDeduplicated():
            return ("takes", event.broker), f"b{event.broker} has {it} already: no second copy", "has it", 2
        case cluster.BatchReplicated():
            return ("copies", event.broker), f"b{event.broker} copies {it}, offset {copies.offset_in(event)}", "", 1
        case cluster.ProduceAnswered() if event.code:
            # A broker that takes nothing says why; what it takes is told by itself.
            code = code_text(event.code)
            return ("refuses", event.broker), f"b{event.broker} refuses {it}: {code}", code, 2
        case cluster.RequestDetained():
            return ("detained", event.broker), f"{it} is detained on its way to b{event.broker}", "", 2
        case cluster.RequestLost():
            return ("lost request", event.broker), f"{it} is lost on its way to b{event.broker}", "", 2
        case cluster.ResponseDropped():
            return ("lost answer", event.broker), f"b{event.broker}'s answer about {it} is lost", "", 2
        case _:
            return None
