"""Marker epochs: no transaction is ended by who was shut out of it, coordinator or producer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.judges.invariants.end_markers import end_marker_in
from sim.judges.invariants.invariant import Invariant
from sim.trace.events import MarkerAppended

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from producer.records import TopicPartition
    from sim.cluster.stored_batch import StoredBatch


class MarkerEpochs(Invariant):
    """Holds each marker against all that its producer's coordinators, and its producer, had written to the log before."""

    NAME = "marker epochs"
    PROMISE = "a marker is of no older coordinator, and of no older epoch of its producer, than anything of that producer before it in the log"

    def takes(self) -> Mapping[type[Any], Callable[[Any], None]]:
        return {MarkerAppended: self._appended}

    def _appended(self, event: MarkerAppended) -> None:
        tp, log, _ = self.disks.here(event)
        if not self.disks.has_flipped(event.broker, tp):
            self._hold(event.broker, tp, log, event.producer_id)

    def look(self) -> None:
        for broker, tp, _ in tuple(self.disks.replicas()):
            if not self.disks.has_flipped(broker, tp):
                log = self.disks.held(broker, tp)
                for producer_id in dict.fromkeys(
                    [stored.header.producer_id for stored in log if stored.header.is_control]
                ):
                    self._hold(broker, tp, log, producer_id)

    def _hold(self, broker: int, tp: TopicPartition, log: Sequence[StoredBatch], producer_id: int) -> None:
        producer_epoch = coordinator_epoch = -1
        for stored in log:
            header = stored.header
            if header.producer_id != producer_id or producer_id < 0:
                continue
            if header.is_control:
                marker = end_marker_in(stored.data)
                if marker is None:
                    continue
                if marker.coordinator_epoch < coordinator_epoch or header.producer_epoch < producer_epoch:
                    self.breach(
                        f"the marker at offset {stored.base_offset} of {tp} on b{broker} is of epoch {header.producer_epoch} of producer "
                        f"{producer_id} and coordinator epoch {marker.coordinator_epoch}, behind {producer_epoch} and {coordinator_epoch}"
                    )
                    return
                coordinator_epoch = marker.coordinator_epoch
            producer_epoch = header.producer_epoch
