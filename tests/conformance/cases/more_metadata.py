"""Metadata, DescribeTopicPartitions and DescribeCluster: odd names, creation on the way, pages, operations."""

from typing import Any

from tests.conformance.cases.metadata import ABSENT_ID, ask
from tests.conformance.suite.case import case
from tests.conformance.suite.codec import NIL, versions
from tests.conformance.suite.context import Context

ODD_NAMES = ("", ".", "..", "a b", "a/b", "é", "x" * 249, "x" * 250, "a:b", "_", "-")


def of(*names: str) -> Any:
    return lambda answer: dict(
        answer, topics=[one for one in answer["topics"] if one.get("name") in names], brokers="<brokers>"
    )


@case(each={"version": versions("metadata")})
def made_on_the_way(c: Context, version: Any) -> None:
    """A name nobody has, with creation allowed; then the topic is there."""
    name = c.name("wanted")
    ask(
        c, version, [{"name": name}], "the first answer", create=True, _pick=lambda a: {"first": a["topics"][0]["name"]}
    )
    ask(
        c, version, [{"name": name}], "some time later", create=True,
        _until=lambda a: a["topics"][0]["error_code"] == 0,
    )  # fmt: skip


@case(each={"version": (1, 4, 9, 12)})
def odd_names(c: Context, version: Any) -> None:
    """Names that no topic may have, with and without creation."""
    for create in (False, True):
        for name in ODD_NAMES:
            if len(name) == 249 or name in {"_", "-"}:
                continue
            ask(c, version, [{"name": name}], f"{name[:8]!r}, creation {create}", create=create)


@case(each={"version": (0, 1, 5, 9, 12)})
def all_and_none(c: Context, version: Any) -> None:
    """Null means all (v1+), an empty list means all in v0 and none later."""
    t = c.topic(partitions=2)
    ask(c, version, [], "an empty list", _pick=of(t))
    if version >= 1:
        ask(c, version, None, "null", _pick=of(t))


@case(each={"version": (1, 8, 12)})
def the_same_twice(c: Context, version: Any) -> None:
    """A name twice; a known and an unknown one twice each."""
    t, absent = c.topic(), c.name("absent")
    ask(c, version, [{"name": t}, {"name": t}], "known")
    if version >= 4:
        ask(c, version, [{"name": absent}, {"name": absent}], "unknown")
        ask(c, version, [{"name": absent}, {"name": t}, {"name": absent}], "between")


@case
def ids_twice_and_mixed(c: Context) -> None:
    """Ids more than once; with unknown ones; with names in the same request."""
    t, u = c.topic("t"), c.topic("u")
    one, other = {"topic_id": c.ids[t], "name": None}, {"topic_id": c.ids[u], "name": None}
    absent = {"topic_id": ABSENT_ID, "name": None}
    ask(c, 12, [one, one], "an id twice", _silent=True)
    ask(c, 12, [one, other], "two ids", _silent=True)
    ask(c, 12, [absent, absent], "an unknown one twice", _silent=True)
    ask(c, 12, [one, absent], "known and unknown", _silent=True)
    ask(
        c,
        12,
        [{"topic_id": str(NIL), "name": t}, {"topic_id": str(NIL), "name": u}],
        "names with nil ids",
        _silent=True,
    )
    ask(c, 12, [one], "an id, creation allowed", create=True, _silent=True)
    ask(c, 12, [absent], "an unknown id, creation allowed", create=True, _silent=True)
    ask(c, 12, [{"topic_id": ABSENT_ID, "name": c.name("nobody")}], "unknown id and unknown name", _silent=True)


@case(each={"version": (8, 9, 10, 12, 13)})
def authorized_operations(c: Context, version: Any) -> None:
    """Operations, of the cluster in v8 to v10 and of topics from v8 on."""
    t = c.topic()
    ask(c, version, [{"name": t}], "of topics", include_topic_authorized_operations=True)
    ask(c, version, [{"name": c.name("absent")}], "of an unknown topic", include_topic_authorized_operations=True)
    if version <= 10:
        ask(c, version, [{"name": t}], "of the cluster", include_cluster_authorized_operations=True)


@case
def names_that_collide(c: Context) -> None:
    """A dot and an underscore are the same in metrics' names: creation on the way is refused."""
    dotted = c.topic("a.b")
    ask(c, 12, [{"name": dotted.replace(".", "_")}], "refused", create=True)
    ask(c, 12, [{"name": dotted.replace(".", "_")}], "not made")


@case
def internal_topic(c: Context) -> None:
    """The topic of groups' positions is an internal one."""
    for version in (0, 1, 9, 12):
        ask(
            c, version, [{"name": "__consumer_offsets"}],
            _pick=lambda a: {
                "topics": [
                    {k: v for k, v in t.items() if k not in {"partitions", "topic_id"}} | {"some": bool(t["partitions"])}
                    for t in a["topics"]
                ]
            },
        )  # fmt: skip


def pages(c: Context, note: str, *topics: str, limit: int = 2000, cursor: Any = None) -> Any:
    return c.send(
        "describe_topic_partitions", 0, note,
        topics=[{"name": name} for name in topics], response_partition_limit=limit, cursor=cursor, _silent=True,
    )  # fmt: skip


@case
def describe_topic_partitions_limits(c: Context) -> None:
    """How many partitions at once; where the next page begins."""
    a, b = c.topic("a", partitions=3), c.topic("b", partitions=2)
    for limit in (5, 4, 3, 2, 1, 0, -1):
        pages(c, f"limit {limit}", a, b, limit=limit)
    pages(c, "given in another order", b, a, limit=4)


@case
def describe_topic_partitions_cursor(c: Context) -> None:
    """From a place on: within, at the end, behind it, of an unknown topic, negative."""
    a, b, absent = c.topic("a", partitions=3), c.topic("b", partitions=2), c.name("aa")
    for name, index in (
        (a, 0),
        (a, 1),
        (a, 2),
        (a, 3),
        (b, 0),
        (b, 1),
        (b, 5),
        (absent, 0),
        (a, -1),
        (c.name("zz"), 0),
    ):
        pages(c, f"from {name} {index}", a, b, cursor={"topic_name": name, "partition_index": index})
    pages(c, "with a limit", a, b, cursor={"topic_name": a, "partition_index": 1}, limit=2)
    pages(c, "of a topic not asked for", b, cursor={"topic_name": a, "partition_index": 1})


@case
def describe_topic_partitions_names(c: Context) -> None:
    """Unknown, twice, odd ones."""
    t, absent = c.topic(), c.name("absent")
    pages(c, "unknown", absent)
    pages(c, "unknown beside a known one", absent, t)
    pages(c, "twice", t, t)
    pages(c, "unknown twice", absent, absent)
    for name in ODD_NAMES:
        pages(c, f"{name[:8]!r}", name)


@case(each={"version": versions("describe_cluster")})
def describe_cluster(c: Context, version: Any) -> None:
    """The kinds of endpoint, and the operations."""
    c.send("describe_cluster", version, "plainly", _hide=("controller_id",))
    c.send("describe_cluster", version, "operations", include_cluster_authorized_operations=True)
    if version >= 1:
        for kind in (0, 1, 2, 3, -1):
            c.send("describe_cluster", version, f"endpoint type {kind}", endpoint_type=kind)
    if version >= 2:
        c.send("describe_cluster", version, "fenced ones, too", include_fenced_brokers=True)
