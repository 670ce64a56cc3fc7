"""Who waits in `send` for room or for metadata, what they are told, and the error of those who waited in vain."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from producer.engine.buffer import Wait
from producer.errors import (
    BufferExhaustedError,
    Code,
    MetadataTimeoutError,
    ProducerClosedError,
    ProducerError,
    TopicRefusedError,
    error_code,
)
from producer.events import RoomMade
from producer.records import check_topic

if TYPE_CHECKING:
    from producer.client.client import Client
    from producer.config.config import ProducerConfig
    from producer.engine.buffer import BufferPool
    from producer.errors import AuthenticationError
    from producer.events import Answer
    from producer.metrics import ProducerMetrics
    from producer.records import Record
    from producer.transactions.transaction import Transactions

ROOM_MADE = RoomMade()


class Waits:
    """The part of an engine that keeps those who wait. Times are microseconds of the driver's clock."""

    def __init__(
        self,
        config: ProducerConfig,
        *,
        client_id: str,
        client: Client,
        buffer: BufferPool,
        metrics: ProducerMetrics,
        transactions: Transactions | None,
        now_us: int,
    ) -> None:
        self.config = config
        self.client_id = client_id
        self.metrics = metrics
        self.deadline_us = now_us
        """When `timer_fired` is due at the latest; what is taken in may bring it forward."""
        self.is_closed = False
        self._client = client
        self._buffer = buffer
        self._transactions = transactions
        self._answers: list[Answer] = []
        self._metadata_waits: dict[Wait, AuthenticationError | None] = {}
        """Who waits for metadata, and which refusal came instead."""

    def give_up(self, wait: Wait, record: Record, *, now_us: int) -> ProducerError:
        """Wait no longer: return the error that says what was waited for in vain."""
        max_block_ms = self.config.max_block_ms
        if self._resume(wait, now_us) is None:
            late = MetadataTimeoutError(f"{self._missing(record)} after {max_block_ms} ms{self._why()}")
            if wait.is_for_record:
                self.metrics.refused(now_us)
                self._go_on_without_record(late, now_us)
            return late
        self._leave(wait, now_us)
        self.metrics.exhausted(now_us)
        full = BufferExhaustedError(
            f"no room for {wait.size_bytes} bytes in buffer.memory of {self._buffer.total_bytes} "
            f"({self._buffer.free_bytes} free) after {max_block_ms} ms"
        )
        self._go_on_without_record(full, now_us)
        return full

    def _turn_away(self, error: ProducerError, now_us: int) -> NoReturn:
        """Raise what is wrong with a record."""
        self.metrics.refused(now_us)
        self._go_on_without_record(error, now_us)
        raise error

    def _go_on_without_record(self, error: ProducerError, now_us: int) -> None:
        """Let an open transaction be one that can only be aborted: its application meant this record to be in it."""
        if self._transactions is not None:
            self._transactions.record_refused(error)
            self.deadline_us = min(self.deadline_us, now_us)

    def learn(self, topic: str, *, now_us: int, wait: Wait | None = None) -> Wait | None:
        """Ask for the topic's partitions. Returns None when they are known, otherwise what to wait with, as in `send`.

        Raises UsageError if waiting is in vain, ProducerClosedError, AuthenticationError.
        """
        refusal, has_waited = None, wait is not None
        if wait is not None:
            refusal = self._metadata_waits.get(wait)
            self._resume(wait, now_us)
        self._check_open()
        check_topic(topic)
        if self._client.metadata.view.partition_count(topic):
            return None
        if refusal is not None:
            raise refusal
        self._refuse_for_good(topic, has_waited=has_waited)
        self._ask_for(topic, now_us)
        blocked = self._wait_for_metadata(now_us)
        blocked.is_for_record = False
        return blocked

    def _ask_for(self, topic: str, now_us: int) -> None:
        """Ask for a topic's partitions, of which none is known."""
        metadata = self._client.metadata
        metadata.follow(topic, now_us)
        view = metadata.view.topics.get(topic)
        if view is not None and not view.error_code:
            # It was told without any.
            metadata.want()
        self.deadline_us = min(self.deadline_us, now_us)

    def _refuse_for_good(self, topic: str, *, has_waited: bool) -> None:
        """Raise if waiting for metadata is in vain: no topic has such a name, or the cluster has refused it to who `has_waited`.

        What was refused to somebody before may be allowed by now: the cluster is asked anew (KafkaProducer.waitOnMetadata).
        """
        check_topic(topic)
        view = self._client.metadata.view.topics.get(topic)
        if view is None or not view.error_code or error_code(view.error_code).retriable:
            return
        if view.error_code == Code.INVALID_TOPIC_EXCEPTION or (has_waited and not view.is_doubted):
            raise TopicRefusedError(topic, error_code(view.error_code))
        view.is_doubted = True
        self._client.metadata.want()

    def _resume(self, wait: Wait, now_us: int) -> Wait | None:
        """End a stretch of waiting. Returns the place in the queue for room, if it was that and not metadata."""
        waited_us = now_us - wait.since_us
        wait.since_us = now_us
        if wait.size_bytes == 0:
            self._metadata_waits.pop(wait, None)
            self.metrics.waited_for_metadata(waited_us, now_us)
            return None
        self.metrics.waited_for_room(waited_us, now_us)
        return wait

    def _leave(self, wait: Wait, now_us: int) -> None:
        self._buffer.leave(wait)
        self._let_next_try(now_us)

    def _let_next_try(self, now_us: int) -> None:
        """Tell who waits for room that the first place is free: what is left may do for the next one."""
        if self._buffer.has_waiters:
            self._answers.append(ROOM_MADE)
            self.deadline_us = now_us

    def _wait_for_metadata(self, now_us: int) -> Wait:
        blocked = Wait(0)
        blocked.since_us = now_us
        self._metadata_waits[blocked] = None
        return blocked

    def _missing(self, record: Record) -> str:
        count = self._client.metadata.view.partition_count(record.topic)
        if count:
            return f"partition {record.partition} of topic {record.topic!r} not in metadata (it has {count})"
        view = self._client.metadata.view.topics.get(record.topic)
        if view is not None and view.error_code:
            return f"topic {record.topic!r} not in metadata ({error_code(view.error_code).name})"
        if not self._client.metadata.view.brokers and not self._client.metadata.problem:
            return f"topic {record.topic!r} not in metadata: no answer from {', '.join(self.config.bootstrap_servers)}"
        return f"topic {record.topic!r} not in metadata"

    def _why(self) -> str:
        """Say what may be the reason why nothing is known."""
        if self._client.metadata.problem:
            return f"; {self._client.metadata.problem}"
        loss = "" if self._client.metadata.view.brokers else self._client.connections.last_loss
        return f"; the latest connection: {loss}" if loss else ""

    def _check_open(self) -> None:
        if self.is_closed:
            msg = f"{self.client_id} is closed"
            raise ProducerClosedError(msg)
