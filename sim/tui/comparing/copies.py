"""On which brokers a record is, at each moment of a run: appended, copied, cut off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.trace import events as cluster

if TYPE_CHECKING:
    from sim.tui.comparing.meaning import Meanings
    from sim.tui.session import Watched

_ENDED = frozenset({cluster.BrokerCrashed, cluster.BrokerStopped})
Entry = tuple[str, int, int, int]
"""(topic, partition, leader epoch, base offset) of the batch that a log holds."""


class Copies:
    """One record's places in the logs."""

    def __init__(self, watched: Watched, meanings: Meanings, client: str, record: int) -> None:
        """Walk once through the trace."""
        self._events = watched.events
        self._ways = watched.ways
        self._batch = watched.ways.batch_of_record(client, record)
        records = [] if self._batch is None else meanings.records(*self._batch)
        self._place = records.index(record) if record in records else 0
        self._entries: set[Entry] = set()
        self.places: dict[tuple[str, int], set[int]] = {}
        """Partition -> every offset that it ever had there."""
        self._down: list[tuple[int, int, bool]] = []
        """(event, broker, whether it ended or began)."""
        self._changes: list[tuple[int, dict[int, int]]] = [(-1, {})]
        """Event -> broker -> offset, from there on."""
        self._walk(watched.events)

    def at(self, index: int) -> dict[int, int]:
        """Give the brokers that have it right after an event, each with the offset."""
        held: dict[int, int] = {}
        for event, then in self._changes:
            if event > index:
                break
            held = then
        return held

    @property
    def offsets(self) -> set[int]:
        """Every offset that it ever had, on any broker."""
        return {offset for held in self.places.values() for offset in held}

    def living_at(self, index: int) -> dict[int, int]:
        """Give those of them whose processes are there."""
        is_down = {broker: ended for event, broker, ended in self._down if event <= index}
        return {broker: offset for broker, offset in self.at(index).items() if not is_down.get(broker, False)}

    def offset_in(self, event: Any) -> int:
        """Give the offset of the record in the batch that an event of a log tells of."""
        return int(event.base_offset) + self._place

    def is_in(self, index: int) -> bool:
        """Whether an event of a log tells of a batch that holds the record."""
        event = self._events[index]
        kind = type(event)
        if kind is cluster.BatchReplicated:
            return (event.topic, event.partition, event.leader_epoch, event.base_offset) in self._entries
        return self._batch is not None and self._batch in self._ways.batches(index)

    def _walk(self, events: Sequence[Any]) -> None:
        held: dict[int, int] = {}
        places: dict[int, tuple[str, int]] = {}
        for index, event in enumerate(events):
            kind = type(event)
            if kind in _ENDED:
                self._down.append((index, event.broker, True))
                continue
            if kind is cluster.BrokerStarted:
                self._down.append((index, event.broker, False))
                continue
            if kind is cluster.BatchAppended and self.is_in(index):
                self._entries.add((event.topic, event.partition, event.leader_epoch, event.base_offset))
            elif kind is cluster.LogTruncated:
                offset = held.get(event.broker)
                if offset is None or places[event.broker] != (event.topic, event.partition) or offset < event.to_offset:
                    continue
                held = {broker: at for broker, at in held.items() if broker != event.broker}
                self._changes.append((index, held))
                continue
            elif kind is not cluster.BatchReplicated or not self.is_in(index):
                continue
            held = {**held, event.broker: self.offset_in(event)}
            places[event.broker] = (event.topic, event.partition)
            self.places.setdefault(places[event.broker], set()).add(held[event.broker])
            self._changes.append((index, held))


def holders_text(held: dict[int, int]) -> str:
    """Say who has it: `on b1 alone`, `on b1, b2`."""
    brokers = ", ".join(f"b{broker}" for broker in sorted(held))
    return f"on {brokers} alone" if len(held) == 1 else f"on {brokers}" if held else "on no broker"
