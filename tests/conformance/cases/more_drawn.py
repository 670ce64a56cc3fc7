"""What drawn requests found (`tests/conformance/drawn.py`): lists without anything in them, things named twice, one wrong thing among others."""

from typing import Any

from tests.conformance.cases.metadata import ABSENT_ID
from tests.conformance.cases.more_admin import incremental
from tests.conformance.cases.more_configs import read
from tests.conformance.suite.case import case
from tests.conformance.suite.codec import NIL, versions
from tests.conformance.suite.context import Context
from tests.conformance.suite.shapes import fetch_body


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


@case(each={"version": (4, 12, 13, 17)})
def fetched_by_a_level_that_is_none(c: Context, version: Any) -> None:
    """Fetch with an isolation level that is none: unknown topics, none at all, a good one beside an unknown one."""
    t = c.topic()
    absent = ABSENT_ID if version >= 13 else c.name("absent")
    for note, names in (
        ("unknown", [absent]),
        ("none", []),
        ("both", [absent, t]),
        ("nil or empty", [str(NIL) if version >= 13 else ""]),
    ):
        body = fetch_body(c, t, version=version, isolation=2)
        topics = [one for name in names for one in fetch_body(c, name, version=version)["topics"]]
        c.send("fetch", version, note, **dict(body, topics=topics))


@case(each={"version": (12, 13, 17)})
def fetched_in_turns(c: Context, version: Any) -> None:
    """Fetch: partitions that are there and that are not, of two topics in turns."""
    t, u = c.topic("t", partitions=2), c.topic("u")
    c.put(t, b"a")

    def part(topic: str, index: int) -> Any:
        return fetch_body(c, topic, version=version, partition=index)["topics"][0]

    for note, parts in (
        ("good, bad", [(t, 0), (t, 7)]), ("bad, good", [(t, 7), (t, 0)]), ("good, bad, of another", [(t, 0), (t, 7), (u, 0)]),
        ("in turns", [(t, 0), (u, 0), (t, 1)]), ("bad between", [(t, 0), (u, 9), (t, 1)]), ("two bad between", [(t, 9), (u, 0), (t, 8), (u, 7)]),
    ):  # fmt: skip
        body = fetch_body(c, t, version=version)
        c.send(
            "fetch", version, note, _pick=lambda a: {"in turn": [[key(one), [p["partition_index"] for p in one["partitions"]]] for one in a["responses"]]},
            **dict(body, topics=[part(*one) for one in parts]),
        )  # fmt: skip


def key(told: Any) -> Any:
    return {name: told[name] for name in ("topic", "topic_id") if name in told}


@case
def operations_that_are_none_among_others(c: Context) -> None:
    """IncrementalAlterConfigs: one operation that there is none of, beside good and bad resources."""
    t, g = c.topic(), c.name("g")
    bad = (2, t, [("retention.ms", 4, "1")])
    for note, other in (
        ("a good group", (32, g, [("consumer.session.timeout.ms", 0, "50000")])), ("a bad group", (32, g, [("nonsense", 0, "1")])),
        ("an unknown topic", (2, c.name("absent"), [("retention.ms", 0, "1")])), ("a broker", (4, "", [("message.max.bytes", 0, "2000000")])),
        ("an unknown kind", (3, "x", [])),
    ):  # fmt: skip
        incremental(c, f"{note} behind", bad, other, validate=True)
        if other[0] in {2, 32}:
            # What a broker looks at before the controller does is not always answered when it stands in front.
            incremental(c, f"{note} before", other, bad, validate=True)


@case(each={"version": (10, 12, 13)})
def operations_of_unknown_ids(c: Context, version: Any) -> None:
    """Metadata with operations, by ids that nobody has."""
    for ids in ((ABSENT_ID,), (str(NIL),)):
        for name in (None, c.name("absent")):
            c.main.send(
                "metadata", version, f"{ids} {name}", _silent=True, allow_auto_topic_creation=False, include_topic_authorized_operations=True,
                topics=[{"topic_id": one, "name": name} for one in ids],
            )  # fmt: skip
            c._main = None
