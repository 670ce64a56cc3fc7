"""ListOffsets, OffsetForLeaderEpoch and DeleteRecords: special times, versions, epochs, what is named twice."""

from typing import Any

from tests.conformance.suite.case import case
from tests.conformance.suite.codec import versions
from tests.conformance.suite.context import Context
from tests.conformance.suite.shapes import epoch_end, fetch, list_offsets

SPECIAL = (-1, -2, -3, -4, -5, -6, -7, -100)


@case(each={"version": range(1, 12)})
def special_times(c: Context, version: Any) -> None:
    """Every special time, empty and with records, after deletion."""
    t = c.topic()
    for at in SPECIAL:
        list_offsets(c, t, at, f"empty, {at}", version=version, _silent=True)
    c.put(t, b"a", b"b", b"c", ts_deltas=[0, 90, 40])
    c.put(t, b"d", ts=c.t0 + 90)
    for at in SPECIAL:
        list_offsets(c, t, at, f"four records, {at}", version=version, _silent=True)
    c.quiet(
        "delete_records", 2, topics=[{"name": t, "partitions": [{"partition_index": 0, "offset": 2}]}], timeout=5000
    )
    for at in SPECIAL:
        list_offsets(c, t, at, f"two deleted, {at}", version=version, _silent=True)
    c.quiet(
        "delete_records", 2, topics=[{"name": t, "partitions": [{"partition_index": 0, "offset": -1}]}], timeout=5000
    )
    for at in SPECIAL:
        list_offsets(c, t, at, f"all deleted, {at}", version=version, _silent=True)


@case(each={"codec": ("none", "gzip", "lz4")})
def times_within_batches(c: Context, codec: Any) -> None:
    """Times that go back and forth within a batch, equal ones, none at all."""
    t = c.topic()
    c.put(t, b"a", b"b", b"c", ts_deltas=[50, 10, 70], codec=codec)
    c.put(t, b"d", b"e", ts_deltas=[20, 20], codec=codec)
    c.put(t, b"f", ts=-1, codec=codec)
    c.put(t, b"g", ts=c.t0 + 70, codec=codec)
    for at in (0, 10, 11, 20, 50, 51, 70, 71):
        list_offsets(c, t, c.t0 + at, f"t0+{at}", version=7)
    list_offsets(c, t, -3, "the largest", version=7)
    c.quiet(
        "delete_records", 2, topics=[{"name": t, "partitions": [{"partition_index": 0, "offset": 1}]}], timeout=5000
    )
    for at in (0, 50, 70):
        list_offsets(c, t, c.t0 + at, f"t0+{at}, the first deleted", version=7)
    list_offsets(c, t, -3, "the largest, the first deleted", version=7)


@case
def leader_gives_times(c: Context) -> None:
    """LogAppendTime: the maximum is the last."""
    t = c.topic(message_timestamp_type="LogAppendTime")
    c.put(t, b"a", b"b")
    c.wait(0.1)
    c.put(t, b"c")
    list_offsets(c, t, -3)
    list_offsets(c, t, c.t0, "half an hour ago")


@case(each={"version": (1, 4, 7, 11)})
def several(c: Context, version: Any) -> None:
    """Two topics, a partition twice, a topic twice, none; odd names."""
    t, u = c.topic("t", partitions=2), c.topic("u")
    c.put(t, b"a")

    def go(note: str, *topics: Any) -> None:
        more = {"timeout": 1000} if version >= 10 else {}
        c.send(
            "list_offsets", version, note, replica_id=-1, **more,
            topics=[{"name": n, "partitions": [{"partition_index": i, "timestamp": at} for i, at in parts]} for n, parts in topics],
        )  # fmt: skip

    go("two topics", (t, [(0, -1), (1, -1)]), (u, [(0, -2)]))
    go("twice the same", (t, [(0, -1), (0, -1)]))
    go("twice and another", (t, [(0, -1), (0, -2), (1, -1)]))
    go("a topic twice", (t, [(0, -1)]), (t, [(0, -2)]))
    go("a topic twice, other partitions", (t, [(0, -1)]), (t, [(1, -1)]))
    go("no partitions", (t, []))
    go("none")
    for name in ("", "a b", "x" * 250, "__cluster_metadata"):
        go(f"{name[:8]!r}", (name, [(0, -1)]))
    go("partition -1", (t, [(-1, -1)]))
    go("unknown beside known", (c.name("absent"), [(0, -1)]), (t, [(0, -1)]))


