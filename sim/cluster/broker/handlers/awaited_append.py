"""What a leader appended for one partition, and how long it waits for the replicas in sync to have it.

Kafka: DelayedProduce, which waits for the batches of producers and for the markers of coordinators alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.trace.events import BatchAppended

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.records import TopicPartition
    from producer.wire.record_batch import BatchHeader
    from sim.cluster.broker.partition import Partition
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker


class AwaitedAppend:
    """One partition's part of a request: in `code` stands what became of it, as far as it `is_waiting` no longer."""

    __slots__ = ("_broker", "_ended", "_last_offset", "_partition", "_request", "code", "is_waiting", "tp")

    def __init__(
        self, broker: ServingBroker, request: Request, tp: TopicPartition, ended: Callable[[], object]
    ) -> None:
        """`ended` is called when the wait for the high watermark is over, before its time limit."""
        self._broker = broker
        self._request = request
        self._ended = ended
        self._partition: Partition | None = None
        """Where it was appended; None as long as it was not."""
        self._last_offset = -1
        self.tp = tp
        self.code = Code.NONE
        self.is_waiting = False

    def tell_appended(self, header: BatchHeader, last_offset: int) -> None:
        """Tell the trace which batch was appended, and which request brought it. The header is that of what lies in the log."""
        broker, request = self._broker, self._request
        broker.trace.emit(
            BatchAppended(
                broker.world.now_us,
                broker.broker_id,
                *self.tp,
                header.base_offset,
                last_offset,
                header.partition_leader_epoch,
                request.client,
                request.connection,
                request.correlation_id,
                header.producer_id,
                header.producer_epoch,
                header.base_sequence,
                header.crc,
            )
        )

    def wait_for_replicas(self, partition: Partition) -> None:
        """Wait until the high watermark has passed what was appended there, unless that is decided by now."""
        if self._is_gone:
            self.code = self._broker.code_without_replica(self.tp)
        elif not partition.is_leader:
            self.code = Code.NOT_LEADER_OR_FOLLOWER
        elif partition.log.high_watermark > self._last_offset:
            if partition.is_under_min_isr:
                self.code = Code.NOT_ENOUGH_REPLICAS_AFTER_APPEND
        else:
            self.is_waiting = True
            partition.await_watermark(self._last_offset + 1, self.watermark_reached)

    def watermark_reached(self, code: Code) -> None:
        """The high watermark arrived, or the leader's term ended."""
        self.is_waiting = False
        self.code = code
        self._ended()

    def look_again(self) -> None:
        """Wait no longer for a replica that went offline, or with its topic: nobody says so of itself (DelayedProduce.tryComplete)."""
        if self.is_waiting and self._is_gone:
            self.is_waiting = False
            self.code = self._broker.code_without_replica(self.tp)

    @property
    def _is_gone(self) -> bool:
        return self._broker.partitions.get(self.tp) is not self._partition

    def time_out(self) -> None:
        """The request's time is over. What was appended stays (kafka.md 4.2)."""
        if self.is_waiting:
            assert self._partition is not None
            self._partition.forget_await(self.watermark_reached)
            self.is_waiting = False
            self.code = Code.REQUEST_TIMED_OUT
