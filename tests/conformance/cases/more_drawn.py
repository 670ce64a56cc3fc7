"""What drawn requests found (`tests/conformance/drawn.py`): lists without anything in them, things named twice, one wrong thing among others."""

from typing import Any

from tests.conformance.cases.more_admin import incremental
from tests.conformance.cases.more_configs import read
from tests.conformance.suite.case import case
from tests.conformance.suite.codec import versions
from tests.conformance.suite.context import Context


@case
def positions_of_nothing(c: Context) -> None:
    """Topics without partitions, there and not there, in OffsetCommit and OffsetDelete."""
    g, t, absent = c.name("g"), c.topic(), c.name("absent")
    c.quiet("offset_commit", 8, group_id=g, generation_id_or_member_epoch=-1, member_id="", topics=[
        {"name": t, "partitions": [{"partition_index": 0, "committed_offset": 1, "committed_metadata": ""}]}])  # fmt: skip
    for names in ([t], [absent], [t, absent], ["", "a b"]):
        nothing = [{"name": name, "partitions": []} for name in names]
        for version in (2, 8, 9):
            c.send(
                "offset_commit",
                version,
                f"{names}",
                group_id=g,
                generation_id_or_member_epoch=-1,
                member_id="",
                topics=nothing,
            )
        c.send("offset_delete", 0, f"{names}", group_id=g, topics=nothing)


@case(each={"version": versions("delete_records")})
def deleted_up_to_two_offsets(c: Context, version: Any) -> None:
    """A partition twice in one DeleteRecords, up to different offsets."""
    for first, last in ((-1, 2), (2, -1), (1, 9), (9, 1)):
        t = c.topic(f"t{first}")
        c.put(t, b"a", b"b", b"c")
        parts = [{"partition_index": 0, "offset": at} for at in (first, last)]
        c.send("delete_records", version, f"{first}, {last}", timeout=5000, topics=[{"name": t, "partitions": parts}])


@case
def nothing_reassigned(c: Context) -> None:
    """No topics, a topic without partitions; with the word about their number."""
    t = c.topic()
    for may in (True, False):
        for topics in ([], [{"name": t, "partitions": []}], [{"name": c.name("absent"), "partitions": []}]):
            c.send(
                "alter_partition_reassignments",
                1,
                f"{may}, {len(topics)}",
                timeout=5000,
                topics=topics,
                allow_replication_factor_change=may,
            )


@case(each={"version": (2, 4, 7, 11)})
def an_isolation_level_that_is_none(c: Context, version: Any) -> None:
    """ListOffsets: topics without partitions, twice, unknown ones."""
    t, more = c.topic(), {"timeout": 1000} if version >= 10 else {}
    part = {"partition_index": 0, "timestamp": -1}
    for note, topics in (
        ("no partitions", [(t, [])]), ("a topic twice", [(t, [part]), (t, [part])]), ("a partition twice", [(t, [part, part])]),
        ("unknown", [(c.name("absent"), [part]), ("", [part])]), ("none", []),
    ):  # fmt: skip
        given = [{"name": name, "partitions": parts} for name, parts in topics]
        c.send("list_offsets", version, note, replica_id=-1, isolation_level=2, topics=given, **more)


@case
def a_kind_of_resource_among_others(c: Context) -> None:
    """DescribeConfigs: one resource of a kind that there is none of, beside good ones."""
    t = c.topic()
    for kind in (0, 1, 3, 64, -1):
        read(c, f"{kind} behind", (2, t, ["retention.ms"]), (kind, "x", ["retention.ms"]))
        read(c, f"{kind} before", (kind, "x", ["retention.ms"]), (4, "99", ["retention.ms"]))


@case
def operations_on_loggers(c: Context) -> None:
    """IncrementalAlterConfigs: operations that there are none of."""
    (node,) = c.brokers
    for how in (4, 9, -1):
        incremental(c, f"operation {how}", (8, str(node), [("kafka.server.KafkaApis", how, "INFO")]), validate=True)
        incremental(c, f"operation {how}, unknown", (8, str(node), [("no.such.logger", how, "INFO")]), validate=True)
