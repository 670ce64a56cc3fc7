"""Produce: batches of every kind of oddness, times, codecs, limits of topics, names and ids."""

import struct
from typing import Any

from tests.conformance.cases.produce import ABSENT_ID, two
from tests.conformance.suite.case import case
from tests.conformance.suite.codec import NIL, versions
from tests.conformance.suite.context import Context
from tests.conformance.suite.records import CODECS, LOG_APPEND, record, varint
from tests.conformance.suite.shapes import fetch, init_pid, produce

DAY_MS = 86_400_000


def each(c: Context, topic: str, *given: tuple[str, bytes], version: int = 9, **how: Any) -> None:
    """Every one over a connection of its own: some are answered by its end."""
    for note, data in given:
        produce(c, topic, data, note, version=version, conn=c.open(), _silent=True, **how)
    fetch(c, topic, conn=c.open("afterwards"))


@case(each={"codec": tuple(CODECS)})
def codecs(c: Context, codec: Any) -> None:
    """A batch in a codec, by the oldest version and a new one, and read back by an old one and a new one."""
    t = c.topic()
    for version in (3, 6, 7, 12):
        produce(c, t, c.batch(b"a" * 50, (b"v", b"k"), codec=codec), f"v{version}", version=version)
    for version in (4, 9, 10, 12):
        fetch(c, t, note=f"read by v{version}", version=version)


@case(each={"codec": ("none", "gzip", "snappy", "lz4", "zstd", "uncompressed", "producer")})
def codec_of_the_topic(c: Context, codec: Any) -> None:
    """compression.type of a topic: the leader writes anew what comes in another codec."""
    t = c.topic(compression_type="uncompressed" if codec == "none" else codec)
    for given in ("none", "gzip", "lz4"):
        produce(c, t, c.batch(b"a" * 50, b"b", codec=given, headers=[(b"h", None)]), f"{given} to {codec}")
    fetch(c, t)


