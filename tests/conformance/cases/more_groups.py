"""Classic groups: static members, wrong generations, commits and positions of every kind, what is deleted."""

from typing import Any

from tests.conformance.cases.groups import (
    PROTOCOLS,
    alone,
    beat,
    commit,
    fetch_offsets,
    join,
    nameless,
    subscription,
    sync,
)
from tests.conformance.suite.case import case
from tests.conformance.suite.codec import NIL, versions
from tests.conformance.suite.context import Context

ABSENT_ID = "11111111-2222-3333-4444-555555555555"


def leave(c: Context, group: str, *members: Any, note: str = "", version: int = 5, conn: Any = None) -> Any:
    """Each (member id, instance id)."""
    given = [{"member_id": m, "group_instance_id": i} for m, i in members]
    return (conn or c.main).send("leave_group", version, note, group_id=group, members=given)


@case(each={"version": versions("heartbeat")})
def heartbeats(c: Context, version: Any) -> None:
    """Wrong generations, members, groups; while a rebalance is under way."""
    g = c.name("g")
    beat(c, g, 1, "nobody", "unknown group", version=version)
    m, n = alone(c, g)
    for generation in (n, n - 1, n + 1, -1, 0):
        beat(c, g, generation, m, f"generation {generation}", version=version)
    beat(c, g, n, "nobody", "unknown member", version=version)
    beat(c, g, n, "", "empty member", version=version)
    beat(c, "", n, m, "empty group", version=version)
    if version >= 3:
        beat(c, g, n, m, "an instance nobody has", version=version, group_instance_id="i")


@case(each={"version": versions("sync_group")})
def syncs(c: Context, version: Any) -> None:
    """Wrong generations, members, protocols; again; without assignments; for members nobody knows."""
    g = c.name("g")
    extra = {"protocol_type": "consumer", "protocol_name": "range"} if version >= 5 else {}
    sync(c, g, 1, "nobody", note="unknown group", version=version, **extra)
    m, n = alone(c, g)
    for generation in (n - 1, n + 1, -1):
        sync(c, g, generation, m, note=f"generation {generation}", version=version, **extra)
    sync(c, g, n, "nobody", note="unknown member", version=version, **extra)
    sync(c, "", n, m, note="empty group", version=version, **extra)
    sync(c, g, n, m, [(m, b"other")], "again, another assignment", version=version, **extra)
    sync(c, g, n, m, note="again, without", version=version, **extra)
    if version >= 5:
        for kind, name in (
            ("consumer", "rr"),
            ("connect", "range"),
            (None, None),
            ("consumer", None),
            (None, "range"),
            ("", ""),
        ):
            sync(c, g, n, m, note=f"{kind}, {name}", version=version, protocol_type=kind, protocol_name=name)
    got = join(c, g, m, "the leader again", protocols=[{"name": "range", "metadata": subscription(data=b"x")}])
    sync(c, g, got["generation_id"], m, [("nobody", b"a")], "for a member nobody knows", version=version, **extra)


@case(each={"version": versions("leave_group")})
def leaves(c: Context, version: Any) -> None:
    """Unknown groups and members, twice, none."""
    g = c.name("g")
    if version < 3:
        c.send("leave_group", version, "unknown group", group_id=g, member_id="nobody")
        m, _ = alone(c, g)
        for note, group, member in (
            ("unknown member", g, "nobody"),
            ("empty member", g, ""),
            ("empty group", "", m),
            ("good", g, m),
            ("again", g, m),
        ):
            c.send("leave_group", version, note, group_id=group, member_id=member)
        return
    leave(c, g, ("nobody", None), note="unknown group", version=version)
    m, _ = alone(c, g)
    leave(c, g, note="none", version=version)
    leave(c, "", (m, None), note="empty group", version=version)
    leave(c, g, ("nobody", None), note="unknown member", version=version)
    leave(c, g, ("", "i"), note="unknown instance", version=version)
    leave(c, g, (m, "i"), note="the member and an unknown instance", version=version)
    leave(c, g, ("nobody", None), (m, None), note="unknown and known", version=version)
    leave(c, g, (m, None), note="again", version=version)
    h = c.name("h")
    m, _ = alone(c, h)
    leave(c, h, (m, None), (m, None), note="twice in one request", version=version)


