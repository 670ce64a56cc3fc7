"""Topics and their settings: what is refused, and how; names, counts, assignments, values."""

from typing import Any

from tests.conformance.cases.admin import create, exists, new
from tests.conformance.suite.case import case
from tests.conformance.suite.codec import NIL, versions
from tests.conformance.suite.context import Context

ABSENT_ID = "11111111-2222-3333-4444-555555555555"
LONG = "x" * 250

BAD_VALUES = (
    ("retention.ms", "-1"), ("retention.ms", "-2"), ("retention.ms", "x"), ("retention.ms", ""), ("retention.ms", "1.5"),
    ("retention.ms", " 1000 "), ("retention.ms", "+5"), ("retention.ms", "9223372036854775807"),
    ("retention.ms", "9223372036854775808"), ("retention.bytes", "-1"), ("retention.bytes", "-5"),
    ("cleanup.policy", "compact"), ("cleanup.policy", "compact,delete"), ("cleanup.policy", "delete, compact"),
    ("cleanup.policy", ""), ("cleanup.policy", "nonsense"), ("cleanup.policy", "delete,delete"),
    ("compression.type", "gzip"), ("compression.type", "GZIP"), ("compression.type", "nonsense"), ("compression.type", ""),
    ("min.insync.replicas", "0"), ("min.insync.replicas", "1"), ("min.insync.replicas", "99"), ("min.insync.replicas", "-1"),
    ("max.message.bytes", "0"), ("max.message.bytes", "-1"), ("max.message.bytes", "2147483648"),
    ("segment.bytes", "1"), ("segment.bytes", "13"), ("segment.bytes", "1048576"), ("segment.bytes", "1048575"),
    ("segment.ms", "0"), ("segment.ms", "1"), ("message.timestamp.type", "LogAppendTime"),
    ("message.timestamp.type", "logappendtime"), ("message.timestamp.type", "Nonsense"),
    ("min.cleanable.dirty.ratio", "0.5"), ("min.cleanable.dirty.ratio", "1.5"), ("min.cleanable.dirty.ratio", "-0.1"),
    ("min.cleanable.dirty.ratio", "x"), ("unclean.leader.election.enable", "true"), ("preallocate", "TRUE"),
    ("preallocate", "yes"), ("preallocate", ""), ("preallocate", " true"), ("flush.messages", "0"), ("flush.messages", "1"),
    ("file.delete.delay.ms", "-1"), ("delete.retention.ms", "-1"), ("min.compaction.lag.ms", "-1"),
    ("max.compaction.lag.ms", "0"), ("max.compaction.lag.ms", "1"), ("index.interval.bytes", "-1"),
    ("segment.index.bytes", "3"), ("segment.index.bytes", "4"), ("segment.jitter.ms", "-1"),
    ("message.timestamp.before.max.ms", "-1"), ("message.timestamp.after.max.ms", "0"),
    ("message.timestamp.difference.max.ms", "1"), ("message.format.version", "3.0"), ("message.downconversion.enable", "false"),
    ("leader.replication.throttled.replicas", "*"), ("leader.replication.throttled.replicas", "0:1"),
    ("leader.replication.throttled.replicas", "x"), ("follower.replication.throttled.replicas", ""),
    ("compression.gzip.level", "9"), ("compression.gzip.level", "10"), ("compression.gzip.level", "0"),
    ("compression.gzip.level", "-1"), ("compression.lz4.level", "0"), ("compression.lz4.level", "18"),
    ("compression.zstd.level", "22"), ("compression.zstd.level", "23"), ("compression.zstd.level", "-131073"),
    ("remote.storage.enable", "false"), ("remote.storage.enable", "true"), ("local.retention.ms", "-2"),
    ("local.retention.ms", "-3"), ("local.retention.bytes", "5"), ("remote.log.copy.disable", "true"),
    ("remote.log.delete.on.disable", "true"), ("flush.ms", "-1"), ("nonsense", "1"), ("", "1"), ("Retention.ms", "1"),
)  # fmt: skip


def codes(answer: Any) -> Any:
    """Of many topics: what became of each."""
    return {"topics": [{key: one[key] for key in ("name", "error_code", "error_message")} for one in answer["topics"]]}


@case
def create_with_values(c: Context) -> None:
    """One topic a value, validated only; what is taken, and what not."""
    for number, (name, value) in enumerate(BAD_VALUES):
        wanted = new(c.name(f"t{number}"), configs=[(name, value)])
        c.send(
            "create_topics", 7, f"{name}={value}", topics=[wanted], timeout=5000, validate_only=True, _pick=codes
        )  # fmt: skip


@case
def set_values(c: Context) -> None:
    """The same of a topic that is there, by IncrementalAlterConfigs, validated only."""
    t = c.topic()
    for name, value in BAD_VALUES:
        incremental(c, f"{name}={value}", (2, t, [(name, 0, value)]), validate=True)


