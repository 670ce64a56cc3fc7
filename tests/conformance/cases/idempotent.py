"""Idempotent produce: sequence numbers, duplicates, epochs."""

from typing import Any

from tests.conformance.suite.case import case
from tests.conformance.suite.context import Context
from tests.conformance.suite.shapes import fetch, init_pid, list_offsets, produce

MAX = 2147483647


def start(c: Context, **topic: Any) -> Any:
    t = c.topic(**topic)
    pid, epoch = init_pid(c)
    return t, pid, epoch


@case
def in_order(c: Context) -> None:
    """Consecutive sequence numbers."""
    t, pid, epoch = start(c)
    produce(c, t, c.batch(b"a", b"b", pid=pid, epoch=epoch, seq=0))
    produce(c, t, c.batch(b"c", pid=pid, epoch=epoch, seq=2))
    fetch(c, t)


@case
def out_of_order(c: Context) -> None:
    """A gap."""
    t, pid, epoch = start(c)
    c.put(t, b"a", pid=pid, epoch=epoch, seq=0)
    produce(c, t, c.batch(b"b", pid=pid, epoch=epoch, seq=2), "2 after 0")
    produce(c, t, c.batch(b"b", pid=pid, epoch=epoch, seq=1), "1 after 0")
    produce(c, t, c.batch(b"b", pid=pid, epoch=epoch, seq=MAX), "2^31-1 after 1")
    list_offsets(c, t, -1)


@case(each={"seq": (1, 5, MAX)})
def first_sequence_of_empty_state(c: Context, seq: Any) -> None:
    """A producer id the partition has not seen, with a first sequence other than 0."""
    t, pid, epoch = start(c)
    produce(c, t, c.batch(b"a", pid=pid, epoch=epoch, seq=seq))
    list_offsets(c, t, -1)


@case
def two_partitions(c: Context) -> None:
    """Sequences are per partition."""
    t, pid, epoch = start(c, partitions=2)
    produce(c, t, c.batch(b"a", pid=pid, epoch=epoch, seq=0), partition=0)
    produce(c, t, c.batch(b"a", pid=pid, epoch=epoch, seq=0), partition=1)
    produce(c, t, c.batch(b"b", pid=pid, epoch=epoch, seq=1), partition=1)
    produce(c, t, c.batch(b"b", pid=pid, epoch=epoch, seq=2), "2 after 0", partition=0)


@case
def after_delete_records(c: Context) -> None:
    """The producer's state outlives its records."""
    t, pid, epoch = start(c)
    c.put(t, b"a", b"b", pid=pid, epoch=epoch, seq=0)
    c.send("delete_records", 2, topics=[{"name": t, "partitions": [{"partition_index": 0, "offset": 2}]}], timeout=5000)
    produce(c, t, c.batch(b"a", b"b", pid=pid, epoch=epoch, seq=0), "the deleted batch again")
    produce(c, t, c.batch(b"c", pid=pid, epoch=epoch, seq=2), "the next")
    produce(c, t, c.batch(b"c", pid=pid, epoch=epoch, seq=9), "a gap")
    fetch(c, t, 2)


@case
def idempotent_acks_one(c: Context) -> None:
    """The server does not ask for acks=all."""
    t, pid, epoch = start(c)
    produce(c, t, c.batch(b"a", pid=pid, epoch=epoch, seq=0), acks=1)
    produce(c, t, c.batch(b"a", pid=pid, epoch=epoch, seq=0), acks=1, note="again")


@case
def interleaved_with_plain(c: Context) -> None:
    """Batches without producer id do not disturb."""
    t, pid, epoch = start(c)
    produce(c, t, c.batch(b"a", pid=pid, epoch=epoch, seq=0))
    produce(c, t, c.batch(b"x"))
    produce(c, t, c.batch(b"b", pid=pid, epoch=epoch, seq=1))
    produce(c, t, c.batch(b"a", pid=pid, epoch=epoch, seq=0), "the first again")


@case
def compressed_duplicate(c: Context) -> None:
    """A duplicate in another codec."""
    t, pid, epoch = start(c)
    produce(c, t, c.batch(b"a", b"b", pid=pid, epoch=epoch, seq=0, codec="gzip"))
    produce(c, t, c.batch(b"a", b"b", pid=pid, epoch=epoch, seq=0, codec="lz4"))
