"""KIP-848 groups: static members, subscriptions that change, positions by epoch, what mixes with the classic ones."""

from typing import Any

from tests.conformance.cases.consumer_groups import PAST_INTERVAL, A, B, beat, describe, join, made
from tests.conformance.cases.groups import alone, commit, fetch_offsets
from tests.conformance.cases.more_admin import incremental
from tests.conformance.suite.case import case
from tests.conformance.suite.context import Context

C = "CCCCCCCCCCCCCCCCCCCCCC"
ABSENT_ID = "11111111-2222-3333-4444-555555555555"


def mine(c: Context, topic: str, *partitions: int) -> Any:
    return [{"topic_id": c.ids[topic], "partitions": list(partitions)}]


@case
def static_members(c: Context) -> None:
    """Joins, leaves for a while (-2), is taken over by another id; in use; unknown instances."""
    g, t, i = c.name("g"), made(c, partitions=2), c.name("i")
    e = join(c, g, A, [t], "joins", instance_id=i)["member_epoch"]
    join(c, g, B, [t], "another with the same instance", instance_id=i)
    beat(c, g, A, e, "beats with it", instance_id=i)
    beat(c, g, A, e, "beats without")
    beat(c, g, A, e, "beats with another", instance_id="other")
    beat(c, g, A, -2, "leaves for a while", instance_id=i)
    describe(c, g)
    beat(c, g, A, e, "beats though it left", instance_id=i)
    e = join(c, g, B, [t], "another takes over", instance_id=i)["member_epoch"]
    describe(c, g)
    beat(c, g, B, e, "owns what it had", instance_id=i, owned=mine(c, t, 0, 1))
    beat(c, g, A, e, "the one before", instance_id=i)
    beat(c, g, A, -1, "the one before leaves", instance_id=i)
    beat(c, g, A, -2, "and for a while", instance_id=i)
    beat(c, g, C, -2, "an instance nobody has", instance_id="nobody")
    beat(c, g, B, -1, "leaves for good", instance_id=i)
    describe(c, g)


@case
def subscriptions(c: Context) -> None:
    """Changed, unknown topics, the same twice, none; the target follows."""
    g, (t, u) = c.name("g"), made(c, "t", "u")
    e = join(c, g, A, [t, t], "one twice")["member_epoch"]
    c.wait(PAST_INTERVAL)
    e = beat(c, g, A, e, "another, too", topics=[t, u])["member_epoch"]
    c.wait(PAST_INTERVAL)
    e = beat(c, g, A, e, "an unknown one, too", topics=[t, u, c.name("absent")])["member_epoch"]
    describe(c, g)
    c.wait(PAST_INTERVAL)
    e = beat(c, g, A, e, "only the unknown one", topics=[c.name("absent")])["member_epoch"]
    describe(c, g)
    e = beat(c, g, A, e, "owns nothing", owned=[])["member_epoch"]
    describe(c, g)
    beat(c, g, A, e, "an empty list", topics=[])
    beat(c, g, A, e, "an odd name", topics=["a b"])
    describe(c, g)


@case
def patterns(c: Context) -> None:
    """Topics by a regular expression (v1)."""
    g, (t, u) = c.name("g"), made(c, "one", "two")
    e = join(c, g, A, None, "a pattern", version=1, subscribed_topic_regex=t)["member_epoch"]
    got = beat(c, g, A, e, "after it was looked up", version=1, _until=lambda a: a["assignment"] is not None)
    describe(c, g, version=1)
    c.wait(PAST_INTERVAL)
    got = beat(c, g, A, got["member_epoch"], "names beside it", version=1, topics=[u])
    describe(c, g, version=1)
    beat(c, g, A, got["member_epoch"], "a bad one", version=1, subscribed_topic_regex="[")
    beat(c, g, A, got["member_epoch"], "an empty one", version=1, subscribed_topic_regex="")


