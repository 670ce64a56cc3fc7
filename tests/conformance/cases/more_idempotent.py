"""Idempotent produce: what is a duplicate, what a gap, what an epoch does; InitProducerId."""

from typing import Any

from tests.conformance.cases.idempotent import MAX, start
from tests.conformance.suite.case import case
from tests.conformance.suite.codec import versions
from tests.conformance.suite.context import Context
from tests.conformance.suite.shapes import fetch, produce


@case
def the_last_five(c: Context) -> None:
    """Five batches are remembered; the sixth from the end is not."""
    t, pid, epoch = start(c)
    for seq in range(7):
        c.put(t, b"a", pid=pid, epoch=epoch, seq=seq)
    for seq in range(6, -1, -1):
        produce(c, t, c.batch(b"a", pid=pid, epoch=epoch, seq=seq), f"{seq} again")
    produce(c, t, c.batch(b"a", pid=pid, epoch=epoch, seq=7), "the next")


@case
def parts_of_a_batch(c: Context) -> None:
    """The same first sequence with another count; within; over the end."""
    t, pid, epoch = start(c)
    c.put(t, b"a", b"b", b"c", pid=pid, epoch=epoch, seq=0)
    produce(c, t, c.batch(b"a", b"b", pid=pid, epoch=epoch, seq=0), "the first two")
    produce(c, t, c.batch(b"b", b"c", pid=pid, epoch=epoch, seq=1), "the last two")
    produce(c, t, c.batch(b"b", pid=pid, epoch=epoch, seq=1), "the middle one")
    produce(c, t, c.batch(b"c", b"d", pid=pid, epoch=epoch, seq=2), "the last and a new one")
    produce(c, t, c.batch(b"x", b"y", b"z", pid=pid, epoch=epoch, seq=0), "all three, other values")
    fetch(c, t)


@case
def epochs(c: Context) -> None:
    """A new epoch begins at 0; the old one is fenced; epochs may leap."""
    t, pid, epoch = start(c)
    for note, e, seq in (
        ("first", 0, 0), ("epoch 1, sequence 1", 1, 1), ("epoch 1, sequence 0", 1, 0), ("epoch 0, its next", 0, 1),
        ("epoch 0, its first", 0, 0), ("epoch 5, sequence 0", 5, 0), ("epoch 5, again", 5, 0), ("epoch 3", 3, 0),
        ("epoch 5, next", 5, 1), ("epoch 32767", 32767, 0), ("epoch 32767, next", 32767, 1),
    ):  # fmt: skip
        produce(c, t, c.batch(b"a", pid=pid, epoch=epoch + e, seq=seq), note)
    c.send("describe_producers", 0, topics=[{"name": t, "partition_indexes": [0]}])


@case
def wraps_around(c: Context) -> None:
    """After the largest sequence comes 0; also within a batch."""
    t, pid, epoch = start(c)
    produce(c, t, c.batch(b"a", pid=pid, epoch=epoch, seq=MAX), "the largest, first")
    produce(c, t, c.batch(b"b", pid=pid, epoch=epoch, seq=0), "0 after it")
    produce(c, t, c.batch(b"b", pid=pid, epoch=epoch, seq=0), "again")
    u = c.topic("u")
    produce(c, u, c.batch(b"a", pid=pid, epoch=epoch, seq=MAX - 1), "the one before the largest")
    produce(c, u, c.batch(b"a", b"b", b"c", pid=pid, epoch=epoch, seq=MAX), "over the end")
    produce(c, u, c.batch(b"d", pid=pid, epoch=epoch, seq=2), "the next")
    produce(c, u, c.batch(b"a", b"b", b"c", pid=pid, epoch=epoch, seq=MAX), "again")
    fetch(c, u)


@case
def made_up_id(c: Context) -> None:
    """An id that nobody handed out."""
    t = c.topic()
    produce(c, t, c.batch(b"a", pid=123456789, epoch=3, seq=0))
    produce(c, t, c.batch(b"a", pid=123456789, epoch=3, seq=5), "a gap")
    produce(c, t, c.batch(b"a", pid=123456790, epoch=3, seq=5), "another, not from 0")


@case
def several_batches_at_once(c: Context) -> None:
    """Batches of a producer in one set; with a gap; of two producers; a duplicate behind."""
    t, pid, epoch = start(c)
    one, two, four = (c.batch(b"a", pid=pid, epoch=epoch, seq=seq) for seq in (0, 1, 3))
    for note, data in (
        ("0 and 1", one + two),
        ("again", one + two),
        ("a gap", four),
        ("a gap behind", c.batch(b"x") + four),
        ("plain and due", c.batch(b"x") + c.batch(b"c", pid=pid, epoch=epoch, seq=2)),
    ):
        produce(c, t, data, note, conn=c.open(), _silent=True)
    fetch(c, t)


@case(each={"acks": (0, 1)})
def duplicates_by_acks(c: Context, acks: Any) -> None:
    """A duplicate and a gap, not waiting for the others, or for anything."""
    t, pid, epoch = start(c)
    for note, seq in (("first", 0), ("again", 0), ("gap", 5), ("next", 1)):
        produce(c, t, c.batch(b"a", pid=pid, epoch=epoch, seq=seq), note, acks=acks, conn=c.open(), _silent=True)
    fetch(c, t)


@case(each={"version": versions("produce")})
def each_version(c: Context, version: Any) -> None:
    """First, next, duplicate, gap, old epoch."""
    t, pid, epoch = start(c)
    for note, e, seq in (("first", 1, 0), ("next", 1, 1), ("again", 1, 0), ("gap", 1, 9), ("old epoch", 0, 2)):
        produce(c, t, c.batch(b"a", pid=pid, epoch=epoch + e, seq=seq), note, version=version)


@case(each={"version": versions("init_producer_id")})
def ids_without_transactions(c: Context, version: Any) -> None:
    """Without a transactional id: timeouts of every kind, and from v3 an id and an epoch."""

    def go(note: str, timeout: int = 60000, **more: Any) -> None:
        c.send(
            "init_producer_id", version, note, transactional_id=None, transaction_timeout=timeout, _retry=(14,),
            _pick=lambda a: dict(a, producer_id=a["producer_id"] if a["producer_id"] < 0 else "<some>"), **more,
        )  # fmt: skip

    for timeout in (60000, 0, -1, 2147483647):
        go(f"timeout {timeout}", timeout)
    if version >= 3:
        for pid, epoch in ((-1, -1), (5, 0), (0, 0), (-2, -2)):
            go(f"id {pid}, epoch {epoch}", producer_id=pid, producer_epoch=epoch)


@case
def timestamps_of_duplicates(c: Context) -> None:
    """What is answered to a duplicate where the leader gives times."""
    t, pid, epoch = start(c, message_timestamp_type="LogAppendTime")
    produce(c, t, c.batch(b"a", pid=pid, epoch=epoch, seq=0))
    produce(c, t, c.batch(b"a", pid=pid, epoch=epoch, seq=0), "again")


@case
def refused_leaves_no_state(c: Context) -> None:
    """A batch that was refused for another reason is not remembered."""
    t, pid, epoch = start(c, cleanup_policy="compact")
    produce(c, t, c.batch(b"a", pid=pid, epoch=epoch, seq=0), "no key")
    produce(c, t, c.batch((b"a", b"k"), pid=pid, epoch=epoch, seq=0), "the same sequence with one")
    produce(c, t, c.batch((b"a", b"k"), pid=pid, epoch=epoch, seq=1, crc=1), "a wrong checksum")
    produce(c, t, c.batch((b"a", b"k"), pid=pid, epoch=epoch, seq=1), "right")
