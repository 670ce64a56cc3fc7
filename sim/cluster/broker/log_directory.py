"""One log directory (log.dirs) as it lies on a disk: the logs of partitions, one file each, and what is known of them.

Kafka: LogManager, UnifiedLog.parseTopicPartitionName, PartitionMetadataFile, MetaProperties, CleanShutdownFileHandler. What a process
knows of its logs is no more than what it has opened so far; what a disk can lose is what lies on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.records import TopicPartition
from producer.wire.record_batch import BATCH_OVERHEAD
from sim.cluster.broker.log_file import LogFile
from sim.cluster.messages import NO_EPOCH
from sim.world.disk import DiskFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.cluster.stored_batch import StoredBatch
    from sim.world.disk import Directory, Disk

METADATA_LOG_DIR = 1
"""metadata.log.dir: the directory that holds the metadata log as well, the first where nobody says another."""
CHECKPOINT_FILE = "replication-offset-checkpoint"
"""The high watermarks. No log is called so, since a log's name ends in a number."""
LOG_STARTS_FILE = "log-start-offset-checkpoint"
"""Where logs begin, of those that do not begin at 0."""
CLEANER_FILE = "cleaner-offset-checkpoint"
"""Up to where logs were cleaned, of those that are compacted."""
CLEAN_SHUTDOWN_FILE = ".kafka_cleanshutdown"
"""The broker epoch of a life that ended in good order; the next life takes the file away (KIP-966)."""
META_PROPERTIES_FILE = "meta.properties"
"""The directory's id (directory.id), drawn when it was formatted (KIP-858)."""
_NO_LOGS = (CHECKPOINT_FILE, LOG_STARTS_FILE, CLEANER_FILE, CLEAN_SHUTDOWN_FILE, META_PROPERTIES_FILE)
_METADATA_FILE = "/partition.metadata"
"""In a log's folder: the id of its topic, since another one may have its name later."""
_FUTURE = ".future"
"""Behind the name of a log that will take the place of the one in another directory (`orders-0.<id>-future` in Kafka)."""
_FUTURE_METADATA = ".future.metadata"


def log_name(tp: TopicPartition) -> str:
    """What the file of a partition's log is called."""
    return str(tp)


# -- the logs of one directory -----------------------------------------------------------------------------------------


def log_file(directory: Directory, tp: TopicPartition) -> LogFile:
    """Return the file of a partition's log, made empty when there is none."""
    name = log_name(tp)
    found: LogFile | None = directory.files.get(name)
    if found is None:
        found = directory.files[name] = LogFile()
    return found


def logs_in(directory: Directory) -> list[tuple[TopicPartition, LogFile]]:
    """List the logs in a directory, whether a process has opened them or not."""
    return [
        (_named(name), file)
        for name, file in directory.files.items()
        if name not in _NO_LOGS and not name.endswith((_METADATA_FILE, _FUTURE, _FUTURE_METADATA))
    ]


def open_log(directory: Directory, tp: TopicPartition, topic_id: bytes) -> LogFile:
    """Return the file of a partition's log, made empty when there is none."""
    metadata: DiskFile[bytes] = directory.file(f"{tp}{_METADATA_FILE}")
    if not metadata.entries:
        # Kafka flushes it before the first record.
        metadata.append(topic_id)
        metadata.fsync()
    return log_file(directory, tp)


def remove_log(directory: Directory, tp: TopicPartition) -> int:
    """Remove a partition's log; give where it ended.

    Kafka renames the folder at once and removes it a minute later (file.delete.delay.ms); nobody reads it in between.
    """
    directory.files.pop(f"{tp}{_METADATA_FILE}", None)
    removed: LogFile = directory.files.pop(log_name(tp))
    return removed.end_offset


def topic_id_in(directory: Directory, tp: TopicPartition) -> bytes | None:
    """Return the id of the topic that a log belongs to; None where there is no such log."""
    metadata = directory.files.get(f"{tp}{_METADATA_FILE}")
    return metadata.entries[0] if metadata is not None and metadata.entries else None


def logs_by_topic_id(directory: Directory) -> Iterator[tuple[TopicPartition, bytes]]:
    """Go through the logs in a directory and the topics that they belong to."""
    for name, file in tuple(directory.files.items()):
        if name.endswith(_METADATA_FILE):
            yield _named(name.removesuffix(_METADATA_FILE)), file.entries[0]


# -- logs on their way to another directory ----------------------------------------------------------------------------


def open_future(directory: Directory, tp: TopicPartition, topic_id: bytes) -> LogFile:
    """Return the log that will be a partition's in this directory, made empty when there is none of that topic."""
    if future_topic_id(directory, tp) != topic_id:
        metadata: DiskFile[bytes] = DiskFile()
        metadata.append(topic_id)
        metadata.fsync()
        directory.files[f"{tp}{_FUTURE_METADATA}"] = metadata
        directory.files[f"{tp}{_FUTURE}"] = LogFile()
    future: LogFile = directory.files[f"{tp}{_FUTURE}"]
    return future