@case
def bytes_that_are_no_batch(c: Context) -> None:
    """Too short, cut, garbage, other magics, lengths that lie."""
    t = c.topic()
    good = c.batch(b"a")
    each(
        c, t, ("empty", b""), ("one byte", b"\0"), ("16 bytes", good[:16]), ("17 bytes", good[:17]), ("cut", good[:-1]),
        ("half", good[: len(good) // 2]), ("60 bytes", good[:60]), ("61 bytes, the header", good[:61]),
        ("a byte more", good + b"\0"), ("11 bytes more", good + b"\0" * 11), ("12 bytes more", good + b"\0" * 12),
        ("20 bytes more", good + b"\0" * 20), ("garbage", b"\xff" * 100), ("zeros", b"\0" * 100),
        ("magic 3", c.batch(b"a", magic=3)), ("magic -1", c.batch(b"a", magic=-1)), ("magic 127", c.batch(b"a", magic=127)),
        ("length 0", c.batch(b"a", length=0)), ("length -1", c.batch(b"a", length=-1)), ("length 13", c.batch(b"a", length=13)),
        ("length 48", c.batch(b"a", length=48)), ("length 49", c.batch(b"a", length=49)),
        ("length a byte short", good[:8] + struct.pack(">i", len(good) - 13) + good[12:]),
        ("length a byte long", good[:8] + struct.pack(">i", len(good) - 11) + good[12:]),
        ("length 2^31-1", good[:8] + struct.pack(">i", 2147483647) + good[12:]),
    )  # fmt: skip


@case(each={"version": (3, 9, 13)})
def several_batches(c: Context, version: Any) -> None:
    """Two batches in one set; a good one before a bad one and the other way round."""
    t = c.topic()
    good, bad = c.batch(b"a"), c.batch(b"b", crc=1)
    each(
        c,
        t,
        ("two", good + good),
        ("good, bad", good + bad),
        ("bad, good", bad + good),
        ("three", good * 3),
        version=version,
    )


@case
def empty_batches(c: Context) -> None:
    """No records in a batch."""
    t = c.topic()
    each(
        c, t, ("no records", c.batch(count=0, last_delta=-1, payload=b"")), ("none, last delta 0", c.batch(count=0, last_delta=0, payload=b"")),
        ("none, compressed", c.batch(count=0, last_delta=0, payload=b"", codec="gzip")),
        ("count 0 and bytes", c.batch(count=0, last_delta=0, payload=b"abc")),
        ("count 1, no bytes", c.batch(count=1, last_delta=0, payload=b"")),
    )  # fmt: skip


@case
def records_that_are_none(c: Context) -> None:
    """Lengths within a record that cannot be."""
    t = c.topic()
    whole = record(b"a", b"k")

    def inner(body: bytes) -> bytes:
        return varint(len(body)) + body

    head = b"\0" + varint(0) + varint(0)
    each(
        c, t, ("attributes 1", c.batch(payload=whole[:1] + b"\x01" + whole[2:], count=1, last_delta=0)),
        ("negative size", c.batch(payload=varint(-1) + whole[1:], count=1, last_delta=0)),
        ("size 0", c.batch(payload=varint(0), count=1, last_delta=0)),
        ("size too small", c.batch(payload=varint(3) + whole[1:], count=1, last_delta=0)),
        ("size too large", c.batch(payload=varint(300) + whole[1:], count=1, last_delta=0)),
        ("key -2", c.batch(payload=inner(head + varint(-2) + varint(1) + b"a" + varint(0)), count=1, last_delta=0)),
        ("key too long", c.batch(payload=inner(head + varint(99) + b"k" + varint(1) + b"a" + varint(0)), count=1, last_delta=0)),
        ("value -2", c.batch(payload=inner(head + varint(-1) + varint(-2) + varint(0)), count=1, last_delta=0)),
        ("value too long", c.batch(payload=inner(head + varint(-1) + varint(50) + b"a" + varint(0)), count=1, last_delta=0)),
        ("-1 headers", c.batch(payload=inner(head + varint(-1) + varint(1) + b"a" + varint(-1)), count=1, last_delta=0)),
        ("9 headers, none there", c.batch(payload=inner(head + varint(-1) + varint(1) + b"a" + varint(9)), count=1, last_delta=0)),
        ("a header without a name", c.batch(payload=inner(head + varint(-1) + varint(1) + b"a" + varint(1) + varint(-1) + varint(-1)), count=1, last_delta=0)),
        ("a header with an empty name", c.batch(payload=inner(head + varint(-1) + varint(1) + b"a" + varint(1) + varint(0) + varint(-1)), count=1, last_delta=0)),
        ("a header's value too long", c.batch(payload=inner(head + varint(-1) + varint(1) + b"a" + varint(1) + varint(1) + b"h" + varint(77)), count=1, last_delta=0)),
        ("more in the record than its fields", c.batch(payload=inner(whole[1:] + b"\0"), count=1, last_delta=0)),
        ("a varint without end", c.batch(payload=b"\xff" * 12, count=1, last_delta=0)),
        ("null key, null value", c.batch((None, None))), ("empty value", c.batch(b"")),
    )  # fmt: skip


@case(each={"codec": ("gzip", "snappy", "lz4", "zstd")})
def payloads_that_are_not_compressed(c: Context, codec: Any) -> None:
    """The attributes say compressed, the bytes are not, or stop."""
    from tests.conformance.suite.records import compress

    t = c.topic()
    number = CODECS[codec]
    packed = compress(number, record(b"a" * 100))

    def raw(payload: bytes, **how: Any) -> bytes:
        return c.batch(payload=payload, attributes=number, codec=0, count=1, last_delta=0, **how)

    each(
        c, t, ("plain", raw(record(b"a"))), ("empty", raw(b"")), ("cut", raw(packed[:-5])), ("garbage", raw(b"\xff" * 30)),
        ("trailing bytes", raw(packed + b"\0\0\0")), ("two frames", raw(packed + packed)), ("good", raw(packed)),
    )  # fmt: skip


@case
def attributes(c: Context) -> None:
    """Bits of the attributes that a client may not set, and those nobody knows."""
    t = c.topic()
    each(
        c, t, ("log append time", c.batch(b"a", attributes=LOG_APPEND)), ("delete horizon", c.batch(b"a", attributes=0x40)),
        ("bit 7", c.batch(b"a", attributes=0x80)), ("bit 15", c.batch(b"a", attributes=-0x8000)), ("all unknown", c.batch(b"a", attributes=0x7F80)),
    )  # fmt: skip


@case
def header_fields(c: Context) -> None:
    """A base offset, a leader epoch, a wrong maximum of times, a wrong checksum."""
    t = c.topic()
    each(
        c, t, ("base offset 5", c.batch(b"a", base_offset=5)), ("base offset -1", c.batch(b"a", base_offset=-1)),
        ("leader epoch 7", c.batch(b"a", leader_epoch=7)), ("leader epoch -2", c.batch(b"a", leader_epoch=-2)),
        ("maximum before the base", c.batch(b"a", max_ts=c.t0 - 5)), ("maximum after", c.batch(b"a", max_ts=c.t0 + 5)),
        ("maximum -1", c.batch(b"a", max_ts=-1)), ("crc 0", c.batch(b"a", crc=0)),
    )  # fmt: skip


@case
def times(c: Context) -> None:
    """Timestamps: none, negative, of the year 1970, far in the future, and deltas."""
    t = c.topic()
    now = c.t0 + 1_800_000
    each(
        c, t, ("-1", c.batch(b"a", ts=-1)), ("-2", c.batch(b"a", ts=-2)), ("0", c.batch(b"a", ts=0)),
        ("half an hour on", c.batch(b"a", ts=now + DAY_MS // 48)), ("two days on", c.batch(b"a", ts=now + 2 * DAY_MS)),
        ("deltas going back", c.batch(b"a", b"b", ts_deltas=[0, -50])), ("all deltas positive", c.batch(b"a", b"b", ts_deltas=[10, 20])),
        ("good and far", c.batch(b"a", b"b", ts_deltas=[0, 3 * DAY_MS])),
    )  # fmt: skip


@case
def limits_of_times(c: Context) -> None:
    """message.timestamp.before.max.ms and after.max.ms; per record errors."""
    t = c.topic(message_timestamp_before_max_ms=3_600_000, message_timestamp_after_max_ms=1000)
    now = c.t0 + 1_800_000
    each(
        c, t, ("within", c.batch(b"a")), ("too old", c.batch(b"a", ts=c.t0 - 3_600_000)), ("too new", c.batch(b"a", ts=now + DAY_MS)),
        ("one of three too old", c.batch(b"a", b"b", b"c", ts_deltas=[0, -7_200_000, 5])),
        ("two of three", c.batch(b"a", b"b", b"c", ts_deltas=[-7_200_000, 0, 7_200_000])),
        ("no time", c.batch(b"a", ts=-1)), ("compressed, one too old", c.batch(b"a", b"b", ts_deltas=[0, -7_200_000], codec="gzip")),
    )  # fmt: skip
    for version in (7, 8):
        produce(c, t, c.batch(b"a", b"b", ts_deltas=[0, -7_200_000]), f"v{version}", version=version, conn=c.open())


@case
def log_append_time(c: Context) -> None:
    """The leader's time instead of the client's."""
    t = c.topic(message_timestamp_type="LogAppendTime")
    for version in (3, 9, 12):
        produce(c, t, c.batch(b"a", b"b", ts_deltas=[0, 7]), version=version)
    each(
        c, t, ("compressed", c.batch(b"a", b"b", codec="gzip")), ("far in the past", c.batch(b"a", ts=5)),
        ("far in the future", c.batch(b"a", ts=c.t0 + 90 * DAY_MS)), ("marked already", c.batch(b"a", attributes=LOG_APPEND)),
        ("no time", c.batch(b"a", ts=-1)),
    )  # fmt: skip


@case(each={"limit": (0, 70, 1000)})
def too_large(c: Context, limit: Any) -> None:
    """max.message.bytes is about a batch; about which of several; at the limit."""
    t = c.topic(max_message_bytes=limit)
    exact = len(c.batch(b"x" * 100))
    each(
        c, t, ("small", c.batch(b"x")), ("larger", c.batch(b"x" * 2000)), ("two small", c.batch(b"x") * 2),
        ("small, then larger", c.batch(b"x") + c.batch(b"x" * 2000)), (f"{exact} bytes", c.batch(b"x" * 100)),
        ("larger, with a wrong checksum", c.batch(b"x" * 2000, crc=1)),
    )  # fmt: skip
    u = c.topic("u", max_message_bytes=exact)
    produce(c, u, c.batch(b"x" * 100), "just as large")
    produce(c, u, c.batch(b"x" * 101), "a byte more")


@case(each={"version": (3, 9, 12)})
def odd_topics(c: Context, version: Any) -> None:
    """Names nobody has or may have."""
    for name in (c.name("absent"), "", ".", "a b", "x" * 250, "__cluster_metadata"):
        produce(c, name, c.batch(b"a"), f"{name[:8]!r}", version=version, conn=c.open(), _silent=True)


@case
def odd_ids(c: Context) -> None:
    """Ids nobody has; the nil id; acks=0 and 1 to them."""
    t = c.topic()
    for acks in (-1, 1):
        produce(c, ABSENT_ID, c.batch(b"a"), f"unknown, acks {acks}", version=13, acks=acks)
        produce(c, str(NIL), c.batch(b"a"), f"nil, acks {acks}", version=13, acks=acks)
    produce(c, t, c.batch(b"a"), "partition 5", version=13, partition=5)
    c.send(
        "produce", 13, "an id twice", acks=-1, timeout=1000,
        topic_data=[{"topic_id": c.ids[t], "partition_data": [{"index": i, "records": c.batch(b"a")}]} for i in (0, 3)],
    )  # fmt: skip
    fetch(c, t)


@case(each={"acks": (0, 1, -1)})
def good_beside_bad(c: Context, acks: Any) -> None:
    """Two partitions, one of them bad, by every kind of acknowledgement."""
    t = c.topic(partitions=2)
    for version in (3, 8, 9, 12):
        c.send(
            "produce", version, f"v{version}", acks=acks, timeout=1000, _silent=True,
            topic_data=[{"name": t, "partition_data": [{"index": i, "records": c.batch(b"a", crc=i or None)} for i in (0, 1)]}],
        )  # fmt: skip
        c._main = None
    fetch(c, t, conn=c.open("afterwards"))


@case
def acks_zero(c: Context) -> None:
    """acks=0: no answer; errors end the connection."""
    t = c.topic()
    for note, name, partition in (("good", t, 0), ("partition 9", t, 9), ("unknown topic", c.name("absent"), 0)):
        conn = c.open(note)
        produce(c, name, c.batch(b"a"), note, acks=0, partition=partition, conn=conn, _silent=True)
        conn.probe()
    fetch(c, t)


@case(each={"timeout": (0, -1, 1)})
def timeouts(c: Context, timeout: Any) -> None:
    """On one replica nobody waits."""
    t = c.topic()
    produce(c, t, c.batch(b"a"), timeout=timeout)
    produce(c, t, c.batch(b"a"), timeout=timeout, acks=1)


@case
def too_few_in_sync(c: Context) -> None:
    """min.insync.replicas beyond what there is; acks=1 does not ask."""
    t = c.topic(min_insync_replicas=2)
    produce(c, t, c.batch(b"a"))
    produce(c, t, c.batch(b"a"), "acks 1", acks=1)
    fetch(c, t, note="nothing beyond the high watermark?")


@case
def internal_topic(c: Context) -> None:
    """Nobody writes to the topic of groups' positions."""
    for version in (3, 9, 12):
        produce(c, "__consumer_offsets", c.batch((b"v", b"k")), version=version)


@case
def producers_of_odd_kinds(c: Context) -> None:
    """An id without a sequence, a sequence without an id, negative epochs."""
    t = c.topic()
    pid, epoch = init_pid(c)
    each(
        c, t, ("no sequence", c.batch(b"a", pid=pid, epoch=epoch)), ("no epoch", c.batch(b"a", pid=pid, seq=0)),
        ("only the id", c.batch(b"a", pid=pid)), ("sequence without id", c.batch(b"a", seq=0)),
        ("epoch without id", c.batch(b"a", epoch=0)), ("id -2", c.batch(b"a", pid=-2, epoch=0, seq=0)),
        ("sequence -2", c.batch(b"a", pid=pid, epoch=epoch, seq=-2)), ("epoch -2", c.batch(b"a", pid=pid, epoch=-2, seq=0)),
        ("two batches", c.batch(b"a", pid=pid, epoch=epoch, seq=0) + c.batch(b"b", pid=pid, epoch=epoch, seq=1)),
    )  # fmt: skip


@case
def transactional_id_of_nobody(c: Context) -> None:
    """A transactional id in the request, and a batch that is not transactional."""
    t = c.topic()
    produce(c, t, c.batch(b"a"), txn=c.name("txn"))
    produce(c, t, c.batch(b"a"), "an empty one", txn="")


@case
def twice_in_one_request(c: Context) -> None:
    """A partition twice, good and bad; a topic twice; ids."""
    t = c.topic(partitions=2)
    two(c, t, 9, (0, c.batch(b"a")), (0, c.batch(b"b", crc=1)))
    two(c, t, 13, (1, c.batch(b"a")), (1, c.batch(b"b")))
    c.send("produce", 9, "a topic twice, the same partition", acks=-1, timeout=1000,
           topic_data=[{"name": t, "partition_data": [{"index": 0, "records": c.batch(word)}]} for word in (b"c", b"d")])  # fmt: skip
    fetch(c, t)
    fetch(c, t, partition=1)


@case(each={"version": versions("produce")})
def compacted(c: Context, version: Any) -> None:
    """Errors of single records are told from v8 on."""
    t = c.topic(cleanup_policy="compact")
    produce(c, t, c.batch((b"v", b"k"), b"a", b"b"), version=version)
