"""What drawn requests found (`tests/conformance/drawn.py`): lists without anything in them, things named twice, one wrong thing among others."""

from typing import Any

from tests.conformance.cases.groups import described, join
from tests.conformance.cases.metadata import ABSENT_ID
from tests.conformance.cases.more_admin import incremental
from tests.conformance.cases.more_configs import read
from tests.conformance.suite.case import case
from tests.conformance.suite.codec import NIL, versions
from tests.conformance.suite.context import Context
from tests.conformance.suite.shapes import fetch_body

MEMBER_ID_REQUIRED = 79


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


@case(each={"version": (13, 15, 17)})
def fetched_by_the_nil_id(c: Context, version: Any) -> None:
    """Fetch by the id that is all zeros: without a session, as one begins, in one, alone and beside a good topic, and forgotten."""
    t = c.topic()
    c.put(t, b"a")
    (nil,) = fetch_body(c, str(NIL), version=version)["topics"]

    def go(note: str, *topics: Any, session: tuple[int, int], forgotten: Any = ()) -> Any:
        body = dict(fetch_body(c, t, version=version), topics=list(topics), forgotten_topics_data=list(forgotten))
        return c.send("fetch", version, note, **dict(body, session_id=session[0], session_epoch=session[1]))

    (good,) = fetch_body(c, t, version=version)["topics"]
    go("without a session", nil, session=(0, -1))
    go("without a session, behind a good one", good, nil, session=(0, -1))
    go("as one begins", nil, session=(0, 0))
    go("as one begins, behind a good one", good, nil, session=(0, 0))
    session = go("begun", good, session=(0, 0))["session_id"]
    go("in one", nil, session=(session, 1))
    go("the next in it", session=(session, 2))
    go("the one before again", session=(session, 1))
    session = go("begun again", good, session=(0, 0))["session_id"]
    go("forgotten", session=(session, 1), forgotten=[{"topic_id": str(NIL), "partitions": [0]}])
    go("the next", session=(session, 2))


@case(each={"version": (13, 17)})
def fetched_twice_by_the_nil_id(c: Context, version: Any) -> None:
    """Two partitions of the id that is all zeros, as a session begins."""
    (one,) = fetch_body(c, str(NIL), version=version, partition=7)["topics"]
    (other,) = fetch_body(c, str(NIL), version=version, partition=1)["topics"]
    whole = dict(one, partitions=[*one["partitions"], *other["partitions"]])
    for epoch in (-1, 0):
        c.send(
            "fetch",
            version,
            f"epoch {epoch}",
            **dict(fetch_body(c, str(NIL), version=version), session_epoch=epoch, topics=[whole]),
        )


@case
def offsets_of_a_topic_twice_deleted(c: Context) -> None:
    """OffsetDelete with a topic in two places: all there, one of them not there, another topic not there."""
    g, t, absent = c.name("g"), c.topic(partitions=2), c.name("absent")
    for note, topics in (
        ("one partition twice", [(t, [0]), (t, [0])]), ("two partitions", [(t, [0]), (t, [1])]), ("two and one", [(t, [0, 0]), (t, [1])]),
        ("one is not there", [(t, [0]), (t, [7])]), ("neither is there", [(t, [7]), (t, [8])]), ("an unknown topic before", [(absent, [0]), (t, [0]), (t, [1])]),
        ("an unknown topic between", [(t, [0]), (absent, [0]), (t, [1])]), ("an unknown topic twice", [(absent, [0]), (t, [0]), (absent, [1])]),
    ):  # fmt: skip
        c.quiet("offset_commit", 8, group_id=g, generation_id_or_member_epoch=-1, member_id="", topics=[
            {"name": t, "partitions": [{"partition_index": 0, "committed_offset": 1, "committed_metadata": ""}]}])  # fmt: skip
        c.send("offset_delete", 0, note, group_id=g, topics=[
            {"name": name, "partitions": [{"partition_index": one} for one in parts]} for name, parts in topics])  # fmt: skip


@case(each={"version": (1, 2)})
def elected_twice(c: Context, version: Any) -> None:
    """ElectLeaders with one partition twice, alone and beside another."""
    t, u = c.topic(), c.topic("u")
    for note, topics in (
        ("alone", [(t, [0, 0])]),
        ("a topic twice", [(t, [0]), (t, [0])]),
        ("beside another", [(u, [0]), (t, [0, 0])]),
    ):
        c.open(note).send(
            "elect_leaders", version, note, _silent=True, timeout=1000, election_type=0,
            topic_partitions=[{"topic": name, "partitions": parts} for name, parts in topics],
        )  # fmt: skip


@case
def a_feature_lowered_by_version_0(c: Context) -> None:
    """UpdateFeatures 0, which can allow a downgrade."""
    for level in (0, 1):
        for is_allowed in (False, True):
            c.send(
                "update_features", 0, f"{level}, allowed: {is_allowed}", timeout=5000,
                feature_updates=[{"feature": "group.version", "max_version_level": level, "allow_downgrade": is_allowed}],
            )  # fmt: skip


@case(each={"version": (1, 2)})
def consumer_groups_switched_off(c: Context, version: Any) -> None:
    """UpdateFeatures, only looked at: group.version to 0 and to where it is, by each kind of update."""
    for level in (0, 1, 2, -1):
        for kind in (1, 2, 3):
            c.send(
                "update_features", version, f"{level} by {kind}", timeout=5000, validate_only=True,
                feature_updates=[{"feature": "group.version", "max_version_level": level, "upgrade_type": kind}],
            )  # fmt: skip
    for note, updates in (
        ("no, then yes", ((0, 1), (1, 2))), ("yes, then no", ((1, 2), (0, 1))), ("yes, yes", ((1, 1), (0, 3))), ("nonsense, then yes", ((7, 9), (0, 2))),
    ):  # fmt: skip
        c.send(
            "update_features", version, f"named twice: {note}", timeout=5000, validate_only=True,
            feature_updates=[{"feature": "group.version", "max_version_level": level, "upgrade_type": kind} for level, kind in updates],
        )  # fmt: skip


RR, RANGE = {"name": "rr", "metadata": b""}, {"name": "range", "metadata": b""}


def joined(c: Context, version: int, protocols: Any) -> None:
    """Join with these, by an id where one is given first; then what is known of the group."""
    g, conn = c.name("g"), c.open("member")
    got = join(c, g, note="first", version=version, protocols=protocols, conn=conn, _silent=True)
    if got["error_code"] == MEMBER_ID_REQUIRED:
        join(c, g, got["member_id"], "with an id", version=version, protocols=protocols, conn=conn, _silent=True)
    c.send("describe_groups", 5, groups=[g], include_authorized_operations=False, _pick=described)


@case
def a_protocol_twice(c: Context) -> None:
    """JoinGroup with one protocol, named twice; and what is known of the group then."""
    joined(c, 5, [RR, RR])


@case(each={"version": (0, 5)})
def a_protocol_twice_beside_another(c: Context, version: Any) -> None:
    """JoinGroup with two protocols, one of them named twice."""
    joined(c, version, [RR, RR, RANGE])
