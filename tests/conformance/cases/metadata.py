"""Metadata, DescribeTopicPartitions, DescribeCluster."""

from typing import Any

from tests.conformance.suite.case import case
from tests.conformance.suite.codec import NIL, versions
from tests.conformance.suite.context import Context

ABSENT_ID = "11111111-2222-3333-4444-555555555555"


def ask(c: Context, version: Any, topics: Any, note: Any = "", create: Any = False, **how: Any) -> Any:
    body = {"topics": topics}
    if version >= 4:
        body["allow_auto_topic_creation"] = create
    return c.send("metadata", version, note, **body, **how)


@case(each={"version": versions("metadata")})
def unknown_topic(c: Context, version: Any) -> None:
    """An unknown name without creation (v0 to v3 always create: only the first error is of interest)."""
    ask(c, version, [{"name": c.name("absent")}])


@case(each={"version": (10, 11, 12, 13)})
def by_id(c: Context, version: Any) -> None:
    """Topic ids: known, unknown, nil; a name beside an id. (Ids are honoured from v12.)"""
    t = c.topic()
    ask(c, version, [{"topic_id": c.ids[t], "name": None}], "known id", _silent=True)
    c._main = None
    ask(c, version, [{"topic_id": ABSENT_ID, "name": None}], "unknown id", _silent=True)
    c._main = None
    ask(c, version, [{"topic_id": str(NIL), "name": None}], "nil id, no name", _silent=True)
    c._main = None
    ask(c, version, [{"topic_id": c.ids[t], "name": t}], "id and name", _silent=True)
    c._main = None
    ask(c, version, [{"topic_id": ABSENT_ID, "name": t}], "unknown id and a known name", _silent=True)
    c._main = None
    ask(
        c,
        version,
        [{"topic_id": c.ids[t], "name": None}, {"topic_id": str(NIL), "name": t}],
        "one by id, one by name",
        _silent=True,
    )


@case
def deleted_topic(c: Context) -> None:
    """Deleted and made again: another id."""
    t = c.topic()
    old = c.ids[t]
    c.send("delete_topics", 6, topics=[{"name": t}], timeout=5000)
    c.send(
        "metadata",
        12,
        topics=[{"name": t}],
        allow_auto_topic_creation=False,
        _until=lambda a: a["topics"][0]["error_code"] == 3,
    )
    c.topic()
    ask(c, 12, [{"topic_id": old, "name": None}], "the old id")
    ask(c, 12, [{"name": t}], "by name")


@case(brokers=3)
def three_brokers(c: Context) -> None:
    """Manual assignment, as three brokers tell it."""
    a, b, d = sorted(c.brokers)
    t = c.topic(assignment=[[a, b, d], [b, d, a], [d, a, b]], min_insync_replicas=1)
    for i, node in enumerate((a, b, d)):
        conn = c.open(f"broker {i + 1}", node=node)
        for version in (1, 5, 12):
            conn.send("metadata", version, topics=[{"name": t}], _hide=("controller_id",))
        conn.send("describe_topic_partitions", 0, topics=[{"name": t}], response_partition_limit=100, cursor=None)
    c.send("describe_cluster", 1, _hide=("controller_id",))
