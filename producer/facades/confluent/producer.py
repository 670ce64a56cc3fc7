"""The producer: `produce` never blocks, callbacks run in `poll`, `flush` and `close`."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Self

from producer.drivers import forks
from producer.drivers.clock import epoch_ms, now_us
from producer.drivers.threads import Producer as ThreadedProducer
from producer.errors import ConfigError, ProducerError
from producer.facades.confluent.arguments import (
    FOREVER,
    c_int,
    c_long_long,
    header_pairs,
    payload,
    text,
    text_or_none,
    until_us,
)
from producer.facades.confluent.batch import messages_of
from producer.facades.confluent.cluster import BrokerMetadata, ClusterMetadata, PartitionMetadata, TopicMetadata
from producer.facades.confluent.configuration import read_settings
from producer.facades.confluent.errors import KafkaError, KafkaException, kafka_error
from producer.facades.confluent.group_metadata import read_group_metadata
from producer.facades.confluent.message import NOWHERE
from producer.facades.confluent.outbox import WAIT_S_MAX, Outbox, Queued, refusal
from producer.facades.confluent.transactions import TransactionCalls
from producer.records import Record
from producer.wire.varint import zigzag_size

if TYPE_CHECKING:
    from producer.errors import ForkedProducerError
    from producer.facades.confluent.message import OnDelivery

NOW = 0
"""The timestamp of a message that has none of its own."""
TOPIC_BYTES_MAX = 512
MESSAGE_OVERHEAD_BYTES = 36
"""What librdkafka takes a message to need besides its key, value and headers."""

_ABSENT: Any = object()
"""An argument that was not given: None is one that was."""


class Producer:
    """A producer shaped as `confluent_kafka.Producer`; safe to use from many threads."""

    def __init__(self, *config: dict[str, Any], **more: Any) -> None:
        """Start with one dict of properties; those given as keywords win. Raises KafkaException with `_INVALID_ARG`.

        Raises TypeError, and for `throttle_cb` ValueError, for what confluent-kafka looks at before librdkafka does.
        """
        if hasattr(self, "_outbox"):
            raise RuntimeError("Producer already __init__:ialized")
        if len(config) > 1:
            raise TypeError("expected tuple containing single dict")
        if config and not isinstance(config[0], dict):
            raise TypeError("expected configuration dict")
        try:
            settings = read_settings({**dict(*config), **more})
            self._producer = ThreadedProducer(settings.properties)
        except ConfigError as error:
            told = f"Failed to create producer: {error}"
            raise KafkaException(KafkaError(KafkaError._INVALID_ARG, told, cause=error)) from error
        self._settings = settings
        self._outbox = Outbox(self._producer, settings)
        self._transactions = TransactionCalls(self._producer, self._outbox)
        self._is_transactional = self._producer.config.transactional_id is not None
        self._topic: object = _ABSENT
        """One that was looked at, and may be a message's."""
        forks.watch(self, self._producer.config.client_id)
        weakref.finalize(self, self._outbox.abandon).atexit = False

    def produce(
        self,
        topic: str,
        value: str | bytes | None = None,
        key: str | bytes | None = None,
        partition: int = NOWHERE,
        callback: OnDelivery | None = _ABSENT,
        on_delivery: OnDelivery | None = _ABSENT,
        timestamp: int = NOW,
        headers: dict[Any, str | bytes | None] | list[tuple[Any, str | bytes | None]] | None = None,
    ) -> None:
        """Queue a message, without blocking; `on_delivery(error, message)` is called from `poll` or `flush`.

        `callback` is the same, and wins; None stands for that of the configuration. Raises BufferError when the queue is
        full, KafkaException if the message can never be sent; TypeError, ValueError and OverflowError for arguments that
        cannot be right, as confluent-kafka does.
        """
        # What most messages have needs no look: a topic looked at before, bytes, what stands where nothing was given.
        if topic is not self._topic:
            topic = text(1, topic)
        value_bytes = value if type(value) is bytes else payload(2, value)
        key_bytes = key if type(key) is bytes else payload(3, key)
        if partition is not NOWHERE:
            partition = c_int(partition)
        if timestamp is not NOW:
            timestamp = c_long_long(timestamp)
        pairs = () if headers is None else header_pairs(headers)
        if self._outbox.is_closed:
            self._check_open()
        self._queue(topic, value_bytes, key_bytes, partition, self._told(callback, on_delivery), timestamp, pairs)

    def produce_batch(
        self,
        topic: str,
        messages: list[dict[str, Any]],
        partition: int = NOWHERE,
        callback: OnDelivery | None = _ABSENT,
        on_delivery: OnDelivery | None = _ABSENT,
    ) -> int:
        """Queue messages (`value`, `key`, `callback`, each if given). Returns how many were taken.

        One that is not is given its KafkaError as `_error`. A `partition` or `headers` of its own is looked at and has no
        effect, as there. Raises TypeError and so on, before any is queued.
        """
        topic, partition = text(1, topic), c_int(partition)
        told = self._told(callback, on_delivery)
        if not isinstance(messages, list):
            raise TypeError("messages must be a list")
        if not messages:
            return 0
        self._check_open()
        taken = 0
        for message, (value, key, callback_of_its_own) in zip(messages, messages_of(messages), strict=True):
            try:
                self._queue(topic, value, key, partition, callback_of_its_own or told, 0, ())
                taken += 1
            except BufferError:
                message["_error"] = KafkaError(KafkaError._QUEUE_FULL, "Message failed: Local: Queue full")
            except KafkaException as error:
                code = error.args[0].code()
                message["_error"] = KafkaError(code, f"Message failed: {KafkaError(code).str()}")
        return taken

    def poll(self, timeout: float = FOREVER) -> int:
        """Call the callbacks of what has its verdict, waiting up to `timeout` seconds for the first. Returns how many.

        What a callback raises is raised here; the reports behind it wait for the next call.
        """
        limit_us = until_us(timeout)
        self._check_open()
        due, served = self._outbox.await_reports(limit_us), 0
        while served < due and self._outbox.serve_one():
            served += 1
        return served

    def flush(self, timeout: float = FOREVER) -> int:
        """Send everything without lingering and call the callbacks, up to `timeout` seconds. Returns how many are left.

        What a callback raises is raised once everything else was served.
        """
        limit_us = until_us(timeout)
        self._check_open()
        self._outbox.flush(limit_us)
        return len(self)

    def purge(self, in_queue: bool = True, in_flight: bool = True, blocking: bool = True) -> None:  # noqa: ARG002
        """Drop messages; their reports say `_PURGE_QUEUE` or `_PURGE_INFLIGHT`, and come from `poll` as all others."""
        self._check_open()
        if in_queue:
            self._outbox.purge()
        self._producer.purge(queued=bool(in_queue), in_flight=bool(in_flight))

    def list_topics(self, topic: str | None = None, timeout: float = FOREVER) -> ClusterMetadata:
        """Give the cluster's brokers and one topic's partitions. Without a topic: KafkaException, `_NOT_IMPLEMENTED`."""
        topic, limit_us = text_or_none(1, topic), until_us(timeout)
        self._check_open("Handle")
        if topic is None:
            raise KafkaException(KafkaError(KafkaError._NOT_IMPLEMENTED, "list_topics asks for one topic here"))
        seen = self._producer.changes
        try:
            wait = self._producer.learn(topic)
            while wait is not None:
                left_s = WAIT_S_MAX if limit_us is None else max(0, limit_us - now_us()) / 1e6
                if not left_s:
                    self._producer.withdraw(wait, Record(topic, None))
                    raise KafkaException(KafkaError(KafkaError._TRANSPORT, "Failed to get metadata: Local: Timed out"))
                self._producer.await_change(seen, left_s)
                seen = self._producer.changes
                wait = self._producer.learn(topic, wait)
            partitions = self._producer.partitions_for(topic)
        except ProducerError as error:
            raise KafkaException(kafka_error(error)) from error
        cluster = self._producer.cluster()
        return ClusterMetadata(
            cluster.cluster_id,
            {node_id: BrokerMetadata(node_id, *address) for node_id, address in cluster.brokers.items()},
            {topic: TopicMetadata(topic, {one.partition: PartitionMetadata(one.partition, one.leader)
                                          for one in partitions})},
        )  # fmt: skip

    def cluster_id(self, timeout: float = FOREVER) -> str | None:
        """Give the cluster's id, waiting up to `timeout` seconds for a broker; None if none told it."""
        limit_us = until_us(timeout)
        self._check_open("Handle")
        cluster, seen = self._producer.cluster(), self._producer.changes
        while not cluster.brokers and (limit_us is None or now_us() < limit_us):
            self._producer.await_change(seen, WAIT_S_MAX if limit_us is None else max(0, limit_us - now_us()) / 1e6)
            cluster, seen = self._producer.cluster(), self._producer.changes
        return cluster.cluster_id

    def set_sasl_credentials(self, username: str, password: str) -> None:
        """Raise KafkaException, `_NOT_IMPLEMENTED`, where names and passwords are in use: none can be changed here."""
        text(1, username)
        text(2, password)
        self._check_open("Handle")
        if self._producer.config.uses_sasl:
            raise KafkaException(KafkaError(KafkaError._NOT_IMPLEMENTED, "make another producer to be somebody else"))

    def close(self, timeout: float = FOREVER) -> bool:
        """Flush and end. What is left after `timeout` seconds is given up without a report. Returns whether none was.

        What a callback raises is raised once it is closed.
        """
        limit_us = until_us(timeout)
        outbox = self._outbox
        if outbox.is_closed and outbox.forked is None:
            return True
        self._check_open()
        try:
            outbox.flush(limit_us)
        finally:
            # Whatever a callback raises, this is the end.
            left = len(self)
            outbox.close()
            self._producer.close(0)
            outbox.join()
        return not left

    # -- transactions ------------------------------------------------------------------------------------------------

    def init_transactions(self, timeout: float = FOREVER) -> None:
        """Take over the `transactional.id`. Raises KafkaException; its error says whether it is `retriable` or `fatal`.

        Without `transactional.id` every call of transactions raises `_NOT_CONFIGURED`.
        """
        limit_us = until_us(timeout)
        self._transactional().init(limit_us)

    def begin_transaction(self) -> None:
        """Begin a transaction. Raises KafkaException."""
        self._transactional().begin()

    def send_offsets_to_transaction(
        self, positions: list[Any], group_metadata: bytes, timeout: float = FOREVER
    ) -> None:
        """Let a consumer's positions count if the transaction is committed; `group_metadata` is what the consumer gives.

        Raises KafkaException; where its error says `txn_requires_abort`, the transaction must be aborted.
        """
        if not isinstance(positions, list):
            raise TypeError("requires list of TopicPartition")
        for one in positions:
            if not all(hasattr(one, name) for name in ("topic", "partition", "offset", "metadata", "leader_epoch")):
                raise TypeError("expected cimpl.TopicPartition")
        if not isinstance(group_metadata, bytes):
            raise TypeError(f"expected bytes, {type(group_metadata).__name__} found")
        limit_us = until_us(timeout)
        calls = self._transactional()
        calls.send_offsets(positions, read_group_metadata(group_metadata), limit_us)

    def commit_transaction(self, timeout: float = FOREVER) -> None:
        """Send everything, serve its delivery reports, and commit. Raises KafkaException."""
        limit_us = until_us(timeout)
        self._transactional().commit(limit_us)

    def abort_transaction(self, timeout: float = FOREVER) -> None:
        """Drop what has not left, abort, and serve the delivery reports. Raises KafkaException."""
        limit_us = until_us(timeout)
        self._transactional().abort(limit_us)

    def _transactional(self) -> TransactionCalls:
        self._check_open()
        if not self._is_transactional:
            told = "The Transactional API requires transactional.id to be configured"
            raise KafkaException(KafkaError(KafkaError._NOT_CONFIGURED, told))
        return self._transactions

    # -- as any object -----------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        """Count the messages whose delivery report was not served yet; none, once it is closed."""
        return self._outbox.messages

    def __bool__(self) -> bool:
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        # A forked process may leave the block, too: what is to be closed is not here.
        if self._outbox.forked is None:
            self.close()

    def disown(self, error: ForkedProducerError) -> None:
        """Belong to the process that this one was forked from; see `producer.drivers.forks`."""
        self._outbox.disown(error)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _queue(
        self,
        topic: str,
        value: bytes | None,
        key: bytes | None,
        partition: int,
        told: OnDelivery | None,
        timestamp: int,
        pairs: tuple[tuple[str, bytes | None], ...],
    ) -> None:
        if self._is_transactional:
            self._transactions.check_produce()
        if topic is not self._topic:
            if len(topic.encode()) > TOPIC_BYTES_MAX:
                raise refusal(KafkaError(KafkaError._INVALID_ARG))
            self._topic = topic
        record = Record(topic, value, key, partition if partition >= 0 else None, pairs,
                        timestamp if timestamp > 0 else epoch_ms())  # fmt: skip
        size_bytes = (0 if value is None else len(value)) + (0 if key is None else len(key))
        headers_bytes = sum(_header_bytes(name.encode(), header) for name, header in pairs) if pairs else 0
        if size_bytes + headers_bytes + MESSAGE_OVERHEAD_BYTES > self._settings.message_bytes_max:
            raise refusal(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))
        self._outbox.put(Queued(self._outbox, record, partition, size_bytes, told))

    def _told(self, callback: OnDelivery | None, on_delivery: OnDelivery | None) -> OnDelivery | None:
        given = on_delivery if callback is _ABSENT else callback
        return self._settings.on_delivery if given is _ABSENT or given is None else given

    def _check_open(self, what: str = "Producer") -> None:
        outbox = self._outbox
        if outbox.forked is not None:
            raise KafkaException(kafka_error(outbox.forked))
        if outbox.is_closed:
            raise RuntimeError(f"{what} has been closed")


def _header_bytes(name: bytes, value: bytes | None) -> int:
    return sum(len(part) + zigzag_size(len(part)) for part in (name, value or b""))
