"""The producer as a function of time: records and bytes in; commands, answers and the next deadline out (sans-IO).

A driver owns clock, sockets and threads. After every call it carries out `take_commands`, passes on `take_answers`, and
sees to it that `timer_fired` is called no later than `deadline_us`. Several threads may share an engine only under one
lock: it has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.client.client import Client
from producer.engine.abort_transaction import AbortTransaction
from producer.engine.accumulator import Accumulator
from producer.engine.buffer import BufferPool
from producer.engine.drain import Drain
from producer.engine.idempotence import Idempotence
from producer.engine.loads import Loads
from producer.engine.observer import Observer
from producer.engine.sender import Sender
from producer.engine.settings import MS_US, client_settings, send_settings
from producer.engine.settling import Settling
from producer.engine.transacting import Transacting
from producer.engine.verdicts import Verdicts
from producer.engine.waits import ROOM_MADE
from producer.errors import ProducerClosedError
from producer.metrics import ProducerMetrics, RecordingLevel, Window
from producer.partitioners.partitioner import close_partitioner
from producer.partitioners.rack_aware import RackPreference
from producer.partitioners.sticky import StickyPartitioner
from producer.records import ClusterInfo, PartitionInfo
from producer.transactions.transaction import Transactions
from producer.transactions.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.chance import Chance
    from producer.commands import BearerToken, Command
    from producer.config.config import ProducerConfig
    from producer.errors import AuthenticationError
    from producer.events import Answer


class Engine(Transacting):
    """One producer. Times are microseconds of the driver's own monotonic clock.

    What it takes in, `send` above all, is in `Intake`; who waits there, in `Waits`.
    """

    def __init__(
        self,
        config: ProducerConfig,
        *,
        chance: Chance,
        now_us: int,
        epoch_us: int = 0,
        nonces: Chance | None = None,
        observe: Callable[[Any], object] | None = None,
        metrics: ProducerMetrics | None = None,
    ) -> None:
        """Begin. `epoch_us` added to the driver's clock gives microseconds since 1970, for record timestamps.

        `nonces` is what SCRAM draws from, a source fit for secrets where brokers are real. `observe` is called with each `producer.events.Observation`, at once and in order.
        `metrics` are told what happens; None for metrics of its own.
        """
        client_id = config.client_id if config.has_client_id else "producer-1"
        if metrics is None:
            metrics = ProducerMetrics(
                client_id=client_id,
                window=Window(config.metrics_sample_window_ms * MS_US, config.metrics_num_samples),
                level=RecordingLevel[config.metrics_recording_level],
            )
        client = Client(
            client_settings(config, client_id, nonces), chance=chance, now_us=now_us, observe=observe, watch=metrics
        )
        preference = None
        if config.partitioner_rack_aware:
            preference = RackPreference(config.client_rack, client.metadata.view.leader_rack)
        buffer = BufferPool(config.buffer_memory)
        idempotence = _idempotence(config, client)
        super().__init__(
            config,
            client_id=client_id,
            accumulator=Accumulator(
                batch_bytes=config.batch_size,
                linger_us=config.linger_ms * MS_US,
                is_compressed=config.compression_type != "none",
            ),
            client=client,
            buffer=buffer,
            metrics=metrics,
            sticky=StickyPartitioner(chance, max(config.batch_size, 1), preference),
            transactions=None if idempotence is None else idempotence.transactions,
            now_us=now_us,
            epoch_us=epoch_us,
            observe=observe,
        )
        self._idempotence = idempotence
        settings, observer = send_settings(config, client_id), Observer(client_id, observe)
        self._verdicts = Verdicts(
            accumulator=self._accumulator,
            client=client,
            buffer=buffer,
            idempotence=self._idempotence,
            metrics=metrics,
            observer=observer,
        )
        self._drain = Drain(
            settings,
            accumulator=self._accumulator,
            client=client,
            buffer=buffer,
            idempotence=self._idempotence,
            loads=Loads(
                self._sticky if config.partitioner_adaptive_partitioning_enable else None,
                accumulator=self._accumulator,
                client=client,
                availability_timeout_us=settings.availability_timeout_us,
            ),
        )
        self._settling: Settling | None = None
        if idempotence is not None:
            self._settling = Settling(
                idempotence,
                accumulator=self._accumulator,
                client=client,
                verdicts=self._verdicts,
                observer=observer,
            )
        self._sender = Sender(
            settings,
            accumulator=self._accumulator,
            client=client,
            drain=self._drain,
            verdicts=self._verdicts,
            idempotence=self._idempotence,
            settling=self._settling,
            chance=chance,
            observer=observer,
            metrics=metrics,
        )
        self._metadata_seen = 0
        metrics.gauges = {
            "requests_in_flight": lambda _: client.connections.requests_in_flight,
            "metadata_age": lambda now_us: now_us - client.metadata.at_us,
            "connection_count": lambda _: client.connections.count,
            "waiting_threads": lambda _: buffer.waiters,
            "buffer_total_bytes": lambda _: buffer.total_bytes,
            "buffer_available_bytes": lambda _: buffer.free_bytes,
        }

    # -- what the application wants ----------------------------------------------------------------------------------

    def mend(self) -> None:
        """Put in order what an exception from outside left half done, such as that of a signal's handler during `send`.

        The record of that `send` may be queued all the same. Then let everybody who waits try again.
        """
        self._accumulator.mend()
        self._buffer.recount(self._sender.reserved_bytes)
        self._metadata_waits.clear()

    def flush(self, now_us: int) -> int:
        """Let everything queued so far leave without lingering. Returns a mark for `is_flushed`."""
        mark = self._accumulator.flush_through = self._accumulator.last_number
        self.deadline_us = min(self.deadline_us, now_us)
        return mark

    def is_flushed(self, mark: int) -> bool:
        """Whether every record queued before that flush has its answer (in `take_answers`, at the latest)."""
        return self._accumulator.incomplete.is_flushed(mark)

    def close(self, now_us: int) -> None:
        """Take no more records, and let what is queued leave at once. Then wait for `is_idle`, or `abort`.

        A transaction that is open is aborted when every record has its answer.
        """
        self._close_intake()
        self._drain.is_closing = True
        if self._transactions is not None:
            self._transactions.is_closing = True
        self.deadline_us = min(self.deadline_us, now_us)

    def abort(self, now_us: int, reason: str = "the producer was closed before it was answered") -> None:
        """Give up everything that has no answer, and end the connections."""
        self._close_intake()
        if self._transactions is not None:
            self._transactions.close(ProducerClosedError(f"{self.client_id} is closed"))
        self._verdicts.abort(now_us, reason)
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
        self._verdicts.purge(now_us, queued=queued, in_flight=in_flight)
        self._advance(now_us)

    @property
    def is_idle(self) -> bool:
        """Whether every record has its answer, and no transaction is open."""
        is_open = self._transactions is not None and self._transactions.is_open
        return not self._accumulator.incomplete and not is_open

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

    def token_given(self, connection: int, token: BearerToken, now_us: int) -> None:
        """The OAuth token asked for by `AskToken`."""
        self._client.connections.token_given(connection, token, now_us)
        self._advance(now_us)

    def written(self, connection: int, now_us: int) -> None:
        """The operating system has taken a request that nobody answers (acks=0)."""
        self._client.connections.written(connection, now_us)
        self._advance(now_us)

    def bytes_received(self, connection: int, data: bytes, now_us: int) -> None:
        """Bytes came in."""
        self._client.connections.bytes_received(connection, data, now_us)
        self._advance(now_us)

    def timer_fired(self, now_us: int, seen_us: int | None = None) -> None:
        """Time has come, or simply passed: calling this too often does no harm. `seen_us` as in `Driven`."""
        if seen_us is None:
            seen_us = now_us
        self._client.time_out(now_us, seen_us)
        self._client.advance(now_us)
        self._advance(now_us, seen_us)

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

    def _advance(self, now_us: int, seen_us: int | None = None) -> None:
        """Do all that can be done now. Only with `seen_us` is anything given up for its age (see `Driven`)."""
        sender = self._sender
        for node_id, error in self._client.connections.take_refusals():
            self._refuse(node_id, error, now_us)
        self._client.connections.tell(now_us)
        if self._transactions is not None:
            self._drain.is_completing = self._transactions.is_completing
        sender.advance(now_us)
        if seen_us is not None:
            sender.time_out(now_us, seen_us)
        # A request that had to wait for metadata, or a connection that was begun, is due at once.
        self._client.advance(now_us)
        metadata_came = self._client.metadata.version != self._metadata_seen
        if metadata_came:
            self._metadata_seen = self._client.metadata.version
            self._queues.clear()
            sender.advance(now_us)
        self._tell(metadata_came=metadata_came)
        self.deadline_us = min(sender.deadline_us(now_us), self._client.deadline_us(now_us))
        if self._transactions is not None:
            self._follow(self._transactions, now_us)

    def _tell(self, *, metadata_came: bool) -> None:
        verdicts = self._verdicts.take()
        self._answers += verdicts
        # Told only when something changed: whoever waits tries again at once.
        if (metadata_came and self._metadata_waits) or (verdicts and self._buffer.has_waiters):
            self._answers.append(ROOM_MADE)

    def _refuse(self, node_id: int, error: AuthenticationError, now_us: int) -> None:
        """Tell everybody who waits for this broker, or for metadata; who sends again tries anew, as in Java's client."""
        self._verdicts.fail_led_by(node_id, error.code, now_us, str(error))
        if self._transactions is not None and self._client.control.awaits(node_id):
            # Java's client gives up as well (TransactionManager.authenticationFailed).
            self._transactions.fail_for_good(Trouble(error.code, str(error)))
        if self._metadata_waits:
            self._metadata_waits = dict.fromkeys(self._metadata_waits, error)
            self._answers.append(ROOM_MADE)


def _idempotence(config: ProducerConfig, client: Client) -> Idempotence | None:
    """Give what numbers batches, if somebody does, and the transactions that they are part of, if there are some."""
    if not config.enable_idempotence:
        return None
    made = Idempotence(pipelines_fresh=config.acklab_fresh_producer_pipelining)
    made.renumbers_in_doubt = config.acklab_renumber_in_doubt
    if config.transactional_id is not None:
        transactions = Transactions(
            config.transactional_id,
            timeout_ms=config.transaction_timeout_ms,
            is_two_phase=config.transaction_two_phase_commit_enable,
            identity=made.identity,
            client=client,
            restart=made.restart,
        )
        made.serve(transactions, AbortTransaction(transactions))
    return made
