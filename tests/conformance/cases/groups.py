"""Classic groups: join, sync, heartbeat, leave, commits, and their administration."""

import struct
from typing import Any

from tests.conformance.suite.case import case
from tests.conformance.suite.codec import versions
from tests.conformance.suite.context import Context


def subscription(*topics: Any, data: Any = b"") -> Any:
    """The version 0 subscription of the Java consumer: the server reads it."""
    body = struct.pack(">hi", 0, len(topics))
    for name in topics:
        body += struct.pack(">h", len(name)) + name.encode()
    return body + struct.pack(">i", len(data)) + data


PROTOCOLS = [
    {"name": "range", "metadata": subscription(data=b"m-range")},
    {"name": "rr", "metadata": subscription(data=b"m-rr")},
]


def join(
    c: Context,
    group: Any,
    member: Any = "",
    note: Any = "",
    *,
    version: Any = 5,
    session: Any = 30000,
    rebalance: Any = 30000,
    kind: Any = "consumer",
    protocols: Any = PROTOCOLS,
    instance: Any = None,
    conn: Any = None,
    post: Any = False,
    **how: Any,
) -> Any:
    body = {
        "group_id": group,
        "session_timeout": session,
        "member_id": member,
        "protocol_type": kind,
        "protocols": protocols,
    }
    if version >= 1:
        body["rebalance_timeout"] = rebalance
    if version >= 5:
        body["group_instance_id"] = instance
    conn = conn or c.main
    return conn.post("join_group", version, **body) if post else conn.send("join_group", version, note, **how, **body)


def sync(
    c: Context,
    group: Any,
    generation: Any,
    member: Any,
    assignments: Any = (),
    note: Any = "",
    *,
    version: Any = 3,
    conn: Any = None,
    post: Any = False,
    **extra: Any,
) -> Any:
    body = {
        "group_id": group,
        "generation_id": generation,
        "member_id": member,
        "assignments": [{"member_id": m, "assignment": a} for m, a in assignments],
        **extra,
    }
    conn = conn or c.main
    return conn.post("sync_group", version, **body) if post else conn.send("sync_group", version, note, **body)


def beat(
    c: Context,
    group: Any,
    generation: Any,
    member: Any,
    note: Any = "",
    version: Any = 3,
    conn: Any = None,
    **extra: Any,
) -> Any:
    return (conn or c.main).send(
        "heartbeat", version, note, group_id=group, generation_id=generation, member_id=member, **extra
    )


def alone(c: Context, group: Any, version: Any = 5, kind: Any = "consumer", **how: Any) -> Any:
    """Joins and syncs one member quietly; gives its id and generation."""
    first = c.main.quiet(
        "join_group",
        version,
        group_id=group,
        session_timeout=30000,
        rebalance_timeout=30000,
        member_id="",
        protocol_type=kind,
        protocols=PROTOCOLS,
        **how,
    )
    got = (
        first
        if first["error_code"] == 0
        else c.main.quiet(
            "join_group",
            version,
            group_id=group,
            session_timeout=30000,
            rebalance_timeout=30000,
            member_id=first["member_id"],
            protocol_type=kind,
            protocols=PROTOCOLS,
            **how,
        )
    )
    c.normal.apply({"member_id": got["member_id"]})
    c.main.quiet(
        "sync_group",
        3,
        group_id=group,
        generation_id=got["generation_id"],
        member_id=got["member_id"],
        assignments=[{"member_id": got["member_id"], "assignment": b"all"}],
    )
    return got["member_id"], got["generation_id"]


def commit(
    c: Context,
    group: Any,
    topic: Any,
    offset: Any,
    note: Any = "",
    *,
    version: Any = 8,
    generation: Any = -1,
    member: Any = "",
    metadata: Any = "",
    partition: Any = 0,
    instance: Any = None,
    retention: Any = -1,
    epoch: Any = -1,
    **how: Any,
) -> Any:
    part = {"partition_index": partition, "committed_offset": offset, "committed_metadata": metadata}
    if version >= 6:
        part["committed_leader_epoch"] = epoch
    where = {"topic_id": c.ids.get(topic, topic)} if version >= 10 else {"name": topic}
    body = {
        "group_id": group,
        "generation_id_or_member_epoch": generation,
        "member_id": member,
        "topics": [{**where, "partitions": [part]}],
    }
    if version <= 4:
        body["retention_time"] = retention
    if version >= 7:
        body["group_instance_id"] = instance
    return c.send("offset_commit", version, note, **body, **how)


