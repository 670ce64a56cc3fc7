"""Fetch: offsets, limits, isolation, sessions, leader epochs."""

from typing import Any

from tests.conformance.suite.case import case
from tests.conformance.suite.codec import NIL
from tests.conformance.suite.context import Context
from tests.conformance.suite.shapes import fetch, fetch_body

ABSENT_ID = "11111111-2222-3333-4444-555555555555"


@case(each={"version": (0, 1, 2, 3)})
def old_versions(c: Context, version: Any) -> None:
    """Versions that 4.0 dropped."""
    from tests.conformance.suite.codec import header

    c.topic()
    c.main.raw(
        header(1, version, 1, "conf", False) + b"\xff\xff\xff\xff\0\0\0\x64\0\0\0\0" + b"\0\0\0\0", "empty fetch"
    )


@case(each={"version": (4, 7, 12)})
def unknown_topic(c: Context, version: Any) -> None:
    """A name nobody has, a partition that is not there."""
    fetch(c, c.name("absent"), version=version)
    t = c.topic()
    fetch(c, t, partition=3, version=version)
    fetch(c, t, partition=-1, version=version)


@case(each={"version": (13, 18)})
def unknown_topic_id(c: Context, version: Any) -> None:
    """An id nobody has, the nil id, a partition that is not there, alone and beside a good one."""
    t = c.topic()
    c.put(t, b"a")
    fetch(c, ABSENT_ID, version=version)
    fetch(c, str(NIL), version=version)
    fetch(c, t, partition=3, version=version)
    body = fetch_body(c, t, version=version)
    body["topics"] += fetch_body(c, ABSENT_ID, version=version)["topics"]
    c.send("fetch", version, "a good and an unknown id", **body)


@case
def max_bytes(c: Context) -> None:
    """The first batch is always whole; further ones only if they fit."""
    t = c.topic()
    for _ in range(3):
        c.put(t, b"x" * 100)
    fetch(c, t, note="max_bytes 1", max_bytes=1)
    fetch(c, t, note="partition_max_bytes 1", partition_bytes=1)
    fetch(c, t, note="partition_max_bytes 0", partition_bytes=0)
    fetch(c, t, note="max_bytes 0", max_bytes=0)
    fetch(c, t, note="max_bytes -1", max_bytes=-1)
    fetch(c, t, note="partition_max_bytes -1", partition_bytes=-1)
    fetch(c, t, note="two batches exactly (345 bytes)", partition_bytes=2 * len(c.batch(b"x" * 100)))
    fetch(c, t, note="two batches less a byte", partition_bytes=2 * len(c.batch(b"x" * 100)) - 1)
    fetch(c, t, note="two batches and a byte", partition_bytes=2 * len(c.batch(b"x" * 100)) + 1)


@case
def max_bytes_two_partitions(c: Context) -> None:
    """max_bytes over two partitions: only the first non-empty one may exceed it."""
    t = c.topic(partitions=2)
    for i in (0, 1):
        c.put(t, b"x" * 100, partition=i)
    for order in ((0, 1), (1, 0)):
        body = fetch_body(c, t, max_bytes=1)
        body["topics"][0]["partitions"] = [
            {"partition": i, "fetch_offset": 0, "partition_max_bytes": 1000} for i in order
        ]
        c.send("fetch", 12, f"order {order}", **body)


@case
def max_wait_negative_min_bytes(c: Context) -> None:
    """Negative min bytes."""
    t = c.topic()
    fetch(c, t, max_wait=5000, min_bytes=-1)


@case(each={"isolation": (2, -1, 127)})
def invalid_isolation(c: Context, isolation: Any) -> None:
    """Isolation levels that do not exist."""
    t = c.topic()
    c.put(t, b"a")
    fetch(c, t, isolation=isolation)