def join_static(c: Context, group: str, instance: str, note: str = "", member: str = "", **how: Any) -> Any:
    return join(c, group, member, note, instance=instance, **how)


@case(each={"version": (5, 7, 9)})
def static_member(c: Context, version: Any) -> None:
    """A static member joins, is replaced by its like, and the one before is fenced."""
    g, i = c.name("g"), "inst"
    extra = {"protocol_type": "consumer", "protocol_name": "range"} if version >= 7 else {}
    of = {"version": 5 if version >= 7 else 3, **extra}
    got = join_static(c, g, i, "first", version=version)
    m, n = got["member_id"], got["generation_id"]
    sync(c, g, n, m, [(m, b"all")], group_instance_id=i, **of)
    beat(c, g, n, m, "with its instance", group_instance_id=i)
    beat(c, g, n, m, "without")
    beat(c, g, n, m, "another instance", group_instance_id="other")
    beat(c, g, n, "nobody", "its instance, another member", group_instance_id=i)
    beat(c, g, n, "", "its instance, no member", group_instance_id=i)
    again = join_static(c, g, i, "replaced", version=version)
    k, o = again["member_id"], again["generation_id"]
    beat(c, g, n, m, "the one before", group_instance_id=i)
    sync(c, g, o, m, note="the one before syncs", group_instance_id=i, **of)
    commit(c, g, c.topic(), 1, "the one before commits", generation=o, member=m, instance=i)
    join_static(c, g, i, "the one before joins", member=m, version=version)
    sync(c, g, o, k, note="the new one syncs", group_instance_id=i, **of)
    beat(c, g, o, k, "the new one", group_instance_id=i)
    c.send("describe_groups", 5, groups=[g])
    leave(c, g, (m, i), note="the one before leaves")
    leave(c, g, ("", i), note="by its instance")
    c.send("describe_groups", 5, groups=[g])


@case
def static_member_changes(c: Context) -> None:
    """A static member that comes again with other metadata, or as a follower; unknown member ids."""
    g, i = c.name("g"), "i"
    join_static(c, c.name("h"), i, "an id in an unknown group", member="made-up")
    got = join_static(c, g, i)
    m, n = got["member_id"], got["generation_id"]
    sync(c, g, n, m, [(m, b"all")], group_instance_id=i)
    join_static(c, g, i, "an unknown id", member="made-up")
    again = join_static(c, g, i, "other metadata", protocols=[{"name": "range", "metadata": subscription(data=b"new")}])
    sync(c, g, again["generation_id"], again["member_id"], [(again["member_id"], b"new")], group_instance_id=i)
    again = join_static(c, g, i, "other protocols", protocols=[{"name": "rr", "metadata": subscription(data=b"new")}])
    sync(c, g, again["generation_id"], again["member_id"], [(again["member_id"], b"rr")], group_instance_id=i)
    leave(c, g, ("", i), ("", "nobody"), note="by instances")
    join_static(c, c.name("k"), "", "an empty instance")


@case(each={"version": versions("offset_commit")})
def commits(c: Context, version: Any) -> None:
    """Simple commits: offsets, metadata, unknown topics and partitions, several at once."""
    g, t = c.name("g"), c.topic(partitions=2)
    for offset in (0, 5, -1, -2, 9223372036854775807):
        commit(c, g, t, offset, f"offset {offset}", version=version)
        fetch_offsets(c, g, t)
    for metadata in ("", "x", None, "x" * 4096, "x" * 4097):
        commit(c, g, t, 1, f"{len(metadata or '')} of metadata", version=version, metadata=metadata)
    commit(c, g, t, 1, "partition 7", version=version, partition=7)
    commit(c, g, t, 1, "partition -1", version=version, partition=-1)
    commit(c, g, ABSENT_ID if version >= 10 else c.name("absent"), 1, "unknown topic", version=version)
    commit(c, g, str(NIL) if version >= 10 else "", 1, "nil or empty", version=version)
    commit(c, "", t, 1, "empty group", version=version)
    commit(c, g, t, 1, "a generation", version=version, generation=3)
    commit(c, g, t, 1, "a member", version=version, member="nobody")
    commit(c, g, t, 1, "a generation and a member", version=version, generation=3, member="nobody")
    if version >= 6:
        commit(c, g, t, 1, "epoch 7", version=version, epoch=7)
    if version >= 7:
        commit(c, g, t, 1, "an instance", version=version, instance="i")
    if version <= 4:
        commit(c, g, t, 1, "retention", version=version, retention=5)
    fetch_offsets(c, g, t, partitions=(0, 1, 7))
    commit(c, c.name("new"), t, 1, "a generation, unknown group", version=version, generation=3, member="nobody")


