"""Groups of both protocols (KIP-848): classic members among the others, a group that is turned over, and back."""

from typing import Any

from tests.conformance.cases.consumer_groups import PAST_INTERVAL, A, B, describe, made
from tests.conformance.cases.consumer_groups import beat as beat_new
from tests.conformance.cases.consumer_groups import join as join_new
from tests.conformance.cases.groups import beat, commit, fetch_offsets, join, subscription, sync
from tests.conformance.suite.case import case
from tests.conformance.suite.context import Context


def protocols(*topics: str) -> Any:
    return [{"name": "range", "metadata": subscription(*topics)}]


def classic(c: Context, group: str, *topics: str, conn: Any = None) -> tuple[str, int]:
    """A classic member that reads those topics, joined and synced, told as steps."""
    member = join(c, group, "", "classic: the id", protocols=protocols(*topics), conn=conn)["member_id"]
    got = join(c, group, member, "classic: in", protocols=protocols(*topics), conn=conn)
    sync(
        c, group, got["generation_id"], member, [(member, b"\0\0\0\0\0\0\xff\xff\xff\xff")], "classic: syncs", conn=conn
    )
    return member, got["generation_id"]


def shown(c: Context, group: str, note: str) -> None:
    describe(c, group, note=note, version=1)
    c.send("describe_groups", 6, note, groups=[group])
    c.send("list_groups", 5, note, _pick=lambda a: dict(a, groups=[x for x in a["groups"] if x["group_id"] == group]))


@case
def classic_into_a_new_group(c: Context) -> None:
    """A classic consumer joins a group by the consumer protocol, and leaves it."""
    g, t = c.name("g"), made(c, partitions=2)
    e = join_new(c, g, A, [t], "by the consumer protocol")["member_epoch"]
    c.wait(PAST_INTERVAL)
    member, n = classic(c, g, t)
    beat(c, g, n, member, "its heartbeat")
    beat_new(c, g, A, e, "the other is told")
    shown(c, g, "both")
    commit(c, g, t, 5, "classic commits", generation=n, member=member)
    commit(c, g, t, 5, "with another generation", generation=n + 5, member=member)
    fetch_offsets(c, g, t)
    c.send("leave_group", 5, "classic leaves", group_id=g, members=[{"member_id": member}])
    beat(c, g, n, member, "it is gone")
    shown(c, g, "one")


@case
def a_group_is_turned_over(c: Context) -> None:
    """A member by the consumer protocol joins a classic group, which is one of the other kind from then on."""
    g, t = c.name("g"), made(c, partitions=2)
    member, n = classic(c, g, t)
    shown(c, g, "classic")
    commit(c, g, t, 3, generation=n, member=member)
    e = join_new(c, g, A, [t], "joins")["member_epoch"]
    shown(c, g, "turned over")
    beat(c, g, n, member, "the classic one is told")
    fetch_offsets(c, g, t, "positions are kept")
    got = join(c, g, member, "joins again", protocols=protocols(t))
    sync(c, g, got["generation_id"], member, note="and syncs")
    beat(c, g, got["generation_id"], member, "and beats")
    beat_new(c, g, A, e, "the new one")
    shown(c, g, "shared")


@case
def a_group_is_turned_back(c: Context) -> None:
    """The last member by the consumer protocol leaves: the group is a classic one again."""
    g, t = c.name("g"), made(c, partitions=2)
    member, _ = classic(c, g, t)
    join_new(c, g, A, [t], "joins")
    beat_new(c, g, A, -1, "leaves")
    shown(c, g, "turned back")
    join_new(c, g, B, [t], "another joins")
    c.send("leave_group", 5, "the classic one leaves", group_id=g, members=[{"member_id": member}])
    shown(c, g, "turned over")


@case
def who_cannot_be_turned_over(c: Context) -> None:
    """Other protocol types, unreadable subscriptions, no members; a classic join without a protocol of all."""
    t = made(c)
    g = c.name("connect")
    member = join(c, g, "", "connect: the id", kind="connect")["member_id"]
    join(c, g, member, "connect: in", kind="connect")
    join_new(c, g, A, [t], "into a group of another type")
    h = c.name("odd")
    garbage = [{"name": "range", "metadata": b"xx"}]
    member = join(c, h, "", "odd: the id", protocols=garbage)["member_id"]
    join(c, h, member, "odd: in", protocols=garbage)
    join_new(c, h, A, [t], "into a group of unreadable members")
    k = c.name("new")
    join_new(c, k, A, [t], "a new group")
    conn = c.open("odd ones")
    join(c, k, "", "another type", kind="connect", conn=conn)
    join(c, k, "", "unreadable", protocols=garbage, conn=conn)
    join(c, k, "made-up", "an id nobody has", protocols=protocols(t), conn=conn)
    join(c, k, "", "no protocols", protocols=[], conn=conn)