def fetch_offsets(
    c: Context,
    group: Any,
    topic: Any,
    note: Any = "",
    *,
    version: Any = 7,
    partitions: Any = (0,),
    stable: Any = False,
    member: Any = None,
    epoch: Any = -1,
    **how: Any,
) -> Any:
    where = {"topic_id": c.ids.get(topic, topic)} if version >= 10 else {"name": topic}
    topics = None if topic is None else [{**where, "partition_indexes": list(partitions)}]
    if version >= 8:
        one = {"group_id": group, "topics": topics}
        if version >= 9:
            one |= {"member_id": member, "member_epoch": epoch}
        return c.send("offset_fetch", version, note, groups=[one], require_stable=stable, **how)
    extra = {"require_stable": stable} if version >= 7 else {}
    return c.send("offset_fetch", version, note, group_id=group, topics=topics, **extra, **how)


@case(each={"version": versions("join_group")})
def join_each_version(c: Context, version: Any) -> None:
    """One member joins, syncs, beats and leaves; from v4 the first join is answered MEMBER_ID_REQUIRED."""
    g = c.name("g")
    got = join(c, g, version=version)
    if got["error_code"] == 79:
        got = join(c, g, got["member_id"], version=version)
    m, n = got["member_id"], got["generation_id"]
    extra = {"protocol_type": "consumer", "protocol_name": "range"} if version >= 7 else {}
    sync(c, g, n, m, [(m, b"mine")], version=min(version, 5) if version >= 7 else min(version, 4), **extra)
    beat(c, g, n, m, version=min(version, 4))
    v = min(version, 5)
    c.send("leave_group", v, group_id=g, **({"members": [{"member_id": m}]} if v >= 3 else {"member_id": m}))
    beat(c, g, n, m, "after leaving", version=min(version, 4))


@case
def member_id_required(c: Context) -> None:
    """The id given with error 79 is to be used; another one is unknown."""
    g = c.name("g")
    got = join(c, g, "", "no id")
    join(c, g, "made-up", "an id the server did not give")
    join(c, g, got["member_id"], "the id given")
    join(c, c.name("h"), "made-up", "an unknown id in an unknown group")


@case
def two_members(c: Context) -> None:
    """The second join makes a rebalance: the first is told by its heartbeat; the leader sees both; sync waits for the leader."""
    g = c.name("g")
    first, g1 = alone(c, g)
    two = c.open("second")
    other = join(c, g, "", "second: no id", conn=two)["member_id"]
    waiting = join(c, g, other, conn=two, post=True)
    waiting.nothing_yet("the second waits for the first")
    beat(c, g, g1, first, "the first is told")
    sync(c, g, g1, first, note="sync while a rebalance is under way")
    commit_note = "commit while a rebalance is under way"
    t = c.topic()
    commit(c, g, t, 5, commit_note, generation=g1, member=first)
    lead = join(c, g, first, "the first joins again")
    got = waiting.answer("the second is in")
    n = lead["generation_id"]
    waiting = sync(c, g, n, other, conn=two, post=True)
    waiting.nothing_yet("the second's sync waits for the leader's")
    beat(c, g, n, other, "heartbeat before the leader's sync", conn=c.open("beside"))
    commit(c, g, t, 5, "commit before the leader's sync", generation=n, member=first)
    sync(c, g, n, first, [(first, b"for-first"), (other, b"for-second")], "the leader syncs")
    waiting.answer("the second has its part")
    beat(c, g, n, first)
    beat(c, g, n, other, conn=two)
    c.send("describe_groups", 5, groups=[g], _pick=described)
    c.send("leave_group", 3, "the second leaves", group_id=g, members=[{"member_id": other}])
    beat(c, g, n, first, "the first is told")
    assert got is not None


def described(answer: Any) -> Any:
    """Members come in no order: by what each was assigned."""
    return dict(
        answer,
        groups=[
            dict(g, members=sorted(g["members"], key=lambda m: bytes(m["member_assignment"]))) for g in answer["groups"]
        ],
    )


@case
def session_timeouts(c: Context) -> None:
    """group.min.session.timeout.ms is 6000, the maximum 1800000."""
    g = c.name("g")
    for session in (0, -1, 5999, 6000, 1800000, 1800001):
        join(c, g, "", f"session timeout {session}", session=session)
    for rebalance in (0, -1):
        join(c, g, "", f"rebalance timeout {rebalance}", rebalance=rebalance)