@case(each={"version": (2, 7, 8, 9)})
def commits_twice_and_mixed(c: Context, version: Any) -> None:
    """A partition twice, a topic twice, good beside bad, none."""
    g, t = c.name("g"), c.topic(partitions=2)

    def go(note: str, *topics: Any) -> None:
        c.send(
            "offset_commit", version, note, group_id=g, generation_id_or_member_epoch=-1, member_id="",
            topics=[
                {"name": n, "partitions": [{"partition_index": i, "committed_offset": at, "committed_metadata": word} for i, at, word in parts]}
                for n, parts in topics
            ],
        )  # fmt: skip

    go("twice", (t, [(0, 1, ""), (0, 2, "")]))
    fetch_offsets(c, g, t)
    go("a topic twice", (t, [(0, 3, "")]), (t, [(1, 4, "")]))
    go("good and bad", (t, [(0, 5, ""), (9, 1, ""), (1, 6, "x" * 5000)]), (c.name("absent"), [(0, 1, "")]))
    fetch_offsets(c, g, t, partitions=(0, 1))
    go("none")


@case
def commits_of_members(c: Context) -> None:
    """Members: right and wrong generations; simple commits into a group that lives."""
    g, t = c.name("g"), c.topic()
    m, n = alone(c, g)
    for version in (2, 5, 8, 9):
        commit(c, g, t, 1, f"v{version}, right", generation=n, member=m, version=version)
        commit(c, g, t, 1, "generation before", generation=n - 1, member=m, version=version)
        commit(c, g, t, 1, "generation after", generation=n + 1, member=m, version=version)
        commit(c, g, t, 1, "generation -1", generation=-1, member=m, version=version)
        commit(c, g, t, 1, "unknown member", generation=n, member="nobody", version=version)
        commit(c, g, t, 1, "simple", version=version)
    leave(c, g, (m, None))
    commit(c, g, t, 1, "left, with its generation", generation=n, member=m)
    commit(c, g, t, 7, "left, simple")
    fetch_offsets(c, g, t)


@case(each={"version": range(1, 8)})
def positions(c: Context, version: Any) -> None:
    """OffsetFetch, one group: unknown groups, topics, partitions; all; none; twice."""
    g, t = c.name("g"), c.topic(partitions=2)
    fetch_offsets(c, g, t, "unknown group", version=version)
    commit(c, g, t, 5, metadata="word", epoch=0)
    fetch_offsets(c, g, t, "both", version=version, partitions=(0, 1))
    fetch_offsets(c, g, t, "partition 9", version=version, partitions=(9, -1))
    fetch_offsets(c, g, t, "twice", version=version, partitions=(0, 0))
    fetch_offsets(c, g, t, "no partitions", version=version, partitions=())
    fetch_offsets(c, g, c.name("absent"), "unknown topic", version=version)
    fetch_offsets(c, g, "", "empty topic", version=version)
    fetch_offsets(c, "", t, "empty group", version=version)
    more = {"require_stable": True} if version >= 7 else {}
    if version >= 2:
        c.send("offset_fetch", version, "all", group_id=g, topics=None, **more)
        c.send("offset_fetch", version, "all of an unknown group", group_id=c.name("h"), topics=None, **more)
    c.send("offset_fetch", version, "none", group_id=g, topics=[], **more)