def future_topic_id(directory: Directory, tp: TopicPartition) -> bytes | None:
    """Return the id of the topic that such a log belongs to; None where there is none."""
    metadata = directory.files.get(f"{tp}{_FUTURE_METADATA}")
    return None if metadata is None else metadata.entries[0]


def futures_by_topic_id(directory: Directory) -> Iterator[tuple[TopicPartition, bytes]]:
    """Go through such logs in a directory, and the topics that they belong to."""
    for name, file in tuple(directory.files.items()):
        if name.endswith(_FUTURE_METADATA):
            yield _named(name.removesuffix(_FUTURE_METADATA)), file.entries[0]


def remove_future(directory: Directory, tp: TopicPartition) -> None:
    """Remove such a log."""
    directory.files.pop(f"{tp}{_FUTURE}", None)
    directory.files.pop(f"{tp}{_FUTURE_METADATA}", None)


def replace_by_future(old: Directory, new: Directory, tp: TopicPartition) -> LogFile:
    """Let the future log in one directory be the partition's, and the log in the other be gone: renamed at once, as in Kafka."""
    topic_id = future_topic_id(new, tp)
    assert topic_id is not None, f"there is no future log of {tp}"
    future = open_future(new, tp, topic_id)
    remove_log(old, tp)
    remove_future(new, tp)
    open_log(new, tp, topic_id)
    new.files[log_name(tp)] = future
    return future


# -- all directories of a disk -----------------------------------------------------------------------------------------


def logs_on(disk: Disk) -> list[tuple[TopicPartition, LogFile]]:
    """List the logs on a disk, those in directories that have failed as well: their bytes are still there."""
    return [log for directory in disk.directories for log in logs_in(directory)]


def directory_of(disk: Disk, tp: TopicPartition) -> Directory | None:
    """Return the directory in which a log lies, the first where a former topic left another of its name; None without any."""
    name = log_name(tp)
    for directory in disk.directories:
        if name in directory.files:
            return directory
    return None


def log_end_offsets(disk: Disk) -> dict[TopicPartition, int]:
    """Say where each log on a disk ends."""
    return {tp: file.end_offset for tp, file in logs_on(disk)}


def cut_short(disk: Disk, tp: TopicPartition, batches: int) -> None:
    """Let the file of a log end so many batches earlier, or be empty. Raises KeyError if there is none."""
    file = _file_on(disk, tp)
    file.truncate(max(len(file.entries) - batches, 0))


def flip_bit(disk: Disk, tp: TopicPartition, offset: int) -> StoredBatch | None:
    """Flip a bit in the middle of the records of the batch that holds an offset; a second flip is as none.

    Gives the batch as it lies there now; None if the log does not have the offset. Raises KeyError if there is none.
    """
    entries = _file_on(disk, tp).entries
    for place, stored in enumerate(entries):
        if stored.base_offset <= offset <= stored.last_offset:
            data = bytearray(stored.data)
            data[(BATCH_OVERHEAD + len(data)) // 2] ^= 1
            entries[place] = stored._replace(data=bytes(data))
            return entries[place]
    return None


def unsync(disk: Disk, tp: TopicPartition) -> None:
    """Flush nothing of a log any more, whatever the disk says. Raises KeyError if there is none."""
    _file_on(disk, tp).is_unsynced = True


def topic_id_of(disk: Disk, tp: TopicPartition) -> bytes | None:
    """Return the id of the topic that a log belongs to; None where there is no such log."""
    directory = directory_of(disk, tp)
    return None if directory is None else topic_id_in(directory, tp)


# -- a directory's own files -------------------------------------------------------------------------------------------


def format_directory(directory: Directory, directory_id: bytes) -> None:
    """Give an empty directory its id, durably (StorageTool format)."""
    file = directory.file(META_PROPERTIES_FILE)
    file.append(directory_id)
    file.fsync()


def id_of(directory: Directory) -> bytes | None:
    """Return a directory's id, 16 bytes; None before it is formatted."""
    file = directory.files.get(META_PROPERTIES_FILE)
    if file is None:
        return None
    directory_id: bytes = file.entries[0]
    return directory_id


def take_clean_shutdown_file(directory: Directory) -> int:
    """Return the broker epoch that the life before left on ending in good order, -1 if it did not; and remove it."""
    file = directory.files.pop(CLEAN_SHUTDOWN_FILE, None)
    if file is None or not file.entries:
        return NO_EPOCH
    broker_epoch: int = file.entries[0]
    return broker_epoch


def write_clean_shutdown_file(directory: Directory, broker_epoch: int) -> None:
    """Leave word that everything was flushed, durably."""
    file = directory.file(CLEAN_SHUTDOWN_FILE)
    file.append(broker_epoch)
    file.fsync()


def _file_on(disk: Disk, tp: TopicPartition) -> LogFile:
    directory = directory_of(disk, tp)
    if directory is None:
        raise KeyError(tp)
    return log_file(directory, tp)


def _named(name: str) -> TopicPartition:
    topic, _, number = name.rpartition("-")
    return TopicPartition(topic, int(number))
