"""Produce: what is accepted, what is refused and how."""

from typing import Any

from tests.conformance.suite.case import case
from tests.conformance.suite.codec import versions
from tests.conformance.suite.context import Context
from tests.conformance.suite.records import CONTROL, TXN, control_batch, old_batch
from tests.conformance.suite.shapes import fetch, init_pid, produce

ABSENT_ID = "11111111-2222-3333-4444-555555555555"


def two(c: Context, topic: Any, version: Any, *parts: Any, acks: Any = -1) -> Any:
    where = {"topic_id": c.ids[topic]} if version >= 13 else {"name": topic}
    return c.send(
        "produce",
        version,
        acks=acks,
        timeout=10000,
        topic_data=[{**where, "partition_data": [{"index": i, "records": data} for i, data in parts]}],
    )


@case(each={"version": versions("produce")})
def each_version(c: Context, version: Any) -> None:
    """One batch, acks=all, and what a consumer reads back."""
    t = c.topic()
    produce(c, t, c.batch(b"a", (b"v", b"k"), headers=[(b"h", b"x"), (b"n", None)]), version=version)
    fetch(c, t)


@case
def acks_zero_corrupt(c: Context) -> None:
    """acks=0 with a wrong checksum."""
    t = c.topic()
    produce(c, t, c.batch(b"a", crc=1), acks=0, _silent=True)


@case(each={"acks": (2, -2, 32767)})
def invalid_acks(c: Context, acks: Any) -> None:
    """Any other acks value."""
    t = c.topic()
    produce(c, t, c.batch(b"a"), acks=acks)
    fetch(c, t)


@case
def known_and_unknown_topic_id(c: Context) -> None:
    """One good and one unknown topic id in one request."""
    t = c.topic()
    c.send(
        "produce",
        13,
        acks=-1,
        timeout=1000,
        topic_data=[
            {"topic_id": c.ids[t], "partition_data": [{"index": 0, "records": c.batch(b"a")}]},
            {"topic_id": ABSENT_ID, "partition_data": [{"index": 0, "records": c.batch(b"a")}]},
        ],
    )


@case(each={"partition": (1, -1, 2147483647)})
def bad_partition(c: Context, partition: Any) -> None:
    """Partition indexes outside the topic."""
    t = c.topic()
    produce(c, t, c.batch(b"a"), partition=partition)


@case
def same_partition_twice(c: Context) -> None:
    """One partition twice in one request."""
    t = c.topic()
    two(c, t, 9, (0, c.batch(b"a")), (0, c.batch(b"b")))
    fetch(c, t)


@case
def same_topic_twice(c: Context) -> None:
    """One topic in two entries, with different partitions."""
    t = c.topic(partitions=2)
    c.send(
        "produce",
        9,
        acks=-1,
        timeout=1000,
        topic_data=[{"name": t, "partition_data": [{"index": i, "records": c.batch(b"a")}]} for i in (0, 1)],
    )


@case
def no_topics(c: Context) -> None:
    """An empty request, acks=all and acks=0."""
    c.send("produce", 9, acks=-1, timeout=1000, topic_data=[])
    c.send("produce", 9, acks=0, timeout=1000, topic_data=[], _silent=True)
    c.main.correlation = 1
    c.main.probe()


@case
def no_partitions(c: Context) -> None:
    """A topic without partitions."""
    t = c.topic()
    c.send("produce", 9, acks=-1, timeout=1000, topic_data=[{"name": t, "partition_data": []}])


@case(each={"version": (3, 8, 9, 13)})
def null_records(c: Context, version: Any) -> None:
    """Records null."""
    t = c.topic()
    produce(c, t, None, version=version, _silent=True)
    c.main.probe()
    c.open("after").probe()


@case(each={"magic": (0, 1)})
def old_message_format(c: Context, magic: Any) -> None:
    """Well-formed messages of formats 0 and 1, which Produce v3 and later refuse."""
    t = c.topic()
    produce(c, t, old_batch(magic, b"a", c.t0), version=3)
    produce(c, t, old_batch(magic, b"a", c.t0), version=9, conn=c.open("version 9"))


@case
def too_large_compressed(c: Context) -> None:
    """max.message.bytes is about the compressed size."""
    t = c.topic(max_message_bytes=1000)
    produce(c, t, c.batch(b"x" * 5000, codec="gzip"))


@case
def wrong_count(c: Context) -> None:
    """The record count, the last offset delta and the records disagree."""
    t = c.topic()
    produce(c, t, c.batch(b"a", b"b", count=1), "2 records, count 1")
    produce(c, t, c.batch(b"a", b"b", count=3), "2 records, count 3")
    produce(c, t, c.batch(b"a", b"b", count=0), "2 records, count 0")
    produce(c, t, c.batch(b"a", b"b", count=-1), "2 records, count -1")
    produce(c, t, c.batch(b"a", b"b", last_delta=0), "2 records, last offset delta 0")
    produce(c, t, c.batch(b"a", b"b", last_delta=5), "2 records, last offset delta 5")
    produce(c, t, c.batch(b"a", b"b", last_delta=5, count=6), "2 records, last offset delta 5, count 6")
    produce(c, t, c.batch(b"a", b"b", last_delta=-1), "2 records, last offset delta -1")
    fetch(c, t)