@case(each={"version": (8, 9, 10)})
def positions_of_several(c: Context, version: Any) -> None:
    """OffsetFetch, several groups: unknown ones, one twice, none, ids."""
    g, h, t = c.name("g"), c.name("h"), c.topic(partitions=2)
    commit(c, g, t, 5, metadata="word", epoch=0)
    where = {"topic_id": c.ids[t]} if version >= 10 else {"name": t}
    odd = {"topic_id": ABSENT_ID} if version >= 10 else {"name": c.name("absent")}
    nil = {"topic_id": str(NIL)} if version >= 10 else {"name": ""}

    def go(note: str, *groups: Any, **how: Any) -> None:
        c.send(
            "offset_fetch", version, note, **how,
            groups=[{"group_id": n, "topics": None if tp is None else [{**x, "partition_indexes": p} for x, p in tp]} for n, tp in groups],
        )  # fmt: skip

    go("none")
    go("one", (g, [(where, [0, 1])]))
    go("all of it", (g, None))
    go("all of it, stable", (g, None), require_stable=True)
    go("two", (g, [(where, [0])]), (h, [(where, [0])]))
    go("one twice", (g, [(where, [0])]), (g, [(where, [1])]))
    go("no topics", (g, []))
    go("no partitions", (g, [(where, [])]))
    go("a partition twice", (g, [(where, [0, 0])]))
    go("a topic twice", (g, [(where, [0]), (where, [1])]))
    go("an unknown topic", (g, [(odd, [0])]))
    go("an unknown topic beside", (g, [(odd, [0]), (where, [0])]))
    go("nil or empty", (g, [(nil, [0])]))
    go("an empty group", ("", [(where, [0])]))
    go("partition 9", (g, [(where, [9])]))
    go("unknown, all", (h, None))
    if version >= 9:
        for member, epoch in (("nobody", -1), ("nobody", 5), (None, 5), ("", -1), ("", 0)):
            fetch_offsets(c, g, t, f"member {member!r}, epoch {epoch}", version=version, member=member, epoch=epoch)
            fetch_offsets(
                c, h, t, f"unknown group, member {member!r}, epoch {epoch}", version=version, member=member, epoch=epoch
            )
        m, n = alone(c, h)
        fetch_offsets(c, h, t, "a classic member", version=version, member=m, epoch=n)
        fetch_offsets(c, h, t, "a wrong generation", version=version, member=m, epoch=n + 1)


@case
def positions_of_a_deleted_topic(c: Context) -> None:
    """Positions go with their topic."""
    g, t, u = c.name("g"), c.topic("t"), c.topic("u")
    commit(c, g, t, 5)
    commit(c, g, u, 6)
    c.quiet("delete_topics", 6, topics=[{"name": t}], timeout=5000)
    c.settled()
    c.wait(1.0)
    fetch_offsets(c, g, t)
    c.send("offset_fetch", 8, "all", groups=[{"group_id": g, "topics": None}])


@case
def offset_delete(c: Context) -> None:
    """Positions deleted: unknown groups and topics, of groups that live and subscribe."""
    g, t, u = c.name("g"), c.topic("t", partitions=2), c.topic("u")

    def go(note: str, group: str, *topics: Any) -> None:
        c.send(
            "offset_delete",
            0,
            note,
            group_id=group,
            topics=[{"name": n, "partitions": [{"partition_index": i} for i in p]} for n, p in topics],
        )

    go("unknown group", g, (t, [0]))
    commit(c, g, t, 5)
    go("partition without", g, (t, [1]))
    go("partition 9", g, (t, [9]))
    go("unknown topic", g, (c.name("absent"), [0]))
    go("unknown beside known", g, (c.name("absent"), [0]), (t, [0]))
    fetch_offsets(c, g, t)
    go("again", g, (t, [0]))
    commit(c, g, t, 5)
    go("twice", g, (t, [0, 0]))
    go("none", g)
    go("no partitions", g, (t, []))
    go("empty group", "", (t, [0]))
    h = c.name("h")
    first = c.main.quiet("join_group", 5, group_id=h, session_timeout=30000, rebalance_timeout=30000, member_id="",
                         protocol_type="consumer", protocols=[{"name": "range", "metadata": subscription(t)}])  # fmt: skip
    got = join(c, h, first["member_id"], protocols=[{"name": "range", "metadata": subscription(t)}])
    go("while it joins", h, (t, [0]), (u, [0]))
    sync(c, h, got["generation_id"], got["member_id"], [(got["member_id"], b"")])
    go("subscribed, and not", h, (t, [0]), (u, [0]))
    k = c.name("k")
    alone(c, k, kind="connect")
    go("another protocol type", k, (t, [0]))
    c.send("describe_groups", 5, groups=[g])


