"""Three brokers: whoever does not lead, epochs after a leader moved, elections, replicas in sync, reassignments."""

from typing import Any

from tests.conformance.cases.admin import create, new
from tests.conformance.cases.fetch import move
from tests.conformance.suite.case import case
from tests.conformance.suite.context import Context
from tests.conformance.suite.shapes import epoch_end, fetch, list_offsets, produce


@case(brokers=3)
def whoever_does_not_lead(c: Context) -> None:
    """Reads, positions, epochs and deletions at a follower and at a broker without a replica."""
    a, b, d = sorted(c.brokers)
    t = c.topic(assignment=[[a, b]], min_insync_replicas=1)
    c.put(t, b"x", conn=c.open(node=a))
    for node, label in ((b, "follower"), (d, "without a replica")):
        conn = c.open(label, node=node)
        for version in (4, 12, 16):
            fetch(c, t, version=version, conn=conn)
        for at in (-1, -2, -3, c.t0):
            list_offsets(c, t, at, version=7, conn=conn)
        list_offsets(c, t, -1, "epoch 5", version=7, leader_epoch=5, conn=conn)
        epoch_end(c, t, 0, conn=conn)
        epoch_end(c, t, 0, "current 5", current=5, conn=conn)
        fetch(c, t, leader_epoch=5, conn=conn, note="epoch 5")
        conn.send(
            "delete_records", 2, topics=[{"name": t, "partitions": [{"partition_index": 0, "offset": 1}]}], timeout=5000
        )
        conn.send("describe_producers", 0, topics=[{"name": t, "partition_indexes": [0]}])
        produce(c, t, c.batch(b"a"), acks=1, conn=conn)
        produce(c, t, c.batch(b"a"), partition=7, conn=conn)


@case(brokers=3)
def epochs_after_moves(c: Context) -> None:
    """The leader moves there and back: where each epoch ended, and what is fenced."""
    a, b, _ = sorted(c.brokers)
    t = c.topic(assignment=[[a, b]], min_insync_replicas=1)
    c.put(t, b"one", conn=c.open(node=a))
    move(c, t, [b, a])
    new_leader = c.open("new leader", node=b)
    c.put(t, b"two", b"three", conn=new_leader)
    for version in (2, 4):
        for epoch in (0, 1, 2):
            epoch_end(c, t, epoch, version=version, conn=new_leader)
        for current in (0, 1, 2):
            epoch_end(c, t, 0, f"current {current}", version=version, current=current, conn=new_leader)
    for current in (0, 1, 2):
        list_offsets(c, t, -1, f"current {current}", version=7, leader_epoch=current, conn=new_leader)
    for at in (-1, -2, -3, c.t0):
        list_offsets(c, t, at, version=7, conn=new_leader)
    old = c.open("old leader", node=a)
    for epoch in (-1, 0, 1, 2):
        fetch(c, t, note=f"current {epoch}", leader_epoch=epoch, conn=old)
    produce(c, t, c.batch(b"x"), conn=old)
    move(c, t, [a, b])
    back = c.open("leads again", node=a)
    for epoch in (0, 1, 2):
        epoch_end(c, t, epoch, conn=back)
    fetch(c, t, conn=back)


@case(brokers=3)
def created_on_three(c: Context) -> None:
    """Factors and assignments that three brokers have room for, and not."""
    a, b, d = sorted(c.brokers)
    for note, partitions, replicas, given in (
        ("three", 1, 3, []), ("four", 1, 4, []), ("of two", -1, -1, [(0, [a, b])]), ("of other lengths", -1, -1, [(0, [a, b]), (1, [d])]),
        ("one unknown", -1, -1, [(0, [a, 99])]), ("one twice", -1, -1, [(0, [a, a, b])]),
    ):  # fmt: skip
        configs = [("min.insync.replicas", "1")]
        create(c, new(c.name("t"), partitions, replicas, given, configs), note=note, validate=True)


