"""DescribeLogDirs: a broker's directories, and what lies in them."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, Boolean, Int16, Int32, Int64, String, since


class DescribableLogDirTopic(NamedTuple):
    """The partitions of one topic."""

    topic: String = ""
    partitions: tuple[Int32, ...] = ()


class DescribeLogDirsRequest(NamedTuple):
    """Say where these are."""

    topics: tuple[DescribableLogDirTopic, ...] | None = ()
    """Null for all."""


class DescribeLogDirsPartition(NamedTuple):
    """One replica."""

    partition_index: Int32 = 0
    partition_size: Int64 = 0
    """Bytes of all its segments."""
    offset_lag: Int64 = 0
    """What it is behind: the high watermark, or the replica that it will replace."""
    is_future_key: Boolean = False
    """It is being moved here and will replace the one of now."""


class DescribeLogDirsTopic(NamedTuple):
    """The partitions of one topic."""

    name: String = ""
    partitions: tuple[DescribeLogDirsPartition, ...] = ()


class DescribeLogDirsResult(NamedTuple):
    """One directory."""

    error_code: Int16 = 0
    log_dir: String = ""
    topics: tuple[DescribeLogDirsTopic, ...] = ()
    total_bytes: Annotated[Int64, since(4), IGNORABLE] = -1
    """Of the volume; -1 where unknown."""
    usable_bytes: Annotated[Int64, since(4), IGNORABLE] = -1
    """Of the volume; -1 where unknown."""
    is_cordoned: Annotated[Boolean, since(5), IGNORABLE] = False
    """It gets no new replica."""


class DescribeLogDirsResponse(NamedTuple):
    """The directories."""

    throttle_time_ms: Int32 = 0
    error_code: Annotated[Int16, since(3), IGNORABLE] = 0
    results: tuple[DescribeLogDirsResult, ...] = ()