@case(each={"version": versions("delete_groups")})
def delete_groups(c: Context, version: Any) -> None:
    """Unknown, empty, living, twice, none; then it is gone."""
    g, h, t = c.name("g"), c.name("h"), c.topic()

    def go(note: str, *groups: str) -> None:
        c.send("delete_groups", version, note, groups_names=list(groups))

    go("unknown", g)
    commit(c, g, t, 5)
    alone(c, h)
    go("living", h)
    go("empty, with positions, and living", g, h)
    go("again", g)
    fetch_offsets(c, g, t)
    commit(c, g, t, 5)
    go("twice", g, g)
    go("none")
    nameless(c, t)
    go("empty name", "")
    c.send("describe_groups", 5, groups=[g])
    k = c.name("pending")
    join(c, k, "")
    go("a pending member", k)
    m, _ = alone(c, c.name("left"))
    leave(c, c.name("left"), (m, None))
    go("everybody left", c.name("left"))


@case
def three_members_and_a_leader_that_leaves(c: Context) -> None:
    """The leader leaves: another one leads; protocols are voted for."""
    g = c.name("g")
    conns = [c.open(f"member {i}") for i in (1, 2)]
    a, n = alone(c, g)
    b = join(c, g, "", conn=conns[0])["member_id"]
    waiting = join(c, g, b, conn=conns[0], post=True, protocols=PROTOCOLS[::-1])
    waiting.nothing_yet("waits for the first")
    leave(c, g, (a, None), note="the leader leaves", conn=c.open("beside"))
    got = waiting.answer("the second leads")
    sync(c, g, got["generation_id"], b, [(b, b"all")], conn=conns[0])
    beat(c, g, n, a, "the first is gone")
    beat(c, g, got["generation_id"], b, "the second")


@case
def protocols_voted_for(c: Context) -> None:
    """What all have, by the order of most."""
    g = c.name("g")
    a, _ = alone(c, g)
    two = c.open("second")
    b = join(c, g, "", conn=two)["member_id"]
    waiting = join(c, g, b, conn=two, post=True, protocols=[{"name": "sticky", "metadata": b"s"}, PROTOCOLS[1]])
    join(c, g, a, "the first again")
    waiting.answer("the second")
    join(c, g, "", "nothing in common", protocols=[PROTOCOLS[0]])


@case
def odd_joins(c: Context) -> None:
    """Long names, many protocols, one twice, the same member in two groups, generations go on."""
    g = c.name("g")
    join(c, "x" * 3000, "", "a long group")
    join(c, " ", "", "a blank group")
    join(c, g, "", "a protocol twice", protocols=[PROTOCOLS[0], PROTOCOLS[0]])
    join(c, g, "", "an empty protocol name", protocols=[{"name": "", "metadata": b""}])
    join(c, g, "", "an odd type", kind="nonsense")
    m, n = alone(c, g)
    leave(c, g, (m, None))
    k, o = alone(c, g)
    beat(c, g, o, k, f"generation {o - n} later")
    for version in (0, 3):
        join(c, c.name(f"h{version}"), "", f"v{version}, at once", version=version)


@case
def rebalance_timeout(c: Context) -> None:
    """A member that does not come back within the rebalance timeout is out."""
    g = c.name("g")
    body: Any = {
        "group_id": g,
        "session_timeout": 30000,
        "rebalance_timeout": 700,
        "protocol_type": "consumer",
        "protocols": PROTOCOLS,
    }
    first = c.main.quiet("join_group", 5, member_id="", **body)["member_id"]
    n = c.main.quiet("join_group", 5, member_id=first, **body)["generation_id"]
    sync(c, g, n, first, [(first, b"all")])
    two = c.open("second")
    other = join(c, g, "", conn=two, rebalance=700)["member_id"]
    got = join(c, g, other, "in after the first's time is over", conn=two, rebalance=700)
    beat(c, g, n, first, "the first is out")
    sync(c, g, got["generation_id"], other, [(other, b"all")], conn=two)
