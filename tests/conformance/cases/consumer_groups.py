"""KIP-848 groups: ConsumerGroupHeartbeat and ConsumerGroupDescribe."""

from typing import Any

from tests.conformance.cases.groups import alone, commit
from tests.conformance.suite.case import case
from tests.conformance.suite.context import Context

PAST_INTERVAL = 1.6
A, B = "AAAAAAAAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBBBBBBBB"


def beat(
    c: Context,
    group: Any,
    member: Any,
    epoch: Any,
    note: Any = "",
    *,
    version: Any = 0,
    topics: Any = None,
    owned: Any = None,
    rebalance: Any = -1,
    conn: Any = None,
    **how: Any,
) -> Any:
    return (conn or c.main).send(
        "consumer_group_heartbeat",
        version,
        note,
        group_id=group,
        member_id=member,
        member_epoch=epoch,
        rebalance_timeout=rebalance,
        subscribed_topic_names=topics,
        topic_partitions=owned,
        **({"instance_id": None, "rack_id": None, "server_assignor": None} | how),
    )


def made(c: Context, *words: Any, **how: Any) -> Any:
    """A topic; and time for the group coordinator to hear of it, which it does after the brokers' metadata."""
    names = [c.topic(word, **how) for word in words or ("t",)]
    c.settled()
    c.wait(0.4)
    return names[0] if len(names) == 1 else names


def join(c: Context, group: Any, member: Any, topics: Any, note: Any = "", **how: Any) -> Any:
    return beat(c, group, member, 0, note, topics=topics, owned=[], rebalance=30000, **how)


def describe(c: Context, *groups: Any, note: Any = "", version: Any = 0, **how: Any) -> Any:
    def order(answer: Any) -> Any:
        return dict(
            answer,
            groups=[
                dict(g, members=sorted(g["members"], key=lambda m: (m["client_id"], m["member_id"])))
                for g in answer["groups"]
            ],
        )

    return c.send("consumer_group_describe", version, note, group_ids=list(groups), _pick=order, **how)


@case(each={"version": (0, 1)})
def join_ack_leave(c: Context, version: Any) -> None:
    """One member: joins, is assigned all partitions, acknowledges, leaves."""
    g, t = c.name("g"), made(c, partitions=2)
    e = join(c, g, A, [t], version=version, server_assignor=None)["member_epoch"]
    describe(c, g, version=version)
    beat(c, g, A, e, "nothing said", version=version)
    beat(c, g, A, e, "owns all", version=version, owned=[{"topic_id": c.ids[t], "partitions": [0, 1]}])
    describe(c, g, version=version)
    beat(c, g, A, -1, "leaves", version=version)
    describe(c, g, version=version)
    beat(c, g, A, e, "after leaving", version=version)
    beat(c, g, A, -1, "leaves again", version=version)


@case
def fencing(c: Context) -> None:
    """Epochs: older with what it owned, wrong, from the future; unknown member; joining again with epoch 0."""
    g, (t, u) = c.name("g"), made(c, "t", "u", partitions=2)
    beat(c, g, A, 5, "a member nobody knows in a group nobody knows")
    e = join(c, g, A, [t])["member_epoch"]
    beat(c, g, A, e + 1, "the next epoch")
    beat(c, g, A, e - 1, "the epoch before")
    beat(
        c, g, A, e - 1, "the epoch before, owned as now (a retry)", owned=[{"topic_id": c.ids[t], "partitions": [0, 1]}]
    )
    beat(c, g, A, e, "its epoch")
    beat(c, g, B, e, "unknown member")
    beat(c, g, B, -1, "unknown member leaves")
    e = join(c, g, A, [t], "A joins again with epoch 0")["member_epoch"]
    c.wait(PAST_INTERVAL)
    f = beat(c, g, A, e, "subscribes to another topic too", topics=[t, u])["member_epoch"]
    beat(c, g, A, e, "the epoch before, owned as then (a retry)", owned=[{"topic_id": c.ids[t], "partitions": [0, 1]}])
    beat(c, g, A, e, "the epoch before, with other partitions", owned=[{"topic_id": c.ids[u], "partitions": [7]}])
    beat(c, g, A, f, "the epoch now")
    beat(c, g, A, -5, "epoch -5")


@case(each={"version": (0, 1)})
def join_errors(c: Context, version: Any) -> None:
    """What a join must have and must not."""
    t = made(c)
    ok = {"topics": [t], "owned": [], "rebalance": 30000}

    def go(note: str, group: Any = None, member: Any = A, epoch: int = 0, **change: Any) -> None:
        beat(c, c.name("g") if group is None else group, member, epoch, note, version=version, **(ok | change))

    go("empty group id", group="")
    go("blank group id", group=" ")
    go("empty member id", member="")
    go("no rebalance timeout", rebalance=-1)
    go("rebalance timeout 0", rebalance=0)
    go("no subscription", topics=None)
    go("empty subscription", topics=[])
    go("no owned partitions", owned=None)
    go("owned partitions at join", owned=[{"topic_id": c.ids[t], "partitions": [0]}])
    go("unknown assignor", server_assignor="nonsense")
    go("empty assignor", server_assignor="")
    go("empty instance id", instance_id="")
    go("empty rack", rack_id="")
    go("epoch -2 without instance", epoch=-2)
    go("epoch 3 at join", epoch=3)
    if version == 1:
        go("empty regex", subscribed_topic_regex="")
        go("bad regex", subscribed_topic_regex="(")


@case
def member_id_by_server(c: Context) -> None:
    """v0 lets the server make the member id; v1 does not."""
    g, t = c.name("g"), made(c)
    got = join(c, g, "", [t], "v0 without")
    beat(c, g, got["member_id"], got["member_epoch"], "with the id given")
    join(c, c.name("h"), "", [t], "v1 without", version=1)
    join(c, c.name("i"), "not-a-uuid", [t], "v1, any text", version=1)


@case
def classic_and_consumer(c: Context) -> None:
    """A classic join into a consumer group and the other way round."""
    g, h, t = c.name("new"), c.name("old"), made(c)
    join(c, g, A, [t])
    c.send(
        "join_group",
        5,
        "classic into consumer group, garbage metadata",
        group_id=g,
        session_timeout=30000,
        rebalance_timeout=30000,
        member_id="",
        protocol_type="consumer",
        protocols=[{"name": "range", "metadata": b""}],
        _silent=True,
    )
    c.send("heartbeat", 3, "classic heartbeat", group_id=g, generation_id=1, member_id=A)
    c.send("leave_group", 3, "classic leave", group_id=g, members=[{"member_id": A}])
    alone(c, h, kind="connect")
    join(c, h, A, [t], "consumer into a group of another protocol type")
    describe(c, h)
    k = c.name("simple")
    commit(c, k, t, 1)
    join(c, k, A, [t], "into an empty group with offsets")
    describe(c, k)


@case
def streams_group(c: Context) -> None:
    """KIP-1071, only the entrance: describe, and a heartbeat without topology."""
    g = c.name("streams")
    c.send("streams_group_describe", 0, "unknown", group_ids=[g])
    c.send(
        "streams_group_heartbeat",
        0,
        "no topology",
        group_id=g,
        member_id=A,
        member_epoch=0,
        endpoint_information_epoch=0,
        rebalance_timeout=30000,
        topology=None,
        active_tasks=[],
        standby_tasks=[],
        warmup_tasks=[],
    )
