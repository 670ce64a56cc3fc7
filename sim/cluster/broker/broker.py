"""A broker across its lives: the machine, its disk, and at most one process at a time."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from producer.wire.record_batch import computed_crc
from sim.cluster.broker.connection import ClientConnection
from sim.cluster.broker.handlers import HANDLERS
from sim.cluster.broker.log_directory import (
    METADATA_LOG_DIR,
    cut_short,
    flip_bit,
    format_directory,
    id_of,
    log_end_offsets,
    unsync,
)
from sim.cluster.broker.partition import Partition
from sim.cluster.broker.process import BrokerProcess
from sim.cluster.config import host_of
from sim.cluster.coordinators.groups.shard import GroupShard
from sim.cluster.coordinators.transactions.shard import TransactionShard
from sim.cluster.security.acls.authorizer import Authorizer
from sim.trace.events import (
    CUT_SHORT,
    DISK_WIPED,
    BitFlipped,
    BrokerCrashed,
    BrokerPaused,
    BrokerResumed,
    BrokerStarted,
    BrokerStopped,
    BrokerStopping,
    LogTruncated,
)
from sim.world.disk import Disk
from sim.world.network import HostState, SocketBuffers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from producer.records import TopicPartition
    from sim.cluster.broker.serving import ConnectionType
    from sim.cluster.broker.tampering import Tampering
    from sim.cluster.config import ClusterConfig
    from sim.trace.trace import Trace
    from sim.world.disk import Directory
    from sim.world.kernel import World
    from sim.world.network import Network


class DiskLoss(Enum):
    """What a crash does to the disk."""

    KEPT = "kept"
    """The process died, the operating system did not: the page cache survives, and peers see their connections end."""
    UNFLUSHED_LOST = "unflushed lost"
    """The power failed: what was not flushed is gone, and peers hear nothing until their own time-outs."""
    WIPED = "wiped"
    """The machine went, and came back with an empty disk under the same directory ids; peers hear nothing, either."""


class Broker:
    """One broker. Each verb raises ValueError where the broker's state does not allow it."""

    def __init__(
        self,
        *,
        world: World,
        trace: Trace,
        config: ClusterConfig,
        network: Network,
        broker_id: int,
        tampering: Tampering,
    ) -> None:
        self._world = world
        self._trace = trace
        self._config = config
        self._network = network
        self.broker_id = broker_id
        self.tampering = tampering
        self.host = network.add_host(host_of(broker_id))
        self.host.buffers = SocketBuffers(config.socket_send_buffer_bytes, config.socket_receive_buffer_bytes)
        self.host.crash()
        self.disk = Disk(
            self.host,
            append_us=config.disk_append_us,
            fsync_us=config.disk_fsync_us,
            bandwidth_bytes_s=config.disk_bandwidth_bytes_s,
            directories=config.log_dirs,
        )
        self.partition_type = Partition
        """What keeps a replica in each life of this broker; a planted bug puts its own here."""
        self.group_shard_type = GroupShard
        """What coordinates the groups of one partition, likewise."""
        self.transaction_shard_type = TransactionShard
        """What coordinates the transactional ids of one partition, likewise."""
        self.connection_type: ConnectionType = ClientConnection
        """What is this broker's end of each client's stream, likewise."""
        self.authorizer_type = Authorizer
        """What decides who may do what, likewise."""
        self.handlers = HANDLERS
        """Who answers which API in each life."""
        self.process: BrokerProcess | None = None
        """What this life holds in memory; None while the broker is down."""
        self.is_stopping = False
        """Whether somebody asked this life to end in good order, and it has not yet."""
        self._starts_again = False

    @property
    def is_running(self) -> bool:
        """Whether there is a process, paused or not."""
        return self.process is not None

    @property
    def is_paused(self) -> bool:
        return self.host.state is HostState.PAUSED

    @property
    def is_behind(self) -> bool:
        """Whether it is paused, or has yet to read what waited meanwhile."""
        return self.is_paused or self.host.is_behind

    @property
    def is_impaired(self) -> bool:
        """Whether it is down or about to be, goes on without one of its log directories, or has a slow disk."""
        process = self.process
        return process is None or self.is_stopping or process.directories.has_offline or self.disk.slowness > 1

    def start(self) -> None:
        """Begin a life with what the disk holds."""
        if self.process is not None:
            msg = f"broker {self.broker_id} is {'stopping' if self.is_stopping else 'running already'}"
            raise ValueError(msg)
        if not self._can_start:
            msg = f"broker {self.broker_id} cannot start: log directory {METADATA_LOG_DIR}, with the metadata log, has failed"
            raise ValueError(msg)
        self._format()
        self.host.start()
        self.disk.power_on()
        self._trace.emit(BrokerStarted(self._world.now_us, self.broker_id))
        self.process = BrokerProcess(
            world=self._world,
            trace=self._trace,
            config=self._config,
            network=self._network,
            host=self.host,
            disk=self.disk,
            tampering=self.tampering,
            broker_id=self.broker_id,
            partition_type=self.partition_type,
            group_shard_type=self.group_shard_type,
            transaction_shard_type=self.transaction_shard_type,
            connection_type=self.connection_type,
            authorizer_type=self.authorizer_type,
            handlers=self.handlers,
            ends=self,
        )

    @property
    def _can_start(self) -> bool:
        return not self.disk.directories[METADATA_LOG_DIR - 1].is_failed

    def start_again(self) -> None:
        """Begin the next life of a broker that is down; without the metadata log's directory that is over at once, and it stays down."""
        if self._can_start:
            self.start()

    def _format(self) -> None:
        """Give each directory that works an id, unless it has one: whoever replaces a disk formats it (kafka-storage format)."""
        for number, directory in enumerate(self.disk.directories, 1):
            if not directory.is_failed and id_of(directory) is None:
                chance = self._world.chance(f"directory id/b{self.broker_id}/{number}")
                format_directory(directory, b"".join([chance.bits().to_bytes(8, "big") for _ in range(2)]))

    def crash(self, disk: DiskLoss = DiskLoss.KEPT) -> None:
        """End this life at once, without a word to anybody (kill -9, or worse), however far it had come."""
        self._living()
        self._forget()
        if disk is DiskLoss.KEPT:
            self.host.crash()
        else:
            # Nobody loses what lies in the page cache, or on the disk, while the machine runs on.
            self.host.lose_power()
        self._trace.emit(BrokerCrashed(self._world.now_us, self.broker_id, disk.value))
        before = log_end_offsets(self.disk)
        if disk is DiskLoss.UNFLUSHED_LOST:
            self.disk.lose_unflushed()
        elif disk is DiskLoss.WIPED:
            self._wipe()
        self._tell_what_is_gone(before, DISK_WIPED if disk is DiskLoss.WIPED else disk.value)

    def _wipe(self) -> None:
        """Lose every file but the directories' ids, which somebody wrote down.

        Kafka's tool draws new ones. Then it is a race whether a leader that nobody can stand in for is elected as soon as it is
        back, as it is under the old ones, or with the next broker that returns (seen on 4.3.1, each once): whether the
        controller hears of its replicas' directories before it unfences the broker.
        """
        ids = [id_of(directory) for directory in self.disk.directories]
        self.disk.wipe()
        for directory, directory_id in zip(self.disk.directories, ids, strict=True):
            if directory_id is not None:
                format_directory(directory, directory_id)

    def stop(self, *, starts_again: bool = False) -> None:
        """Ask this life to end in good order (SIGTERM); a paused process hears of it when it goes on."""
        process = self._living()
        if self.is_stopping:
            msg = f"broker {self.broker_id} is stopping already"
            raise ValueError(msg)
        self.is_stopping = True
        self._starts_again = starts_again
        self._trace.emit(BrokerStopping(self._world.now_us, self.broker_id))
        self.host.deliver(self.host.incarnation, process.lifecycle.stop, (self._stopped,))

    def halt(self) -> None:
        """This process ends itself at once."""
        starts_again = self._starts_again
        self.crash()
        if starts_again:
            self.start_again()

    def stop_itself(self) -> None:
        """This process asks itself to end in good order, unless somebody did."""
        if not self.is_stopping:
            self.stop()

    def start_when_stopped(self) -> None:
        """Begin the next life as soon as this one, which is stopping, is over."""
        self._starts_again = True

    def _stopped(self) -> None:
        starts_again = self._starts_again
        self._forget()
        self.host.crash()
        self._trace.emit(BrokerStopped(self._world.now_us, self.broker_id))
        if starts_again:
            self.start_again()

    def _forget(self) -> None:
        self.process = None
        self.is_stopping = self._starts_again = False

    def _tell_what_is_gone(self, before: Mapping[TopicPartition, int], reason: str) -> None:
        # The disk is asked, not the process: one that is still starting has opened none of the logs that it loses.
        left = log_end_offsets(self.disk)
        for tp, from_offset in before.items():
            to_offset = left.get(tp, 0)
            if to_offset < from_offset:
                self._trace.emit(LogTruncated(self._world.now_us, self.broker_id, *tp, to_offset, from_offset, reason))

    def pause(self) -> None:
        """Stop the process; its sockets go on filling (SIGSTOP)."""
        self._living()
        if self.is_paused:
            msg = f"broker {self.broker_id} is paused already"
            raise ValueError(msg)
        self.host.pause()
        self._trace.emit(BrokerPaused(self._world.now_us, self.broker_id))

    def resume(self) -> None:
        """Let it go on, with everything that waited in its sockets first (SIGCONT)."""
        self._living()
        if not self.is_paused:
            msg = f"broker {self.broker_id} is not paused"
            raise ValueError(msg)
        self._trace.emit(BrokerResumed(self._world.now_us, self.broker_id))
        self.host.resume(wakes_in_us=self._config.broker_wake_us)

    # -- the disk alone ------------------------------------------------------------------------------------------------

    def fail_log_directory(self, number: int) -> None:
        """Let nothing be written to a log directory any more; a process finds out when it writes there next."""
        directory = self._directory(number)
        if directory.is_failed:
            msg = f"log directory {number} of broker {self.broker_id} has failed already"
            raise ValueError(msg)
        directory.is_failed = True

    def repair_log_directory(self, number: int, *, is_wiped: bool = False) -> None:
        """Let a log directory work again, with what it held or as an empty one: this broker's next life takes it up."""
        directory = self._directory(number)
        if not directory.is_failed:
            msg = f"log directory {number} of broker {self.broker_id} has not failed"
            raise ValueError(msg)
        if is_wiped and self.process is not None and number in self.process.directories.online:
            msg = f"broker {self.broker_id} has its logs in log directory {number} open, and has yet to find that it failed"
            raise ValueError(msg)
        directory.is_failed = False
        if is_wiped:
            before = log_end_offsets(self.disk)
            directory.wipe()
            self._tell_what_is_gone(before, DISK_WIPED)

    def _directory(self, number: int) -> Directory:
        if not 1 <= number <= len(self.disk.directories):
            msg = f"broker {self.broker_id} has no log directory {number}, they are 1..{len(self.disk.directories)}"
            raise ValueError(msg)
        return self.disk.directories[number - 1]

    def repair_log_directories(self) -> None:
        """Let every log directory work again, with what it held."""
        for directory in self.disk.directories:
            directory.is_failed = False

    def cut_log_short(self, tp: TopicPartition, batches: int) -> None:
        """Let a log lose its last batches while no process has it open: the next life finds what is left."""
        if self.process is not None:
            msg = f"broker {self.broker_id} runs, and has its logs open"
            raise ValueError(msg)
        before = log_end_offsets(self.disk)
        self._need_log(tp, before)
        cut_short(self.disk, tp, batches)
        self._tell_what_is_gone(before, CUT_SHORT)

    def unsync_log(self, tp: TopicPartition) -> None:
        """Let the disk flush nothing of a log any more, and say that it did."""
        self._need_log(tp, log_end_offsets(self.disk))
        unsync(self.disk, tp)

    def flip_bit(self, tp: TopicPartition, offset: int) -> None:
        """Let one bit flip in the batch that holds an offset of a log; whoever has the log open does not notice."""
        self._need_log(tp, log_end_offsets(self.disk))
        stored = flip_bit(self.disk, tp, offset)
        if stored is None:
            msg = f"broker {self.broker_id} has no offset {offset} of {tp}"
            raise ValueError(msg)
        crc, computed = stored.header.crc, computed_crc(stored.data)
        self._trace.emit(
            BitFlipped(self._world.now_us, self.broker_id, *tp, stored.base_offset, stored.last_offset, crc, computed)
        )

    def _need_log(self, tp: TopicPartition, logs: Mapping[TopicPartition, int]) -> None:
        if tp not in logs:
            msg = f"broker {self.broker_id} has no log of {tp}"
            raise ValueError(msg)

    def _living(self) -> BrokerProcess:
        if self.process is None:
            msg = f"broker {self.broker_id} is down"
            raise ValueError(msg)
        return self.process
