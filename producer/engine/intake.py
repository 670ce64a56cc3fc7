"""What the application hands in, up to the batch that takes it: checks, partitions, sizes, and who waits for what.

`append`, `append_run` and `send` take the same steps: a partition is chosen, its open batch takes the record, and what
follows from that is seen to. The first two know only the shortest way to each, and leave what is not to be had on it to
`send`, which opens batches, asks for metadata, and waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.engine.settings import MS_US
from producer.engine.waits import Waits
from producer.errors import PartitionerError, ProducerError, RecordTooLargeError, UsageError
from producer.events import BatchOpened, RecordAccepted
from producer.partitioners.keyed import KeyedPartitioner
from producer.partitioners.partitioner import partition_chosen_by
from producer.records import TIMESTAMP_MS_MAX, Run, TopicPartition, check_record
from producer.wire.record_batch import one_size

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from producer.client.client import Client
    from producer.config.config import ProducerConfig
    from producer.engine.accumulator import Accumulator
    from producer.engine.batch import Batch
    from producer.engine.buffer import BufferPool, Wait
    from producer.engine.partition_queue import PartitionQueue
    from producer.events import Token
    from producer.metrics import ProducerMetrics
    from producer.partitioners.partitioner import Partitioner
    from producer.partitioners.sticky import StickyPartitioner
    from producer.records import Headers, Record
    from producer.transactions.transaction import Transactions

AT_ONCE_US = 0
"""A deadline that is over whatever the clock says."""

Queues = list["PartitionQueue | None"]
"""A topic's queues by partition, as far as they were used."""