@case
def two_members(c: Context) -> None:
    """The second gets what the first gives up; acknowledged step by step."""
    g, t = c.name("g"), made(c, partitions=2)
    e = join(c, g, A, [t], "the first")["member_epoch"]
    c.wait(PAST_INTERVAL)
    f = join(c, g, B, [t], "the second")["member_epoch"]
    describe(c, g, note="one to be given up")
    got = beat(c, g, A, e, "the first is told")
    kept = (got["assignment"] or {"topic_partitions": [{"partitions": [0, 1]}]})["topic_partitions"][0]["partitions"]
    beat(c, g, A, e, "the first keeps all", owned=mine(c, t, 0, 1))
    beat(c, g, B, f, "the second waits")
    e = beat(c, g, A, e, "the first gave it up", owned=mine(c, t, *kept))["member_epoch"]
    f = beat(c, g, B, f, "the second has it")["member_epoch"]
    describe(c, g, note="shared")
    beat(c, g, A, -1, "the first leaves")
    c.wait(PAST_INTERVAL)
    beat(c, g, B, f, "the second has all")
    describe(c, g)


@case(each={"assignor": ("uniform", "range")})
def assignors(c: Context, assignor: Any) -> None:
    """Three members, seven partitions, by each assignor."""
    g, t = c.name("g"), made(c, partitions=7)
    for member in (A, B, C):
        join(c, g, member, [t], version=1, server_assignor=assignor)
        c.wait(PAST_INTERVAL)
    describe(c, g, version=1)


@case
def another_assignor(c: Context) -> None:
    """A member may change its mind; most decide."""
    g, t = c.name("g"), made(c, partitions=2)
    e = join(c, g, A, [t], "uniform", server_assignor="uniform")["member_epoch"]
    c.wait(PAST_INTERVAL)
    e = beat(c, g, A, e, "range", server_assignor="range")["member_epoch"]
    describe(c, g)
    beat(c, g, A, e, "nonsense", server_assignor="nonsense")
    join(c, g, B, [t], "another, nonsense", server_assignor="nonsense")
    join(c, g, B, [t], "another, uniform", server_assignor="uniform")
    describe(c, g)


@case(each={"version": (2, 8, 9)})
def commits(c: Context, version: Any) -> None:
    """By epoch: right, before, after; unknown members; simple commits into a group that lives."""
    g, t = c.name("g"), made(c)
    e = join(c, g, A, [t])["member_epoch"]
    for note, epoch, member in (
        ("right", e, A),
        ("before", e - 1, A),
        ("after", e + 1, A),
        ("-1", -1, A),
        ("nobody", e, B),
        ("no member", e, ""),
        ("simple", -1, ""),
    ):
        commit(c, g, t, 5, note, generation=epoch, member=member, version=version)
    fetch_offsets(c, g, t)
    beat(c, g, A, -1, "leaves")
    commit(c, g, t, 6, "left", generation=e, member=A, version=version)
    commit(c, g, t, 7, "simple, nobody there", version=version)
    fetch_offsets(c, g, t)


@case(each={"version": (8, 9, 10)})
def positions(c: Context, version: Any) -> None:
    """OffsetFetch by a member and its epoch."""
    g, t = c.name("g"), made(c)
    e = join(c, g, A, [t])["member_epoch"]
    commit(c, g, t, 5, generation=e, member=A, version=9)
    fetch_offsets(c, g, t, "nobody's", version=version)
    if version >= 9:
        for note, member, epoch in (
            ("right", A, e),
            ("before", A, e - 1),
            ("after", A, e + 1),
            ("-1", A, -1),
            ("nobody", B, e),
            ("empty", "", e),
            ("null", None, e),
        ):
            fetch_offsets(c, g, t, note, version=version, member=member, epoch=epoch)


@case
def administered(c: Context) -> None:
    """Listed, described the old way, deleted, positions deleted."""
    g, (t, u) = c.name("g"), made(c, "t", "u")
    join(c, g, A, [t])

    def listed(note: str, version: int = 5, **how: Any) -> None:
        c.send(
            "list_groups",
            version,
            note,
            _pick=lambda a: dict(a, groups=[x for x in a["groups"] if x["group_id"] == g]),
            **how,
        )

    for version in (0, 3, 4, 5):
        listed(f"v{version}", version)
    for states in (["Stable"], ["stable"], ["Assigning"], ["Reconciling"], ["Empty"]):
        listed(f"{states}", states_filter=states)
    for types in (["consumer"], ["Consumer"], ["classic"]):
        listed(f"{types}", types_filter=types)
    for version in (0, 5, 6):
        c.send("describe_groups", version, f"v{version}", groups=[g])
    c.send("delete_groups", 2, "it lives", groups_names=[g])
    c.send(
        "offset_delete",
        0,
        "subscribed",
        group_id=g,
        topics=[
            {"name": t, "partitions": [{"partition_index": 0}]},
            {"name": u, "partitions": [{"partition_index": 0}]},
        ],
    )
    beat(c, g, A, -1, "leaves")
    listed("empty")
    c.send("describe_groups", 6, "empty", groups=[g])
    c.send("delete_groups", 2, "empty", groups_names=[g])
    describe(c, g)
    listed("gone")