@case
def replicas_ask(c: Context) -> None:
    """Whoever says to be a replica."""
    t = c.topic()
    c.put(t, b"a")
    for replica in (-2, -3, 0, 99):
        for at in (-1, -2):
            c.send("list_offsets", 7, f"replica {replica}, {at}", replica_id=replica, isolation_level=0,
                   topics=[{"name": t, "partitions": [{"partition_index": 0, "timestamp": at}]}])  # fmt: skip


@case(each={"isolation": (0, 1, 2, -1)})
def isolation_levels(c: Context, isolation: Any) -> None:
    """Levels that do not exist, without transactions."""
    t = c.topic()
    c.put(t, b"a")
    for at in (-1, -2, -3, c.t0):
        list_offsets(c, t, at, isolation=isolation, version=7)


@case(each={"version": (4, 7, 10)})
def current_epochs(c: Context, version: Any) -> None:
    """The client's leader epoch, with every kind of time."""
    t = c.topic()
    c.put(t, b"a")
    for epoch in (-2, -1, 0, 1):
        for at in (-2, -1, c.t0):
            list_offsets(c, t, at, f"epoch {epoch}", leader_epoch=epoch, version=version)


@case(each={"version": (2, 3, 4)})
def epoch_ends(c: Context, version: Any) -> None:
    """Where an epoch ends: empty, with records, epochs of every kind; unknown partitions."""
    t = c.topic()
    for epoch in (-2, -1, 0, 1, 5):
        epoch_end(c, t, epoch, f"empty, epoch {epoch}", version=version)
    c.put(t, b"a", b"b")
    for current in (-2, -1, 0, 1):
        for epoch in (-1, 0, 1):
            epoch_end(c, t, epoch, f"epoch {epoch}, current {current}", version=version, current=current)
    epoch_end(c, t, 0, "partition 7", version=version, partition=7)
    epoch_end(c, c.name("absent"), 0, "unknown", version=version)
    epoch_end(c, "", 0, "empty name", version=version)
    epoch_end(c, "a b", 0, "odd name", version=version)
    c.send("offset_for_leader_epoch", version, "twice", topics=[
        {"topic": t, "partitions": [{"partition": 0, "current_leader_epoch": -1, "leader_epoch": e} for e in (0, 1)]}])  # fmt: skip
    c.send("offset_for_leader_epoch", version, "none", topics=[])
    c.quiet(
        "delete_records", 2, topics=[{"name": t, "partitions": [{"partition_index": 0, "offset": 1}]}], timeout=5000
    )
    epoch_end(c, t, 0, "one deleted", version=version)
    c.quiet(
        "delete_records", 2, topics=[{"name": t, "partitions": [{"partition_index": 0, "offset": -1}]}], timeout=5000
    )
    epoch_end(c, t, 0, "all deleted", version=version)


@case(each={"version": versions("delete_records")})
def delete_records_odd(c: Context, version: Any) -> None:
    """Twice in one request, several, none, odd names, timeouts; what is left."""
    t = c.topic(partitions=2)
    c.put(t, b"a", b"b", b"c")
    c.put(t, b"d", partition=1)

    def go(note: str, *topics: Any, timeout: int = 5000) -> None:
        c.send(
            "delete_records", version, note, timeout=timeout,
            topics=[{"name": n, "partitions": [{"partition_index": i, "offset": at} for i, at in parts]} for n, parts in topics],
        )  # fmt: skip

    go("none")
    go("no partitions", (t, []))
    go("a partition twice", (t, [(0, 1), (0, 2)]))
    fetch(c, t, 2, "what is left")
    go("good and bad", (t, [(0, 3), (1, 9)]))
    go("two", (t, [(0, 3), (1, 1)]))
    go("timeout 0", (t, [(0, 3)]), timeout=0)
    go("timeout -1", (t, [(0, 3)]), timeout=-1)
    go("a topic twice", (t, [(0, 3)]), (t, [(1, 1)]))
    go("empty name", ("", [(0, 0)]))
    go("odd name", ("a b", [(0, 0)]))
    go("partition -1", (t, [(-1, 0)]))
    go("beside an unknown one", (t, [(0, -1)]), (c.name("absent"), [(0, 0)]))
    go("offset -5", (t, [(0, -5)]))