@case
def wrong_deltas(c: Context) -> None:
    """Offset deltas that are not 0, 1, 2..."""
    t = c.topic()
    produce(c, t, c.batch(b"a", b"b", deltas=[0, 0]), "0, 0")
    produce(c, t, c.batch(b"a", b"b", deltas=[1, 0]), "1, 0")
    produce(c, t, c.batch(b"a", b"b", deltas=[-1, 0]), "-1, 0")
    produce(c, t, c.batch(b"a", b"b", deltas=[0, 2], last_delta=2), "0, 2 with last 2")
    produce(c, t, c.batch(b"a", b"b", deltas=[1, 2]), "1, 2")
    fetch(c, t)


@case
def control_from_client(c: Context) -> None:
    """A control batch from a client."""
    t = c.topic()
    pid, epoch = init_pid(c)
    produce(c, t, control_batch(c.t0, pid, epoch))
    produce(c, t, c.batch(b"a", attributes=CONTROL), "control without transactional")
    fetch(c, t)


@case
def transactional_without_id(c: Context) -> None:
    """A transactional batch in a request without transactional id."""
    t = c.topic()
    pid, epoch = init_pid(c)
    produce(c, t, c.batch(b"a", attributes=TXN, pid=pid, epoch=epoch, seq=0))
    produce(c, t, c.batch(b"a", attributes=TXN), "and without a producer id")
    fetch(c, t)


@case
def compacted_null_key(c: Context) -> None:
    """cleanup.policy=compact wants keys."""
    t = c.topic(cleanup_policy="compact")
    produce(c, t, c.batch(b"a"))
    produce(c, t, c.batch((b"v", b"k"), b"a", (b"w", b"k")), "one of three without a key")
    produce(c, t, c.batch((b"v", b"k"), b"a", codec="gzip"), "compressed")
    produce(c, t, c.batch((None, b"k")), "null value")
    produce(c, t, c.batch((b"v", b"")), "empty key")
    fetch(c, t)


@case
def lz4_linked_blocks(c: Context) -> None:
    """An LZ4 frame that is valid, but whose blocks depend on each other (or that has a content checksum, or xerial-less snappy)."""
    import cramjam

    from tests.conformance.suite.records import record

    t = c.topic()
    plain = record(b"a" * 60)
    produce(c, t, c.batch(b"a", codec="lz4", payload=bytes(cramjam.lz4.compress(plain))), "lz4, linked blocks")
    produce(
        c,
        t,
        c.batch(b"a", codec="snappy", payload=bytes(cramjam.snappy.compress_raw(plain))),
        "snappy without the xerial frame",
    )
    produce(
        c, t, c.batch(b"a", codec="snappy", payload=bytes(cramjam.snappy.compress(plain))), "snappy in Google's framing"
    )
    fetch(c, t)


@case(each={"codec": (5, 6, 7)})
def unknown_codec(c: Context, codec: Any) -> None:
    """Codec numbers that do not exist."""
    t = c.topic()
    produce(c, t, c.batch(b"a", attributes=codec))
    fetch(c, t, conn=c.open("after"))


@case
def record_with_trailing_bytes(c: Context) -> None:
    """More bytes after the last record."""
    t = c.topic()
    from tests.conformance.suite.records import record

    produce(c, t, c.batch(b"a", payload=record(b"a") + b"\0\0\0"))
    produce(c, t, c.batch(b"a", payload=record(b"a") + b"\0\0\0", codec=0, count=1, last_delta=0), "again")
    fetch(c, t)


@case(brokers=3)
def not_leader(c: Context) -> None:
    """Sent to a replica, and to a broker without a replica."""
    a, b, d = sorted(c.brokers)
    t = c.topic(assignment=[[a, b]], min_insync_replicas=1)
    for node in (a, b, d):
        for version in (9, 10, 13):
            produce(
                c,
                t,
                c.batch(b"x"),
                f"to node {sorted(c.brokers).index(node) + 1}, v{version}",
                version=version,
                conn=c.open(f"broker {sorted(c.brokers).index(node) + 1}", node=node),
            )


@case(brokers=3)
def replicated(c: Context) -> None:
    """acks=all on three replicas."""
    t = c.topic(assignment=[sorted(c.brokers)], min_insync_replicas=2)
    produce(c, t, c.batch(b"x"), conn=c.open("leader", node=min(c.brokers)))
