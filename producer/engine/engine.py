"""The producer as a function of time: records and bytes in; commands, answers and the next deadline out (sans-IO).

A driver owns clock, sockets and threads. After every call it carries out `take_commands`, passes on `take_answers`, and
sees to it that `timer_fired` is called no later than `deadline_us`. Several threads may share an engine only under one
lock: it has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.client.client import Client
from producer.client.sasl.mechanism import sasl_settings
from producer.client.settings import ClientSettings
from producer.engine.accumulator import Accumulator
from producer.engine.batch import BatchState
from producer.engine.buffer import BufferPool, Wait
from producer.engine.idempotence import Idempotence
from producer.engine.sender import Sender, SendSettings
from producer.errors import (
    AuthenticationError,
    BufferExhaustedError,
    MetadataTimeoutError,
    PartitionerError,
    ProducerClosedError,
    ProducerError,
    RecordTooLargeError,
    UsageError,
    error_code,
)
from producer.events import Answer, BatchOpened, RecordAccepted, RoomMade
from producer.metrics import ProducerMetrics, RecordingLevel, Window
from producer.partitioners.keyed import KeyedPartitioner
from producer.partitioners.partitioner import close_partitioner, partition_chosen_by
from producer.partitioners.rack_aware import RackPreference
from producer.partitioners.sticky import StickyPartitioner
from producer.records import (
    TIMESTAMP_MS_MAX,
    ClusterInfo,
    PartitionInfo,
    Record,
    Run,
    TopicPartition,
    check_record,
    check_topic,
)
from producer.wire.compression import Codec
from producer.wire.record_batch import one_size

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from producer.chance import Chance
    from producer.commands import Command
    from producer.config.config import ProducerConfig
    from producer.engine.accumulator import PartitionQueue
    from producer.events import Token
    from producer.partitioners.partitioner import Partitioner

MS_US = 1_000
ROOM_MADE = RoomMade()


class Engine:
    """One producer. Times are microseconds of the driver's own monotonic clock."""

    def __init__(
        self,
        config: ProducerConfig,
        *,
        chance: Chance,
        now_us: int,
        epoch_us: int = 0,
        nonces: Chance | None = None,
        observe: Callable[[Any], object] | None = None,
    ) -> None:
        """Begin. `epoch_us` added to the driver's clock gives microseconds since 1970, for record timestamps.

        `nonces` is what SCRAM draws from, a source fit for secrets where brokers are real. `observe` is called with each `producer.events.Observation`, at once and in order.
        """
        self.config = config
        self.client_id = config.client_id or "producer-1"
        self.deadline_us = now_us
        """When `timer_fired` is due at the latest; `send` may bring it forward."""
        self.is_closed = False
        self._epoch_us = epoch_us
        self._observe = observe
        self._buffer = BufferPool(config.buffer_memory)
        self._accumulator = Accumulator(
            batch_bytes=config.batch_size,
            linger_us=config.linger_ms * MS_US,
            is_compressed=config.compression_type != "none",
        )
        self.metrics = ProducerMetrics(
            client_id=self.client_id,
            window=Window(config.metrics_sample_window_ms * MS_US, config.metrics_num_samples),
            level=RecordingLevel[config.metrics_recording_level],
        )
        self._client = Client(
            link_settings(config, self.client_id, nonces),
            chance=chance,
            now_us=now_us,
            observe=observe,
            watch=self.metrics,
        )
        preference = None
        if config.partitioner_rack_aware:
            preference = RackPreference(config.client_rack, self._client.metadata.view.leader_rack)
        self._sticky = StickyPartitioner(chance, max(config.batch_size, 1), preference)
        self._idempotence: Idempotence | None = None
        if config.enable_idempotence:
            self._idempotence = Idempotence(pipelines_fresh=config.acklab_fresh_producer_pipelining)
        self._sender = Sender(
            _send_settings(config, self.client_id),
            accumulator=self._accumulator,
            client=self._client,
            buffer=self._buffer,
            idempotence=self._idempotence,
            chance=chance,
            observe=observe,
            sticky=self._sticky if config.partitioner_adaptive_partitioning_enable else None,
            metrics=self.metrics,
        )
        self._keyed = KeyedPartitioner()
        self._partitioner = config.make_partitioner()
        """The application's own, which is asked first; None for Kafka's default."""
        # Where a partitioner was asked and has no opinion, it has seen the key.
        self._ignores_keys = config.partitioner_ignore_keys or self._partitioner is not None
        # Where a batch is no larger than a request may be, a record that fits into one needs no other check.
        self._checks_each_record = config.batch_size > config.max_request_size
        self._hurries = not (self._ignores_keys or self._checks_each_record or observe is not None)
        """Whether there is nothing about a record that `append` would pass over."""
        self._queues: dict[str, list[PartitionQueue | None]] = {}
        """By topic and partition, as far as they were used since the last metadata."""
        self._answers: list[Answer] = []
        self._metadata_seen = 0
        self._metadata_waits: dict[Wait, AuthenticationError | None] = {}
        """Who waits for metadata, and which refusal came instead."""
        buffer, client = self._buffer, self._client
        self.metrics.gauges = {
            "requests_in_flight": lambda _: client.connections.requests_in_flight,
            "metadata_age": lambda now_us: now_us - client.metadata.at_us,
            "connection_count": lambda _: client.connections.count,
            "waiting_threads": lambda _: buffer.waiters,
            "buffer_total_bytes": lambda _: buffer.total_bytes,
            "buffer_available_bytes": lambda _: buffer.free_bytes,
        }

    # -- what the application wants ----------------------------------------------------------------------------------

    def send(self, record: Record, token: Token, *, now_us: int, wait: Wait | None = None) -> Wait | None:
        """Queue one record; it leaves within `linger.ms`, and `token` comes back in an answer exactly once.

        Returns None when it is queued. Otherwise the caller waits for `RoomMade`, then calls again with the `Wait`
        that it was given, or `give_up(wait, …)`. Raises UsageError or one of its kinds, AuthenticationError if a
        broker refused us while metadata was waited for; nothing is queued then.
        """
        topic, value, key, partition, headers, timestamp_ms = record
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
        if self.is_closed:
            msg = f"{self.client_id} is closed"
            raise ProducerClosedError(msg)
        refusal = None
        if wait is not None:
            refusal = self._metadata_waits.get(wait)
            wait = self._resume(wait, now_us)
        queues = self._queues.get(topic)
        if queues is None:
            queues = self._meet_topic(topic, now_us)
        if self._partitioner is not None and partition is None and queues:
            partition = self._ask(self._partitioner, record, wait, now_us)
            record = record._replace(partition=partition)
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
                self.metrics.refused(now_us)
                raise refusal
            if wait is not None:
                self._leave(wait, now_us)
            return self._wait_for_metadata(now_us)
        queue = queues[partition] or self._meet_partition(queues, topic, partition)
        if timestamp_ms is None:
            timestamp_ms = (now_us + self._epoch_us) // MS_US
        accumulator = self._accumulator
        if self._checks_each_record:
            self._check_size(topic, accumulator.bytes_alone(key, value, headers), now_us)
        appended_bytes = accumulator.try_append(queue, key, value, headers, timestamp_ms, token)
        if not appended_bytes:
            needed_bytes = accumulator.bytes_alone(key, value, headers)
            self._check_size(topic, needed_bytes, now_us)
            needed_bytes = max(needed_bytes, self.config.batch_size)
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
            self._open(queue, now_us=now_us, reserved_bytes=needed_bytes, timestamp_ms=timestamp_ms)
            appended_bytes = accumulator.try_append(queue, key, value, headers, timestamp_ms, token)
            assert appended_bytes, "a batch opened for a record must have room for it"
        batch = queue.batches[-1]
        if wait is not None:
            # Meanwhile another record's batch had room for this one.
            self._leave(wait, now_us)
        if batch.size_bytes >= batch.limit_bytes and batch.is_full:
            self.deadline_us = min(self.deadline_us, now_us)
        if record.partition is None and (key is None or self._ignores_keys):
            self._sticky.sent(topic, appended_bytes, is_batch_full=batch.is_full)
        if self._observe is not None:
            self._observe(RecordAccepted(now_us, self.client_id, token, batch.number, topic, partition))
        return None

    def append(self, topic: str, key: bytes | None, value: bytes | None, token: Token, now_us: int) -> bool:
        """Queue one record if it is of the commonest kind: its partition is known already, and a batch has room for it.

        What `send` does, with nothing in it that such a record does not need: it is asked a million times. Returns False
        if anything is otherwise; nothing has changed then, and `send` says what.
        """
        try:
            queues = self._queues.get(topic)
        except TypeError:
            # No topic's name at all, since it cannot even be looked up.
            return False
        if queues is None or self.is_closed or not self._hurries:
            return False
        if key is None:
            partition = self._sticky.stays_at(topic)
            if not 0 <= partition < len(queues):
                return False
        else:
            hashed = self._keyed.hashes.get(key)
            if hashed is None:
                return False
            partition = hashed % len(queues)
        queue = queues[partition]
        if queue is None or not queue.batches:
            return False
        batch = queue.batches[-1]
        if batch.state is not BatchState.OPEN:
            return False
        appended_bytes = batch.append(key, value, (), (now_us + self._epoch_us) // MS_US, token)
        if not appended_bytes:
            return False
        if batch.size_bytes >= batch.limit_bytes and batch.is_full:
            self.deadline_us = min(self.deadline_us, now_us)
        if key is None:
            self._sticky.sent(topic, appended_bytes, is_batch_full=batch.is_full)
        return True

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

    def append_run(self, topic: str, run: Run, begin: int, now_us: int) -> int:
        """Queue records of a run, from its place `begin` on, that the open batch has room for. Returns how many.

        0 says that the next one must go by `send`, with the run's partition, which may open another batch or have to wait.
        """
        queues = self._queues.get(topic)
        if queues is None or self.is_closed or not self._hurries:
            return 0
        partition = self._sticky.stays_at(topic) if run.partition is None else run.partition
        queue = queues[partition] if 0 <= partition < len(queues) else None
        if queue is None or not queue.batches or queue.batches[-1].state is not BatchState.OPEN:
            return 0
        batch = queue.batches[-1]
        before_bytes = batch.size_bytes
        count = batch.extend(run, begin, (now_us + self._epoch_us) // MS_US)
        if batch.is_full:
            self.deadline_us = min(self.deadline_us, now_us)
        if run.partition is None:
            self._sticky.sent(topic, batch.size_bytes - before_bytes, is_batch_full=batch.is_full)
        return count

    def give_up(self, wait: Wait, record: Record, *, now_us: int) -> ProducerError:
        """Wait no longer: return the error that says what was waited for in vain."""
        max_block_ms = self.config.max_block_ms
        if self._resume(wait, now_us) is None:
            if wait.is_for_record:
                self.metrics.refused(now_us)
            loss = "" if self._client.metadata.view.brokers else self._client.connections.last_loss
            why = f"; the latest connection: {loss}" if loss else ""
            return MetadataTimeoutError(f"{self._missing(record)} after {max_block_ms} ms{why}")
        self._leave(wait, now_us)
        self.metrics.exhausted(now_us)
        return BufferExhaustedError(
            f"no room for {wait.size_bytes} bytes in buffer.memory of {self._buffer.total_bytes} "
            f"({self._buffer.free_bytes} free) after {max_block_ms} ms"
        )

    def mend(self) -> None:
        """Put in order what an exception from outside left half done, such as that of a signal's handler during `send`.

        The record of that `send` may be queued all the same. Then let everybody who waits try again.
        """
        self._sender.mend()
        self._metadata_waits.clear()

    def flush(self, now_us: int) -> int:
        """Let everything queued so far leave without lingering. Returns a mark for `is_flushed`."""
        mark = self._accumulator.flush_through = self._accumulator.last_number
        self.deadline_us = min(self.deadline_us, now_us)
        return mark

    def is_flushed(self, mark: int) -> bool:
        """Whether every record queued before that flush has its answer (in `take_answers`, at the latest)."""
        return all(number > mark for number in self._sender.incomplete.values())

    def close(self, now_us: int) -> None:
        """Take no more records, and let what is queued leave at once. Then wait for `is_idle`, or `abort`."""
        self.is_closed = True
        self._sender.is_closing = True
        self.deadline_us = min(self.deadline_us, now_us)

    def abort(self, now_us: int, reason: str = "the producer was closed before it was answered") -> None:
        """Give up everything that has no answer, and end the connections."""
        self.is_closed = True
        self._sender.abort(now_us, reason)
        # Told before anything else can go wrong: a driver that met a bug of ours aborts, too.
        self._tell(metadata_came=False)
        self._client.close(now_us)
        self._advance(now_us)

    def close_partitioner(self) -> None:
        """Close the application's partitioner, after everything else. Raises PartitionerError if it raises. Twice is once."""
        partitioner, self._partitioner = self._partitioner, None
        if partitioner is not None:
            close_partitioner(partitioner)

    def purge(self, now_us: int, *, queued: bool = True, in_flight: bool = True) -> None:
        """Drop what waits, what is in flight, or both: each of those records ends in a PurgedError."""
        self._sender.purge(now_us, queued=queued, in_flight=in_flight)
        self._advance(now_us)

    def learn(self, topic: str, *, now_us: int, wait: Wait | None = None) -> Wait | None:
        """Ask for the topic's partitions. Returns None when they are known, otherwise what to wait with, as in `send`.

        Raises UsageError if waiting is in vain, ProducerClosedError, AuthenticationError.
        """
        if self.is_closed:
            msg = f"{self.client_id} is closed"
            raise ProducerClosedError(msg)
        check_topic(topic)
        refusal = None
        if wait is not None:
            refusal = self._metadata_waits.get(wait)
            self._resume(wait, now_us)
        if self._client.metadata.view.partition_count(topic):
            return None
        if refusal is not None:
            raise refusal
        self._refuse_for_good(topic)
        self._client.metadata.follow(topic, now_us)
        self.deadline_us = min(self.deadline_us, now_us)
        blocked = self._wait_for_metadata(now_us)
        blocked.is_for_record = False
        return blocked

    @property
    def is_idle(self) -> bool:
        """Whether every record has its answer."""
        return not self._sender.incomplete

    def partition_count(self, topic: str) -> int:
        """How many partitions the topic has, as far as is known; 0 if it is not."""
        return self._client.metadata.view.partition_count(topic)

    def partitions(self, topic: str) -> tuple[PartitionInfo, ...]:
        """The topic's partitions and their leaders, as far as is known."""
        view = self._client.metadata.view.topics.get(topic)
        leaders = view.leaders if view is not None else ()
        return tuple(PartitionInfo(topic, index, *leader) for index, leader in enumerate(leaders))

    def cluster(self) -> ClusterInfo:
        """The cluster's id and brokers, as far as is known."""
        view = self._client.metadata.view
        return ClusterInfo(view.cluster_id, dict(view.brokers))

    # -- what the driver reports -------------------------------------------------------------------------------------

    def connected(self, connection: int, now_us: int) -> None:
        """A connection asked for by `Connect` is up."""
        self._client.connections.connected(connection, now_us)
        self._advance(now_us)

    def disconnected(self, connection: int, reason: str, now_us: int) -> None:
        """A connection could not be had, or ended."""
        self._client.connections.disconnected(connection, reason, now_us)
        self._advance(now_us)

    def refused(self, connection: int, reason: str, now_us: int) -> None:
        """The two sides of a connection do not trust each other (TLS), or no token is to be had; it is closed."""
        self._client.connections.refused(connection, reason, now_us)
        self._advance(now_us)

    def token_given(self, connection: int, token: str, now_us: int) -> None:
        """The OAuth token asked for by `AskToken`."""
        self._client.connections.token_given(connection, token, now_us)
        self._advance(now_us)

    def bytes_received(self, connection: int, data: bytes, now_us: int) -> None:
        """Bytes came in."""
        self._client.connections.bytes_received(connection, data, now_us)
        self._advance(now_us)

    def timer_fired(self, now_us: int) -> None:
        """Time has come, or simply passed: calling this too often does no harm."""
        self._client.time_out(now_us)
        self._client.advance(now_us)
        self._advance(now_us, is_time=True)

    # -- what the driver takes ---------------------------------------------------------------------------------------

    def take_commands(self) -> list[Command]:
        """Take what the driver has to do, in order."""
        return self._client.connections.take_commands()

    def take_answers(self) -> list[Answer]:
        """Take what the application is to be told, in order."""
        answers, self._answers = self._answers, []
        return answers

    @property
    def has_answers(self) -> bool:
        """Whether there are answers to take."""
        return bool(self._answers)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _advance(self, now_us: int, *, is_time: bool = False) -> None:
        """Do all that can be done now. Only with `is_time` is anything given up for its age (see `Driven`)."""
        sender = self._sender
        for node_id, error in self._client.connections.take_refusals():
            self._refuse(node_id, error, now_us)
        self._client.connections.tell(now_us)
        sender.advance(now_us)
        if is_time:
            sender.time_out(now_us)
        # A request that had to wait for metadata, or a connection that was begun, is due at once.
        self._client.advance(now_us)
        metadata_came = self._client.metadata.version != self._metadata_seen
        if metadata_came:
            self._metadata_seen = self._client.metadata.version
            self._queues.clear()
            sender.advance(now_us)
        self._tell(metadata_came=metadata_came)
        self.deadline_us = min(sender.deadline_us(now_us), self._client.deadline_us(now_us))

    def _tell(self, *, metadata_came: bool) -> None:
        verdicts = self._sender.verdicts
        if verdicts:
            self._answers += verdicts
            self._sender.verdicts = []
        # Told only when something changed: whoever waits tries again at once.
        if (metadata_came and self._metadata_waits) or (verdicts and self._buffer.has_waiters):
            self._answers.append(ROOM_MADE)

    def _refuse(self, node_id: int, error: AuthenticationError, now_us: int) -> None:
        """Tell everybody who waits for this broker, or for metadata; who sends again tries anew, as in Java's client."""
        self._sender.fail_led_by(node_id, error.code, now_us, str(error))
        if self._metadata_waits:
            self._metadata_waits = dict.fromkeys(self._metadata_waits, error)
            self._answers.append(ROOM_MADE)

    def _meet_topic(self, topic: str, now_us: int) -> list[PartitionQueue | None]:
        """Give the places of the topic's queues, one a partition; none if they are not known yet."""
        count = self._client.metadata.view.partition_count(topic)
        if count == 0:
            try:
                self._refuse_for_good(topic)
            except UsageError:
                self.metrics.refused(now_us)
                raise
            self._client.metadata.follow(topic, now_us)
            self.deadline_us = min(self.deadline_us, now_us)
            return []
        queues: list[PartitionQueue | None] = [None] * count
        self._queues[topic] = queues
        return queues

    def _meet_partition(self, queues: list[PartitionQueue | None], topic: str, partition: int) -> PartitionQueue:
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

    def _refuse_for_good(self, topic: str) -> None:
        """Raise if waiting for metadata is in vain: no topic has such a name, or the cluster refuses this one."""
        check_topic(topic)
        view = self._client.metadata.view.topics.get(topic)
        if view is not None and view.error_code and not error_code(view.error_code).retriable:
            msg = f"topic {topic!r} is refused: {error_code(view.error_code).name}"
            raise UsageError(msg)

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
        if not self._client.metadata.view.brokers:
            return f"topic {record.topic!r} not in metadata: no answer from {', '.join(self.config.bootstrap_servers)}"
        return f"topic {record.topic!r} not in metadata"

    def _check_size(self, topic: str, batch_bytes: int, now_us: int) -> None:
        """Raise if a batch of this record alone is more than a request or the buffer may hold."""
        for name, limit in (
            ("max.request.size", self.config.max_request_size),
            ("buffer.memory", self._buffer.total_bytes),
        ):
            if batch_bytes > limit:
                self.metrics.refused(now_us)
                msg = f"a record that takes {batch_bytes} bytes in a batch of {topic!r} does not fit {name} of {limit}"
                raise RecordTooLargeError(msg)

    def _open(self, queue: PartitionQueue, *, now_us: int, reserved_bytes: int, timestamp_ms: int) -> None:
        batch = self._accumulator.open(
            queue, now_us=now_us, reserved_bytes=reserved_bytes, first_timestamp_ms=timestamp_ms
        )
        self._sender.incomplete[batch.number] = batch.number
        self._client.metadata.follow(queue.partition.topic, now_us)
        # A batch behind another one means that the one before is full.
        linger_us = 0 if len(queue.batches) > 1 else self.config.linger_ms * MS_US
        self.deadline_us = min(self.deadline_us, now_us + linger_us)
        if self._observe is not None:
            self._observe(BatchOpened(now_us, self.client_id, batch.number, *queue.partition))


def link_settings(config: ProducerConfig, client_id: str, nonces: Chance | None = None) -> ClientSettings:
    """Take from a configuration what links need."""
    return ClientSettings(
        client_id=client_id,
        bootstrap=config.bootstrap_addresses,
        request_timeout_us=config.request_timeout_ms * MS_US,
        retry_backoff_us=config.retry_backoff_ms * MS_US,
        retry_backoff_max_us=config.retry_backoff_max_ms * MS_US,
        reconnect_backoff_us=config.reconnect_backoff_ms * MS_US,
        reconnect_backoff_max_us=config.reconnect_backoff_max_ms * MS_US,
        setup_timeout_us=config.socket_connection_setup_timeout_ms * MS_US,
        setup_timeout_max_us=config.socket_connection_setup_timeout_max_ms * MS_US,
        idle_max_us=config.connections_max_idle_ms * MS_US if config.connections_max_idle_ms >= 0 else 1 << 62,
        metadata_age_max_us=config.metadata_max_age_ms * MS_US,
        metadata_idle_max_us=config.metadata_max_idle_ms * MS_US,
        in_flight_max=config.max_in_flight_requests_per_connection,
        rebootstraps=config.metadata_recovery_strategy == "rebootstrap",
        rebootstrap_trigger_us=config.metadata_recovery_rebootstrap_trigger_ms * MS_US,
        sasl=sasl_settings(config, nonces),
        is_secured=config.uses_tls or config.uses_sasl,
    )


def _send_settings(config: ProducerConfig, client_id: str) -> SendSettings:
    levels = {
        "gzip": config.compression_gzip_level,
        "lz4": config.compression_lz4_level,
        "zstd": config.compression_zstd_level,
    }
    return SendSettings(
        client_id=client_id,
        acks=config.acks_code,
        retries=config.retries,
        retry_backoff_us=config.retry_backoff_ms * MS_US,
        retry_backoff_max_us=config.retry_backoff_max_ms * MS_US,
        request_timeout_us=config.request_timeout_ms * MS_US,
        delivery_timeout_us=config.delivery_timeout_ms * MS_US,
        request_bytes_max=config.max_request_size,
        keeps_order=config.max_in_flight_requests_per_connection == 1,
        codec=Codec[config.compression_type.upper()],
        codec_level=levels.get(config.compression_type),
        availability_timeout_us=config.partitioner_availability_timeout_ms * MS_US,
    )
