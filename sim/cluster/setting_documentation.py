"""What each setting of a topic means, for clients that ask for documentation."""

from __future__ import annotations

from collections.abc import Mapping

from sim.cluster.settings import TOPIC_CONFIGS

_MEANS: Mapping[str, str] = {
    "cleanup.policy": "What becomes of old segments: delete lets them go, compact keeps the last record of each key.",
    "compression.gzip.level": "How hard gzip tries, where the broker compresses.",
    "compression.lz4.level": "How hard lz4 tries, where the broker compresses.",
    "compression.type": "The codec in which batches are kept; producer keeps the one in which they came.",
    "compression.zstd.level": "How hard zstd tries, where the broker compresses.",
    "delete.retention.ms": "How long a compacted topic keeps the mark of a key that was deleted.",
    "file.delete.delay.ms": "From the removal of a file's name until the file itself goes.",
    "flush.messages": "After how many records a log is forced to the disk.",
    "flush.ms": "After what time a log is forced to the disk.",
    "follower.replication.throttled.replicas": "Replicas whose copying is slowed down where they follow.",
    "index.interval.bytes": "How many bytes of a log lie between two entries of its index.",
    "internal.segment.bytes": "The size of a segment, for tests.",
    "leader.replication.throttled.replicas": "Replicas whose copying is slowed down where they are led.",
    "local.retention.bytes": "How much of a tiered partition stays on the broker's own disk.",
    "local.retention.ms": "How long records of a tiered partition stay on the broker's own disk.",
    "max.compaction.lag.ms": "When a record is compacted at the latest.",
    "max.message.bytes": "The largest batch that is taken, as it came over the wire.",
    "message.timestamp.after.max.ms": "How far ahead of the broker's clock a record's own timestamp may be.",
    "message.timestamp.before.max.ms": "How far behind the broker's clock a record's own timestamp may be.",
    "message.timestamp.type": "Whether a record keeps its own timestamp or gets that of its append.",
    "min.cleanable.dirty.ratio": "How much of a log has to be new before it is compacted.",
    "min.compaction.lag.ms": "How long a record is safe from compaction.",
    "min.insync.replicas": "How many replicas have to be in sync for acks=all to be taken.",
    "preallocate": "Whether a new segment takes its whole size at once.",
    "remote.log.copy.disable": "Whether nothing more goes to tiered storage.",
    "remote.log.delete.on.disable": "Whether switching tiered storage off deletes what is there.",
    "remote.storage.enable": "Whether old segments go to tiered storage.",
    "retention.bytes": "How large a partition may be before its oldest segments go; -1 is no limit.",
    "retention.ms": "How long records are kept; -1 is for ever.",
    "segment.bytes": "The size at which a segment is closed and the next one begun.",
    "segment.index.bytes": "The size of the index of a segment.",
    "segment.jitter.ms": "How much earlier a segment may be closed, so that not all are at once.",
    "segment.ms": "The age at which a segment is closed, however small it is.",
    "unclean.leader.election.enable": "Whether a replica that may lack records can lead where nobody else can.",
}

_OF_BROKERS = {one.broker_name: _MEANS[one.name] for one in TOPIC_CONFIGS.values() if one.broker_name}


def documentation_of(name: str) -> str | None:
    """Give what a setting means, by the topics' name or the brokers'; None for those of brokers alone."""
    return _MEANS.get(name) or _OF_BROKERS.get(name)