@case(each={"version": (7, 12, 17)})
def session(c: Context, version: Any) -> None:
    """A full fetch makes a session; then only what changed is told; epochs are checked."""
    t = c.topic(partitions=2)
    c.put(t, b"a")
    body = fetch_body(c, t, version=version)
    body["topics"][0]["partitions"].append(dict(body["topics"][0]["partitions"][0], partition=1))
    made = c.send("fetch", version, "full, session wanted (epoch 0)", session_id=0, session_epoch=0, **body)
    sid = made["session_id"]
    nothing = dict(body, topics=[])
    c.send("fetch", version, "incremental 1: nothing new named", session_id=sid, session_epoch=1, **nothing)
    moved = dict(
        body, topics=[dict(body["topics"][0], partitions=[dict(body["topics"][0]["partitions"][0], fetch_offset=1)])]
    )
    c.send("fetch", version, "incremental 2: partition 0 moves on", session_id=sid, session_epoch=2, **moved)
    c.put(t, b"b", partition=1)
    c.send("fetch", version, "incremental 3: partition 1 has news", session_id=sid, session_epoch=3, **nothing)
    c.send("fetch", version, "epoch 3 again", session_id=sid, session_epoch=3, **nothing)
    c.send("fetch", version, "epoch 9", session_id=sid, session_epoch=9, **nothing)
    forgotten = [{("topic_id" if version >= 13 else "topic"): c.ids[t] if version >= 13 else t, "partitions": [1]}]
    c.send(
        "fetch",
        version,
        "incremental 4: partition 1 forgotten",
        session_id=sid,
        session_epoch=4,
        forgotten_topics_data=forgotten,
        **nothing,
    )
    c.send("fetch", version, "session id plus one", session_id=(sid + 1) & 0x7FFFFFFF, session_epoch=1, **nothing)
    c.send("fetch", version, "closing (epoch -1)", session_id=sid, session_epoch=-1, **nothing)
    c.send("fetch", version, "after closing", session_id=sid, session_epoch=5, **nothing)


@case
def session_errors_repeat(c: Context) -> None:
    """A partition with an error is told in every incremental answer."""
    t = c.topic()
    name = c.name("absent")
    body = fetch_body(c, t)
    body["topics"] += fetch_body(c, name)["topics"]
    sid = c.send("fetch", 12, session_id=0, session_epoch=0, **body)["session_id"]
    for i in (1, 2):
        c.send("fetch", 12, session_id=sid, session_epoch=i, **dict(body, topics=[]))


@case
def last_fetched_epoch(c: Context) -> None:
    """v12+: the epoch of the last record the client has; divergence is told."""
    t = c.topic()
    c.put(t, b"a")
    for last in (-1, 0, 1):
        fetch(c, t, 1, f"last fetched epoch {last}", last_epoch=last)
    fetch(c, t, 1, "last fetched epoch 0, current 0", last_epoch=0, leader_epoch=0)
    fetch(c, t, 5, "offset beyond the end, last fetched epoch 0", last_epoch=0)


@case
def replica_id(c: Context) -> None:
    """A client that claims to be a replica, the debugging replica (-2), and one that is no replica."""
    t = c.topic()
    c.put(t, b"a")
    for replica in (-2, -3, 99):
        fetch(c, t, note=f"replica {replica}", replica=replica)
    fetch(c, t, note="replica 99 in v15", replica=99, version=15)


@case(brokers=3)
def epochs_after_move(c: Context) -> None:
    """The leader moves: the old epoch is fenced, a future one unknown; diverging epochs are told."""
    a, b, _ = sorted(c.brokers)
    t = c.topic(assignment=[[a, b]], min_insync_replicas=1)
    c.put(t, b"one", conn=c.open(node=a))
    move(c, t, [b, a])
    conn = c.open("new leader", node=b)
    c.put(t, b"two", conn=conn)
    for epoch in (-1, 0, 1, 2):
        fetch(c, t, note=f"current epoch {epoch}", leader_epoch=epoch, conn=conn)
        fetch(c, t, note=f"current epoch {epoch}, v16", leader_epoch=epoch, conn=conn, version=16)
    fetch(c, t, 1, "offset 1, last epoch 0", last_epoch=0, conn=conn)
    fetch(c, t, 2, "offset 2, last epoch 0: diverged at 1", last_epoch=0, conn=conn)
    fetch(c, t, 2, "offset 2, last epoch 1", last_epoch=1, conn=conn)
    fetch(c, t, 2, "offset 2, last epoch 2", last_epoch=2, conn=conn)


def move(c: Context, topic: Any, replicas: Any, partition: Any = 0) -> None:
    """Reorders the replicas and elects the first of them; waits until it leads (epoch 1)."""
    c.quiet(
        "alter_partition_reassignments",
        0,
        timeout=10000,
        topics=[{"name": topic, "partitions": [{"partition_index": partition, "replicas": replicas}]}],
    )
    for _ in range(200):
        c.quiet(
            "elect_leaders",
            2,
            election_type=0,
            topic_partitions=[{"topic": topic, "partitions": [partition]}],
            timeout=5000,
        )
        if all(
            c.open(node=n).quiet("metadata", 12, topics=[{"name": topic}])["topics"][0]["partitions"][0]["leader_id"]
            == replicas[0]
            for n in c.brokers
        ):
            break
        c.wait(0.05)
    for _ in range(200):
        if (
            c.open(node=replicas[0]).quiet(
                "list_offsets",
                7,
                replica_id=-1,
                topics=[{"name": topic, "partitions": [{"partition_index": partition, "timestamp": -1}]}],
            )["topics"][0]["partitions"][0]["error_code"]
            == 0
        ):
            return
        c.wait(0.05)
