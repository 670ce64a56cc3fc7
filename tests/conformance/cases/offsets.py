"""ListOffsets and OffsetForLeaderEpoch, DeleteRecords."""

from typing import Any

from tests.conformance.suite.case import case
from tests.conformance.suite.codec import versions
from tests.conformance.suite.context import Context
from tests.conformance.suite.records import TXN
from tests.conformance.suite.shapes import add_partitions, end_txn, init_pid, list_offsets, stable


@case(each={"version": (1, 5, 11)})
def by_timestamp(c: Context, version: Any) -> None:
    """The first record at or after a time."""
    t = c.topic()
    c.put(t, b"a", b"b", ts_deltas=[0, 50])
    c.put(t, b"c", ts=c.t0 + 20)
    c.put(t, b"d", ts=c.t0 + 100)
    for at in (-10, 0, 1, 20, 50, 51, 100, 101):
        list_offsets(c, t, c.t0 + at, f"t0{at:+}", version=version)
    list_offsets(c, t, 0, "0", version=version)


@case(each={"isolation": (0, 1, 2)})
def isolation(c: Context, isolation: Any) -> None:
    """-1 with an open transaction is the last stable offset for read_committed; times beyond it are not found."""
    t, x = c.topic(), c.name("txn")
    pid, epoch = init_pid(c, x, quiet=True)
    c.put(t, b"a")
    add_partitions(c, x, pid, epoch, t)
    c.send(
        "produce",
        9,
        transactional_id=x,
        acks=-1,
        timeout=1000,
        topic_data=[
            {
                "name": t,
                "partition_data": [
                    {"index": 0, "records": c.batch(b"b", ts=c.t0 + 10, pid=pid, epoch=epoch, seq=0, attributes=TXN)}
                ],
            }
        ],
    )
    for at in (-1, -2, -3, c.t0, c.t0 + 10):
        list_offsets(c, t, at, isolation=isolation)
    end_txn(c, x, pid, epoch)
    stable(c, t)
    for at in (-1, c.t0 + 10, c.t0 + 11):
        list_offsets(c, t, at, "committed", isolation=isolation)


@case(each={"version": (1, 4, 9)})
def unknown(c: Context, version: Any) -> None:
    """Unknown topic and partition; the same partition twice."""
    t = c.topic()
    list_offsets(c, c.name("absent"), -1, version=version)
    list_offsets(c, t, -1, version=version, partition=4)
    c.send(
        "list_offsets",
        version,
        "twice",
        replica_id=-1,
        topics=[
            {
                "name": t,
                "partitions": [{"partition_index": 0, "timestamp": -1}, {"partition_index": 0, "timestamp": -2}],
            }
        ],
    )


@case
def leader_epoch(c: Context) -> None:
    """Current leader epochs in ListOffsets."""
    t = c.topic()
    for epoch in (-1, 0, 1, -2):
        list_offsets(c, t, -1, f"epoch {epoch}", leader_epoch=epoch)


@case(each={"version": versions("delete_records")})
def delete_records(c: Context, version: Any) -> None:
    """Offsets: within, -1, beyond the end, below the start, negative; unknown topic and partition; compacted topic."""
    t = c.topic()
    c.put(t, b"a", b"b", b"c", b"d")
    for at in (2, 1, 5, -2, 2, -1):
        c.send(
            "delete_records",
            version,
            f"up to {at}",
            topics=[{"name": t, "partitions": [{"partition_index": 0, "offset": at}]}],
            timeout=5000,
        )
    c.send(
        "delete_records",
        version,
        "partition 7",
        topics=[{"name": t, "partitions": [{"partition_index": 7, "offset": 0}]}],
        timeout=5000,
    )
    c.send(
        "delete_records",
        version,
        "unknown topic",
        topics=[{"name": c.name("absent"), "partitions": [{"partition_index": 0, "offset": 0}]}],
        timeout=5000,
    )
    k = c.topic("compacted", cleanup_policy="compact")
    c.put(k, (b"v", b"k"))
    c.send(
        "delete_records",
        version,
        "compacted topic",
        topics=[{"name": k, "partitions": [{"partition_index": 0, "offset": 1}]}],
        timeout=5000,
    )
    b = c.topic("both", cleanup_policy="compact,delete")
    c.put(b, (b"v", b"k"))
    c.send(
        "delete_records",
        version,
        "compact,delete",
        topics=[{"name": b, "partitions": [{"partition_index": 0, "offset": 1}]}],
        timeout=5000,
    )
    c.send(
        "delete_records",
        version,
        "internal topic",
        topics=[{"name": "__consumer_offsets", "partitions": [{"partition_index": 0, "offset": 0}]}],
        timeout=5000,
    )