@case(brokers=3)
def partitions_on_three(c: Context) -> None:
    """More partitions, placed by hand: lengths, unknown ones, the same twice."""
    a, b, d = sorted(c.brokers)
    t = c.topic(assignment=[[a, b]], min_insync_replicas=1)
    for note, count, given in (
        ("too few replicas", 2, [[a]]), ("too many", 2, [[a, b, d]]), ("one unknown", 2, [[a, 99]]), ("one twice", 2, [[a, a]]),
        ("nobody", 2, [[]]), ("two for one", 2, [[a, b], [b, d]]), ("good", 2, [[d, a]]),
    ):  # fmt: skip
        c.send(
            "create_partitions", 3, note, timeout=5000, validate_only=False,
            topics=[{"name": t, "count": count, "assignments": [{"broker_ids": ids} for ids in given]}],
        )  # fmt: skip
    c.ready(t, 2)
    c.send("describe_topic_partitions", 0, topics=[{"name": t}], response_partition_limit=10, cursor=None)


@case(brokers=3)
def elections(c: Context) -> None:
    """The preferred leader: needed, not needed, for all, unclean."""
    a, b, _ = sorted(c.brokers)
    t = c.topic(assignment=[[a, b], [b, a]], min_insync_replicas=1)
    move(c, t, [b, a])

    def go(note: str, kind: int, *partitions: int) -> Any:
        c.send(
            "elect_leaders",
            2,
            note,
            election_type=kind,
            topic_partitions=[{"topic": t, "partitions": list(partitions)}],
            timeout=5000,
        )

    go("both lead already", 0, 0, 1)
    go("unclean: both have one", 1, 0, 1)
    c.quiet(
        "alter_partition_reassignments",
        0,
        timeout=5000,
        topics=[{"name": t, "partitions": [{"partition_index": 0, "replicas": [a, b]}]}],
    )
    c.settled()
    go("one needed, one not", 0, 0, 1)
    go("again", 0, 0)


@case(brokers=3)
def too_few_in_sync(c: Context) -> None:
    """min.insync.replicas of three on two replicas."""
    a, b, _ = sorted(c.brokers)
    t = c.topic(assignment=[[a, b]], min_insync_replicas=3)
    conn = c.open("leader", node=a)
    for version in (3, 9, 12):
        produce(c, t, c.batch(b"x"), version=version, conn=conn)
    produce(c, t, c.batch(b"x"), "acks 1", acks=1, conn=conn)
    fetch(c, t, conn=conn, _until=lambda x: x["responses"][0]["partitions"][0]["high_watermark"] >= 4)


@case(brokers=3)
def reassignments(c: Context) -> None:
    """Odd ones: unknown, twice, nobody, cancelled; then listed, and back to one replica."""
    a, b, d = sorted(c.brokers)
    t = c.topic(assignment=[[a, b]], min_insync_replicas=1)

    def go(note: str, replicas: Any, version: int = 0, **more: Any) -> None:
        c.send(
            "alter_partition_reassignments", version, note, timeout=5000,
            topics=[{"name": t, "partitions": [{"partition_index": 0, "replicas": replicas}]}], **more,
        )  # fmt: skip

    go("one unknown", [a, 99])
    go("one twice", [a, b, b])
    go("nobody", [])
    go("cancelled, nothing under way", None)
    go("fewer, which v1 forbids", [a], 1, allow_replication_factor_change=False)
    go("the same", [a, b])
    go("another order", [b, a])
    go("one replica", [a])
    c.send(
        "metadata", 12, "settled", topics=[{"name": t}], _hide=("controller_id", "brokers"),
        _until=lambda x: x["topics"][0]["partitions"][0]["replica_nodes"] == [a] == x["topics"][0]["partitions"][0]["isr_nodes"],
    )  # fmt: skip
    c.send("list_partition_reassignments", 0, timeout=5000, topics=[{"name": t, "partition_indexes": [0]}])
    conn = c.open("who was one", node=d)
    fetch(c, t, conn=conn)