@case
def join_errors(c: Context) -> None:
    """Empty group id, no protocols, empty protocol type, other protocol type, no common protocol."""
    join(c, "", "", "empty group id")
    g = c.name("g")
    join(c, g, "", "no protocols", protocols=[])
    join(c, g, "", "empty protocol type", kind="")
    alone(c, g)
    for version in (3, 5):
        join(c, g, "", f"v{version}: another protocol type", kind="connect", version=version)
        join(
            c,
            g,
            "",
            f"v{version}: no common protocol",
            protocols=[{"name": "sticky", "metadata": subscription()}],
            version=version,
        )
        join(c, g, "", f"v{version}: no protocols", protocols=[], version=version)
        join(c, g, "", f"v{version}: empty protocol type", kind="", version=version)


@case
def rejoin(c: Context) -> None:
    """A follower or leader that joins again: unchanged metadata, changed metadata."""
    g = c.name("g")
    m, _ = alone(c, g)
    again = join(c, g, m, "the leader joins again, unchanged")
    sync(c, g, again["generation_id"], m, [(m, b"2")])
    again = join(c, g, m, "changed metadata", protocols=[{"name": "range", "metadata": subscription(data=b"new")}])
    sync(c, g, again["generation_id"], m, [(m, b"3")])


@case
def commit_no_topics(c: Context) -> None:
    """A commit of nothing, and of a topic without partitions."""
    g, t = c.name("g"), c.topic()
    c.send("offset_commit", 8, group_id=g, generation_id_or_member_epoch=-1, member_id="", topics=[])
    c.send(
        "offset_commit",
        8,
        group_id=g,
        generation_id_or_member_epoch=-1,
        member_id="",
        topics=[{"name": t, "partitions": []}],
    )
    c.send("describe_groups", 5, groups=[g])


def nameless(c: Context, topic: Any) -> None:
    """The group without a name holds an offset (whatever other cases did with it)."""
    c.main.quiet(
        "offset_commit",
        8,
        group_id="",
        generation_id_or_member_epoch=-1,
        member_id="",
        topics=[
            {"name": topic, "partitions": [{"partition_index": 0, "committed_offset": 1, "committed_metadata": ""}]}
        ],
    )


@case(each={"version": versions("describe_groups")})
def describe(c: Context, version: Any) -> None:
    """States: unknown group (v6 has an error of its own), empty with offsets, stable, pending member."""
    t = c.topic()
    nameless(c, t)
    c.send("describe_groups", version, "unknown", groups=[c.name("unknown")])
    g = c.name("simple")
    commit(c, g, t, 1)
    c.send("describe_groups", version, "made by a simple commit", groups=[g])
    g = c.name("living")
    alone(c, g)
    c.send("describe_groups", version, "stable", groups=[g])
    h = c.name("pending")
    join(c, h, "")
    c.send("describe_groups", version, "a pending member", groups=[h])
    k = c.name("joined")
    m = join(c, k, "")["member_id"]
    join(c, k, m)
    c.send("describe_groups", version, "waiting for sync", groups=[k])
    c.send("describe_groups", version, "empty name; two at once", groups=["", g])
    if version >= 3:
        c.send("describe_groups", version, "with operations", groups=[g], include_authorized_operations=True)


@case(each={"version": versions("list_groups")})
def list_groups(c: Context, version: Any) -> Any:
    """Listed with type, protocol and state; filters (v4 states, v5 types), unknown filters."""
    g, h = c.name("living"), c.name("simple")
    alone(c, g)
    commit(c, h, c.topic(), 1)

    def mine(answer: Any) -> Any:
        return dict(answer, groups=[x for x in answer["groups"] if x["group_id"] in (g, h)])

    c.send("list_groups", version, _pick=mine)
    if version >= 4:
        for states in (["Stable"], ["Empty"], ["stable"], ["Stable", "Empty"], ["Nonsense"], ["Dead"]):
            c.send("list_groups", version, f"states {states}", states_filter=states, _pick=mine)
    if version >= 5:
        for types in (["classic"], ["consumer"], ["Classic"], ["share"], ["nonsense"]):
            c.send("list_groups", version, f"types {types}", types_filter=types, _pick=mine)


@case
def expired_member(c: Context) -> None:
    """A member that does not beat for its session timeout (6 s) is gone."""
    g = c.name("g")
    first = c.main.quiet(
        "join_group",
        5,
        group_id=g,
        session_timeout=6000,
        rebalance_timeout=6000,
        member_id="",
        protocol_type="consumer",
        protocols=PROTOCOLS,
    )
    got = join(c, g, first["member_id"], session=6000, rebalance=6000)
    sync(c, g, got["generation_id"], got["member_id"], [(got["member_id"], b"a")])
    c.wait(7.5)
    beat(c, g, got["generation_id"], got["member_id"])
    c.send("describe_groups", 5, groups=[g])