@case
def replace_values(c: Context) -> None:
    """The same by AlterConfigs, validated only."""
    t = c.topic()
    for name, value in BAD_VALUES:
        replaced(c, f"{name}={value}", (2, t, [(name, value)]), validate=True)


@case
def several_wrong_values(c: Context) -> None:
    """Settings that contradict each other; one right and one wrong; a null; one twice."""
    t = c.name("t")
    create(c, new(t, configs=[("retention.ms", "1"), ("nonsense", "1")]), note="one right, one wrong")
    create(c, new(t, configs=[("min.compaction.lag.ms", "10"), ("max.compaction.lag.ms", "5")]), note="lags crossed")
    create(c, new(t, configs=[("local.retention.ms", "10"), ("retention.ms", "5")]), note="local beyond all")
    create(c, new(t, configs=[("retention.ms", None)]), note="null")
    create(c, new(t, configs=[("retention.ms", "1"), ("retention.ms", "2")]), note="twice", validate=True)
    exists(c, t)


@case(each={"version": (2, 4, 5, 7)})
def create_odd_names(c: Context, version: Any) -> None:
    """Names that no topic may have, and some it may."""
    for name in ("", ".", "..", "a b", "a/b", "é", LONG, "a:b", "a\0b", "a\n"):
        create(c, new(name), version=version, note=f"{name[:8]!r}")
    create(c, new("__consumer_offsets"), version=version, note="internal")
    create(c, new("__cluster_metadata"), version=version, note="the metadata log")
    create(c, new("__transaction_state", 3), version=version, note="internal, of transactions", validate=True)


@case(each={"version": (2, 4, 5, 7)})
def create_odd_counts(c: Context, version: Any) -> None:
    """Partitions and factors that cannot be."""
    t = c.name("t")
    for partitions, replicas in (
        (0, 1),
        (-2, 1),
        (1, 0),
        (1, -2),
        (1, 2),
        (1, 32767),
        (-1, 1),
        (1, -1),
        (0, 0),
        (0, 9),
    ):
        create(c, new(t, partitions, replicas), version=version, note=f"{partitions} x {replicas}", validate=True)


@case(each={"version": (2, 5, 7)})
def create_assigned(c: Context, version: Any) -> None:
    """Assignments: good, odd, contradicting the counts."""
    (node,) = c.brokers
    for note, partitions, replicas, given in (
        ("one", -1, -1, [(0, [node])]), ("two", -1, -1, [(0, [node]), (1, [node])]), ("not from 0", -1, -1, [(1, [node])]),
        ("a gap", -1, -1, [(0, [node]), (2, [node])]), ("twice", -1, -1, [(0, [node]), (0, [node])]),
        ("unknown broker", -1, -1, [(0, [99])]), ("a broker twice", -1, -1, [(0, [node, node])]),
        ("nobody", -1, -1, [(0, [])]), ("of different lengths", -1, -1, [(0, [node]), (1, [node, 99])]),
        ("count, too", 1, -1, [(0, [node])]), ("factor, too", -1, 1, [(0, [node])]), ("both, too", 1, 1, [(0, [node])]),
        ("negative broker", -1, -1, [(0, [-1])]), ("in another order", -1, -1, [(1, [node]), (0, [node])]),
        ("negative partition", -1, -1, [(-1, [node])]),
    ):  # fmt: skip
        create(c, new(c.name("t"), partitions, replicas, given), version=version, note=note, validate=True)


@case
def create_several(c: Context) -> None:
    """Twice in one request; colliding names; good beside bad; validated only."""
    t, u = c.name("t"), c.name("u")
    create(c, new(t), new(t), note="twice")
    create(c, new(t), new(t), new(u), note="twice, beside another", validate=True)
    create(c, new(u, 0), new(t), note="good beside bad")
    c.settled()
    create(c, new(t), new(c.name("v")), note="there already, beside a new one", validate=True)
    exists(c, c.name("v"))
    create(c, new(c.name("a.b")), note="dotted")
    c.settled()
    create(c, new(c.name("a_b")), note="collides")
    create(c, new(c.name("d.e")), new(c.name("d_e")), note="collide in one request")


@case(each={"version": versions("delete_topics")})
def delete(c: Context, version: Any) -> None:
    """Known, again, unknown, twice, none, odd names."""
    t, u, absent = c.topic("t"), c.topic("u"), c.name("absent")

    def go(note: str, *names: str, timeout: int = 5000) -> None:
        body: dict[str, Any] = (
            {"topics": [{"name": one} for one in names]} if version >= 6 else {"topic_names": list(names)}
        )
        c.send("delete_topics", version, note, timeout=timeout, **body)

    go("unknown", absent)
    go("unknown twice", absent, absent)
    go("known and unknown", t, absent)
    c.settled()
    go("again", t)
    go("twice", u, u)
    exists(c, u, "is it there still?")
    go("empty name", "")
    go("odd name", "a b")
    go("none")
    go("timeout 0", u, timeout=0)
    c.settled()
    exists(c, u)