class Intake(Waits):
    """The part of an engine that takes records in, one by one and in runs."""

    def __init__(
        self,
        config: ProducerConfig,
        *,
        client_id: str,
        accumulator: Accumulator,
        client: Client,
        buffer: BufferPool,
        metrics: ProducerMetrics,
        sticky: StickyPartitioner,
        transactions: Transactions | None,
        now_us: int,
        epoch_us: int,
        observe: Callable[[Any], object] | None,
    ) -> None:
        """`epoch_us` added to the driver's clock gives microseconds since 1970."""
        super().__init__(
            config,
            client_id=client_id,
            client=client,
            buffer=buffer,
            metrics=metrics,
            transactions=transactions,
            now_us=now_us,
        )
        self._accumulator = accumulator
        self._epoch_us = epoch_us
        self._observe = observe
        self._sticky = sticky
        self._calls_seen = 0
        """How many transactional calls had ended when somebody was told last."""
        self._keyed = KeyedPartitioner()
        self._hashes = self._keyed.hashes
        self._partitioner = config.make_partitioner()
        """The application's own, which is asked first; None for Kafka's default."""
        # Where a partitioner was asked and has no opinion, it has seen the key.
        self._ignores_keys = config.partitioner_ignore_keys or self._partitioner is not None
        # Where a batch is no larger than a request may be, a record that fits into one needs no other check.
        self._checks_each_record = config.batch_size > config.max_request_size
        self._queues: dict[str, Queues] = {}
        """By topic, since the last metadata, and none outside of a transaction where there are some. Cleared, the first record
        for each partition takes the long way again."""
        self._hurries = not (self._ignores_keys or self._checks_each_record or observe is not None)
        """Whether there is nothing about a record that the short way would pass over."""
        self._shortcuts: dict[str, Queues] = self._queues if self._hurries else {}
        """The same queues, for as long as records may take the short way."""

    def set_calendar(self, epoch_us: int) -> None:
        """Somebody set the clock: from now on this, added to the driver's clock, gives microseconds since 1970."""
        self._epoch_us = epoch_us

    # -- records, one by one -----------------------------------------------------------------------------------------

    def append(self, topic: Any, key: bytes | None, value: bytes | None, token: Token, timestamp_ms: int) -> bool:
        """Queue one record if it is of the commonest kind: its partition is known already, and a batch has room for it.

        What `send` does, with nothing in it that such a record does not need: it is asked a million times. Returns False
        if anything is otherwise; nothing has changed then, and `send` says what. `key` and `value` were looked at before;
        whether `topic` is a name is found out here.
        """
        try:
            queues = self._shortcuts.get(topic)
        except TypeError:
            # No topic's name at all, since it cannot even be looked up.
            return False
        if queues is None:
            return False
        if key is None:
            partition = self._sticky.stays_at(topic)
            if not 0 <= partition < len(queues):
                return False
        else:
            hashed = self._hashes.get(key)
            if hashed is None:
                return False
            partition = hashed % len(queues)
        queue = queues[partition]
        if queue is None or queue.open is None:
            return False
        # What `_put` does, without the call.
        batch = queue.open
        size_bytes = batch.append(key, value, (), timestamp_ms, token)
        if size_bytes and (key is None or batch.size_bytes >= batch.full_bytes):
            self._have_put(batch, size_bytes, key is None)
        return size_bytes > 0

    def send(self, record: Record, token: Token, *, now_us: int, wait: Wait | None = None) -> Wait | None:
        """Queue one record; it leaves within `linger.ms`, and `token` comes back in an answer exactly once.

        Returns None when it is queued. Otherwise the caller waits for `RoomMade`, then calls again with the `Wait`
        that it was given, or `give_up(wait, …)`. Raises UsageError or one of its kinds, AuthenticationError if a
        broker refused us while metadata was waited for, the TransactionError that a transaction is in; nothing is queued then.
        """
        # Of any type: whether they are what `Record` says is in question.
        given: tuple[Any, ...] = record
        topic, value, key, partition, headers, timestamp_ms = given
        if (
            topic.__class__ is not str
            or (value is not None and value.__class__ is not bytes)
            or (key is not None and key.__class__ is not bytes)
            or (partition is not None and partition.__class__ is not int)
            or (
                timestamp_ms is not None
                and not (timestamp_ms.__class__ is int and 0 <= timestamp_ms <= TIMESTAMP_MS_MAX)
            )
            or headers
        ):
            # A record found to be wrong when its batch is encoded would take the others with it.
            check_record(record)
        refusal, has_waited = None, wait is not None
        if wait is not None:
            refusal = self._metadata_waits.get(wait)
            wait = self._resume(wait, now_us)
        try:
            self._check_open()
            if self._transactions is not None:
                self._transactions.check_send()
            queues = self._queues.get(topic)
            if queues is None:
                queues = self._meet_topic(topic, now_us, has_waited=has_waited)
        except ProducerError:
            if wait is not None:
                # Nobody comes back to this place, and who waits behind it would wait for ever.
                self._leave(wait, now_us)
            raise
        if self._partitioner is not None and partition is None and queues:
            partition = self._ask(self._partitioner, record, wait, now_us)
            record = record._replace(partition=partition)
        sticks = partition is None and (key is None or self._ignores_keys)
        if partition is None:
            if queues:
                if key is not None and not self._ignores_keys:
                    partition = self._keyed.partition_for(key, len(queues))
                else:
                    partition = self._stick(topic, len(queues))
        elif partition >= len(queues):
            self._client.metadata.want()
            self.deadline_us = min(self.deadline_us, now_us)
            partition = None
        elif partition < 0:
            msg = f"partition is {partition}, must not be negative"
            raise UsageError(msg)
        if partition is None:
            if refusal is not None:
                self._turn_away(refusal, now_us)
            if wait is not None:
                self._leave(wait, now_us)
            return self._wait_for_metadata(now_us)
        queue = queues[partition] or self._meet_partition(queues, topic, partition)
        if timestamp_ms is None:
            timestamp_ms = (now_us + self._epoch_us) // MS_US
        if self._checks_each_record:
            self._check_size(topic, self._accumulator.bytes_alone(key, value, headers), now_us)
        batch = queue.open
        if batch is None or not self._put(batch, key, value, headers, timestamp_ms, token, sticks):
            needed_bytes = self._accumulator.bytes_alone(key, value, headers)
            self._check_size(topic, needed_bytes, now_us)
            needed_bytes = max(needed_bytes, self.config.batch_size)
            if needed_bytes > self._buffer.total_bytes:
                # Found here as in Java, whose configuration takes it (BufferPool.allocate).
                msg = f"batch.size of {needed_bytes} does not fit buffer.memory of {self._buffer.total_bytes}"
                raise UsageError(msg)
            queue.seal()
            blocked = self._buffer.reserve(needed_bytes, wait)
            if blocked is not None:
                # The sender does not linger while somebody waits for room.
                self.deadline_us = now_us
                blocked.since_us = now_us
                blocked.partition = record.partition
                return blocked
            if wait is not None:
                self._let_next_try(now_us)
                wait = None
            batch = self._open(queue, now_us=now_us, reserved_bytes=needed_bytes, timestamp_ms=timestamp_ms)
            is_put = self._put(batch, key, value, headers, timestamp_ms, token, sticks)
            assert is_put, "a batch opened for a record must have room for it"
        if wait is not None:
            # Meanwhile another record's batch had room for this one.
            self._leave(wait, now_us)
        if self._transactions is not None and self._transactions.join(queue.partition):
            # While it lingers, its coordinator can be asked.
            self.deadline_us = min(self.deadline_us, now_us)
        if self._observe is not None:
            self._observe(RecordAccepted(now_us, self.client_id, token, batch.number, topic, partition))
        return None

    def choose_partition(self, record: Record, now_us: int) -> int:
        """Give the partition that `send` would choose, for a record that goes in parts: chosen once, and counted as one.

        Its topic's partitions must be known. Raises PartitionerError.
        """
        topic, value, key, partition, *_ = record
        count = self._client.metadata.view.partition_count(topic)
        if partition is None and self._partitioner is not None:
            partition = self._ask(self._partitioner, record, None, now_us)
        if partition is None and key is not None and not self._ignores_keys:
            partition = self._keyed.partition_for(key, count)
        if partition is None:
            partition = self._stick(topic, count)
            self._sticky.sent(topic, len(value or b""))
        return partition

    def _close_intake(self) -> None:
        """Take no more records. A short way that is closed costs those who take it no question."""
        self.is_closed = True
        self._shortcuts = {}

    # -- records in columns ------------------------------------------------------------------------------------------

    def runs(
        self, topic: str, keys: Sequence[bytes] | None, values: Sequence[bytes | None], tokens: Sequence[Token]
    ) -> list[Run]:
        """Cut columns of records into runs for `append_run`, one a partition; none if records must be sent one by one."""
        count = self._client.metadata.view.partition_count(topic)
        if not count or not self._hurries or not values:
            return []
        value_size = one_size(values)
        if keys is None:
            nulls: list[bytes | None] = [None] * len(values)
            return [Run(None, nulls, values, tokens, None if value_size is None else (-1, value_size))]
        key_size = one_size(keys)
        shape = None if key_size is None or value_size is None else (key_size, value_size)
        return [
            Run(
                partition,
                [keys[place] for place in places],
                [values[place] for place in places],
                [tokens[place] for place in places],
                shape,
            )
            for partition, places in self._keyed.spread(keys, count).items()
        ]

    def append_run(self, topic: str, run: Run, begin: int, timestamp_ms: int) -> int:
        """Queue records of a run, from its place `begin` on, that the open batch has room for. Returns how many.

        0 says that the next one must go by `send`, with the run's partition, which may open another batch or have to wait.
        """
        queues = self._shortcuts.get(topic)
        if queues is None:
            return 0
        partition = self._sticky.stays_at(topic) if run.partition is None else run.partition
        queue = queues[partition] if 0 <= partition < len(queues) else None
        if queue is None or queue.open is None:
            return 0
        batch = queue.open
        before_bytes = batch.size_bytes
        count = batch.extend(run, begin, timestamp_ms)
        self._have_put(batch, batch.size_bytes - before_bytes, run.partition is None)
        return count

    # -- the steps that all of them take -----------------------------------------------------------------------------

    def _put(
        self,
        batch: Batch,
        key: bytes | None,
        value: bytes | None,
        headers: Headers,
        timestamp_ms: int,
        token: Token,
        sticks: bool,
    ) -> int:
        """Put a record into an open batch. Returns the bytes that it takes there, 0 if there is no room."""
        size_bytes = batch.append(key, value, headers, timestamp_ms, token)
        if size_bytes and (sticks or batch.size_bytes >= batch.full_bytes):
            self._have_put(batch, size_bytes, sticks)
        return size_bytes

    def _have_put(self, batch: Batch, size_bytes: int, sticks: bool) -> None:
        """See to what follows: a full batch is due, and nothing sticks to a partition for ever."""
        is_full = batch.is_full
        if is_full:
            self.deadline_us = AT_ONCE_US
        if sticks:
            self._sticky.sent(batch.partition.topic, size_bytes, is_batch_full=is_full)

    def _open(self, queue: PartitionQueue, *, now_us: int, reserved_bytes: int, timestamp_ms: int) -> Batch:
        batch = self._accumulator.open(
            queue, now_us=now_us, reserved_bytes=reserved_bytes, first_timestamp_ms=timestamp_ms
        )
        self._client.metadata.follow(queue.partition.topic, now_us)
        # A batch behind another one means that the one before is full.
        linger_us = 0 if len(queue.batches) > 1 else self.config.linger_ms * MS_US
        self.deadline_us = min(self.deadline_us, now_us + linger_us)
        if self._observe is not None:
            self._observe(BatchOpened(now_us, self.client_id, batch.number, *queue.partition))
        return batch

    # -- partitions and sizes ----------------------------------------------------------------------------------------

    def _meet_topic(self, topic: str, now_us: int, *, has_waited: bool) -> Queues:
        """Give the places of the topic's queues, one a partition; none if they are not known yet."""
        count = self._client.metadata.view.partition_count(topic)
        if count == 0:
            try:
                self._refuse_for_good(topic, has_waited=has_waited)
            except UsageError as error:
                self._turn_away(error, now_us)
            self._ask_for(topic, now_us)
            return []
        queues: Queues = [None] * count
        self._queues[topic] = queues
        return queues

    def _meet_partition(self, queues: Queues, topic: str, partition: int) -> PartitionQueue:
        queue = queues[partition] = self._accumulator.queue(TopicPartition(topic, partition))
        return queue

    def _stick(self, topic: str, partition_count: int) -> int:
        return self._sticky.partition_for(topic, partition_count, lambda: self._available(topic))

    def _ask(self, partitioner: Partitioner, record: Record, wait: Wait | None, now_us: int) -> int | None:
        """Ask the application's partitioner, unless this record already waited for room: once a record (KAFKA-9965)."""
        if wait is not None:
            return wait.partition
        try:
            return partition_chosen_by(partitioner, record, self._client.metadata.view.topics[record.topic])
        except PartitionerError:
            self.metrics.refused(now_us)
            raise

    def _available(self, topic: str) -> Sequence[int]:
        view = self._client.metadata.view.topics[topic]
        # With no leader anywhere the record waits in its batch, as Kafka's does.
        return view.available or range(view.count)

    def _check_size(self, topic: str, batch_bytes: int, now_us: int) -> None:
        """Raise if a batch of this record alone is more than a request or the buffer may hold."""
        for name, limit in (
            ("max.request.size", self.config.max_request_size),
            ("buffer.memory", self._buffer.total_bytes),
        ):
            if batch_bytes > limit:
                msg = f"a record that takes {batch_bytes} bytes in a batch of {topic!r} does not fit {name} of {limit}"
                self._turn_away(RecordTooLargeError(msg), now_us)