@case(each={"version": (0, 1)})
def described(c: Context, version: Any) -> None:
    """Unknown, classic, twice, empty names, none, operations."""
    g, h, t = c.name("g"), c.name("classic"), made(c)
    alone(c, h)
    join(c, g, A, [t])
    describe(c, c.name("absent"), note="unknown", version=version)
    describe(c, h, note="classic", version=version)
    describe(c, "", note="empty name", version=version)
    describe(c, note="none", version=version)
    describe(c, g, g, note="twice", version=version)
    describe(c, g, h, c.name("absent"), note="three", version=version)
    describe(c, g, note="operations", version=version, include_authorized_operations=True)


@case
def what_a_member_owns(c: Context) -> None:
    """Partitions that it was not given, of topics that are not there, twice."""
    g, t = c.name("g"), made(c, partitions=2)
    e = join(c, g, A, [t])["member_epoch"]
    beat(c, g, A, e, "some", owned=mine(c, t, 0))
    beat(c, g, A, e, "none", owned=[])
    beat(c, g, A, e, "one it has not", owned=mine(c, t, 0, 1, 7))
    beat(c, g, A, e, "of an unknown topic", owned=[{"topic_id": ABSENT_ID, "partitions": [0]}])
    beat(c, g, A, e, "twice", owned=mine(c, t, 0, 0, 1))
    beat(c, g, A, e, "all", owned=mine(c, t, 0, 1))
    beat(c, g, A, e, "another rebalance timeout", rebalance=5000)
    beat(c, g, A, e, "rebalance timeout 0", rebalance=0)
    beat(c, g, A, e, "a rack", rack_id="x")
    describe(c, g)


@case
def topics_change(c: Context) -> None:
    """Partitions are added; the topic is deleted."""
    g, t = c.name("g"), made(c)
    e = join(c, g, A, [t])["member_epoch"]
    c.quiet(
        "create_partitions", 3, topics=[{"name": t, "count": 3, "assignments": None}], timeout=5000, validate_only=False
    )
    c.ready(t, 3)
    c.wait(PAST_INTERVAL)
    got = beat(c, g, A, e, "more partitions", _until=lambda a: a["member_epoch"] > e)
    describe(c, g)
    c.quiet("delete_topics", 6, topics=[{"name": t}], timeout=5000)
    c.settled()
    c.wait(PAST_INTERVAL)
    got = beat(c, g, A, got["member_epoch"], "no topic", _until=lambda a: a["assignment"] is not None)
    describe(c, g)
    beat(c, g, A, got["member_epoch"], "owns nothing", owned=[])


@case
def settings_of_the_group(c: Context) -> None:
    """consumer.heartbeat.interval.ms and session.timeout.ms of a group (KIP-1043)."""
    g, t = c.name("g"), made(c)
    incremental(c, "set", (32, g, [("consumer.heartbeat.interval.ms", 0, "7000")]))
    c.settled()
    c.wait(0.5)
    e = join(c, g, A, [t], "its heartbeat interval")["member_epoch"]
    incremental(c, "set again", (32, g, [("consumer.heartbeat.interval.ms", 0, "9000")]))
    c.settled()
    c.wait(0.5)
    beat(c, g, A, e, "a beat after it was changed", topics=[t])
    incremental(c, "deleted", (32, g, [("consumer.heartbeat.interval.ms", 1, None)]))
    c.settled()
    c.wait(0.5)
    beat(c, g, A, e, "a beat after it was deleted", topics=[t])