@case
def delete_by_id(c: Context) -> None:
    """v6: by id; unknown, nil, with a name beside, twice."""
    t, u = c.topic("t"), c.topic("u")

    def go(note: str, *topics: Any) -> None:
        c.send(
            "delete_topics", 6, note, timeout=5000,
            topics=[{"name": name, "topic_id": one} for name, one in topics], _silent=True,
        )  # fmt: skip

    go("unknown id", (None, ABSENT_ID))
    go("nil id", (None, str(NIL)))
    go("a name and an id", (t, c.ids[t]))
    go("an id twice", (None, c.ids[t]), (None, c.ids[t]))
    go("by id and by name", (None, c.ids[u]), (u, str(NIL)))
    go("by id, beside an unknown one", (None, c.ids[t]), (None, ABSENT_ID))
    c.settled()
    go("again", (None, c.ids[t]))


@case(each={"version": (0, 1, 2)})
def elect_leaders(c: Context, version: Any) -> None:
    """On one broker there is nothing to elect."""
    t = c.topic(partitions=2)

    def go(note: str, topics: Any, kind: int = 0) -> None:
        how = {"election_type": kind} if version >= 1 else {}
        given = None if topics is None else [{"topic": name, "partitions": list(of)} for name, of in topics]
        hidden = ("replica_election_results",) if topics is None else ()
        c.send("elect_leaders", version, note, topic_partitions=given, timeout=5000, _silent=True, _hide=hidden, **how)

    go("one", [(t, [0])])
    go("both", [(t, [0, 1])])
    go("twice", [(t, [0, 0])])
    go("partition 9", [(t, [9])])
    go("partition -1", [(t, [-1])])
    go("unknown topic", [(c.name("absent"), [0])])
    go("empty name", [("", [0])])
    go("no partitions", [(t, [])])
    go("none", [])
    go("all", None)
    if version >= 1:
        go("unclean", [(t, [0])], kind=1)
        go("no such kind", [(t, [0])], kind=2)


@case
def describe_producers(c: Context) -> None:
    """Producers of a partition; unknown ones."""
    from tests.conformance.suite.shapes import init_pid

    t = c.topic()

    def go(note: str, *topics: Any) -> None:
        c.send("describe_producers", 0, note, topics=[{"name": n, "partition_indexes": p} for n, p in topics])

    go("nobody", (t, [0]))
    pid, epoch = init_pid(c)
    c.put(t, b"a", b"b", pid=pid, epoch=epoch, seq=0)
    go("one", (t, [0]))
    go("partition 7", (t, [7]))
    go("twice", (t, [0, 0]))
    go("unknown topic", (c.name("absent"), [0]))
    go("empty name", ("", [0]))
    go("odd name", ("a b", [0]))
    go("none")
    go("no partitions", (t, []))


@case(each={"version": versions("describe_quorum")})
def describe_quorum(c: Context, version: Any) -> None:
    """The quorum of the metadata log; other topics."""

    def shape(answer: Any) -> Any:
        return {
            "error_code": answer["error_code"],
            "topics": [
                {
                    "topic": t["topic_name"],
                    "partitions": [
                        {"partition": p["partition_index"], "error_code": p["error_code"],
                         "voters": len(p["current_voters"] or [])}
                        for p in t["partitions"]
                    ],
                }
                for t in answer["topics"]
            ],
        }  # fmt: skip

    for topic, partitions in (
        ("__cluster_metadata", [0]), ("__cluster_metadata", [1]), ("__cluster_metadata", []), ("nonsense", [0]), ("", [0]),
        ("__cluster_metadata", [0, 1]), ("__cluster_metadata", [0, 0]),
    ):  # fmt: skip
        c.send(
            "describe_quorum", version, f"{topic} {partitions}",
            topics=[{"topic_name": topic, "partitions": [{"partition_index": one} for one in partitions]}], _pick=shape,
        )  # fmt: skip
    c.send("describe_quorum", version, "none", topics=[], _pick=shape)


def incremental(c: Context, note: str, *resources: Any, validate: bool = False, version: int = 1) -> Any:
    """Each (type, name, [(setting, operation, value)])."""
    return c.send(
        "incremental_alter_configs", version, note, validate_only=validate, _silent=True,
        resources=[
            {"resource_type": kind, "resource_name": name,
             "configs": [{"name": key, "config_operation": how, "value": value} for key, how, value in configs]}
            for kind, name, configs in resources
        ],
    )  # fmt: skip


def replaced(c: Context, note: str, *resources: Any, validate: bool = False, version: int = 2) -> Any:
    """Each (type, name, [(setting, value)])."""
    return c.send(
        "alter_configs", version, note, validate_only=validate, _silent=True,
        resources=[
            {"resource_type": kind, "resource_name": name, "configs": [{"name": key, "value": value} for key, value in configs]}
            for kind, name, configs in resources
        ],
    )  # fmt: skip
