"""What was there before: topics that go and come again, settings that change, members and sessions that outlive them."""

from typing import Any

from tests.conformance.cases.groups import alone, beat, commit, fetch_offsets, join, subscription, sync
from tests.conformance.cases.more_admin import incremental
from tests.conformance.cases.more_groups import leave
from tests.conformance.suite.case import case
from tests.conformance.suite.context import Context
from tests.conformance.suite.shapes import fetch, fetch_body, init_pid, list_offsets, produce


def deleted(c: Context, topic: str) -> None:
    c.quiet("delete_topics", 6, topics=[{"name": topic}], timeout=5000)
    c.settled()


@case(each={"version": (12, 13, 17)})
def session_over_a_deleted_topic(c: Context, version: Any) -> None:
    """A topic goes while a session fetches it; then there is another of its name."""
    t = c.topic()
    c.put(t, b"a")
    body = fetch_body(c, t, 1, version=version)
    sid = c.send("fetch", version, "full", session_id=0, session_epoch=0, **body)["session_id"]
    nothing = dict(body, topics=[])
    deleted(c, t)
    c.send("fetch", version, "deleted", session_id=sid, session_epoch=1, **nothing)
    c.send("fetch", version, "deleted, again", session_id=sid, session_epoch=2, **nothing)
    c.topic()
    c.send("fetch", version, "made again", session_id=sid, session_epoch=3, **nothing)


@case
def producer_over_a_deleted_topic(c: Context) -> None:
    """Another topic of the same name knows no producer of the one before."""
    t = c.topic()
    old = c.ids[t]
    pid, epoch = init_pid(c)
    c.put(t, b"a", pid=pid, epoch=epoch, seq=0)
    deleted(c, t)
    produce(c, t, c.batch(b"b", pid=pid, epoch=epoch, seq=1), "deleted")
    produce(c, old, c.batch(b"b", pid=pid, epoch=epoch, seq=1), "deleted, by id", version=13)
    c.topic()
    produce(c, old, c.batch(b"b", pid=pid, epoch=epoch, seq=1), "made again, by the old id", version=13)
    produce(c, t, c.batch(b"b", pid=pid, epoch=epoch, seq=1), "made again, not from 0")
    list_offsets(c, t, -1)


@case
def settings_of_a_topic_change(c: Context) -> None:
    """What is altered holds for the next batch: its size, its codec, its time, its keys."""
    t = c.topic()

    def become(note: str, name: str, value: str | None) -> None:
        incremental(c, note, (2, t, [(name, 1 if value is None else 0, value)]))
        c.settled()
        c.wait(0.3)

    produce(c, t, c.batch(b"a" * 200), "before")
    become("small", "max.message.bytes", "100")
    produce(c, t, c.batch(b"a" * 200), "too large now")
    become("as before", "max.message.bytes", None)
    produce(c, t, c.batch(b"a" * 200), "large again")
    become("gzip", "compression.type", "gzip")
    produce(c, t, c.batch(b"b" * 20), "to gzip")
    become("the leader's time", "message.timestamp.type", "LogAppendTime")
    produce(c, t, c.batch(b"c"), "the leader's time")
    become("compacted", "cleanup.policy", "compact")
    produce(c, t, c.batch(b"d"), "no key")
    become("two in sync", "min.insync.replicas", "2")
    produce(c, t, c.batch((b"e", b"k")), "too few in sync")
    become("one in sync", "min.insync.replicas", "1")
    fetch(c, t)


@case
def batches_and_segments(c: Context) -> None:
    """A batch larger than a segment."""
    t = c.topic(segment_bytes=1048576, max_message_bytes=3000000)
    produce(c, t, c.batch(b"x" * 900_000), "fits")
    produce(c, t, c.batch(b"x" * 1_048_500), "just fits")
    produce(c, t, c.batch(b"x" * 1_048_600), "does not fit")
    produce(c, t, c.batch(b"x" * 2_000_000, codec="gzip"), "fits, compressed")
    list_offsets(c, t, -1)


@case
def positions_and_a_topic_made_again(c: Context) -> None:
    """Positions go with the topic; by id in v10."""
    g, t = c.name("g"), c.topic()
    old = c.ids[t]
    commit(c, g, t, 5)
    deleted(c, t)
    c.wait(0.5)
    commit(c, g, t, 6, "deleted")
    commit(c, g, old, 6, "deleted, by id", version=10)
    fetch_offsets(c, g, old, "by the old id", version=10)
    c.topic()
    c.wait(0.3)
    fetch_offsets(c, g, t, "made again")
    fetch_offsets(c, g, t, "made again, by id", version=10)


@case
def static_members_in_a_rebalance(c: Context) -> None:
    """A static member that is replaced while another joins; that leaves while its group waits."""
    g = c.name("g")
    got = join(c, g, "", "static", instance="i")
    m, n = got["member_id"], got["generation_id"]
    sync(c, g, n, m, [(m, b"all")], group_instance_id="i")
    two = c.open("second")
    other = join(c, g, "", "another", conn=two)["member_id"]
    waiting = join(c, g, other, conn=two, post=True)
    waiting.nothing_yet("it waits")
    beat(c, g, n, m, "the static one is told", group_instance_id="i")
    again = join(c, g, "", "replaced", instance="i")
    waiting.answer(
        "the other is in", pick=lambda a: {"error_code": a["error_code"], "protocol_name": a["protocol_name"]}
    )
    beat(c, g, n, m, "the one before", group_instance_id="i")
    beat(c, g, again["generation_id"], again["member_id"], "the new one", group_instance_id="i")


@case
def a_member_in_every_state(c: Context) -> None:
    """Heartbeats, syncs and commits before the first join, between join and sync, and after the group is empty."""
    g, t = c.name("g"), c.topic()
    m = join(c, g, "", "the id")["member_id"]
    beat(c, g, 0, m, "pending, generation 0")
    beat(c, g, -1, m, "pending, generation -1")
    sync(c, g, 0, m, note="pending")
    commit(c, g, t, 1, "pending, simple")
    commit(c, g, t, 1, "pending, as itself", member=m, generation=0)
    c.send("describe_groups", 5, "pending", groups=[g])
    n = join(c, g, m, "in")["generation_id"]
    beat(c, g, n, m, "before its sync")
    commit(c, g, t, 2, "before its sync", member=m, generation=n)
    leave(c, g, (m, None), note="before its sync")
    c.send("describe_groups", 5, "empty", groups=[g])
    sync(c, g, n, m, note="gone")
    again = join(c, g, m, "its old id")
    assert again is not None


@case
def an_id_in_two_groups(c: Context) -> None:
    """The id of one group's member is nobody in another."""
    g, h = c.name("g"), c.name("h")
    m, n = alone(c, g)
    beat(c, h, n, m, "an unknown group")
    alone(c, h)
    beat(c, h, n, m, "another group")
    join(c, h, m, "joins another group")
    leave(c, h, (m, None), note="leaves another group")


@case
def followers_join_again(c: Context) -> None:
    """A follower whose metadata is the same is answered at once, in the same generation."""
    g = c.name("g")
    first, _ = alone(c, g)
    two = c.open("second")
    other = join(c, g, "", conn=two)["member_id"]
    waiting = join(c, g, other, conn=two, post=True)
    lead = join(c, g, first, "the first again")
    n = lead["generation_id"]
    waiting.answer("the second is in")
    waiting = sync(c, g, n, other, conn=two, post=True)
    sync(c, g, n, first, [(first, b"1"), (other, b"2")])
    waiting.answer("the second's part")
    join(c, g, other, "the follower again, unchanged", conn=two)
    waiting = join(
        c, g, other, conn=two, post=True, protocols=[{"name": "range", "metadata": subscription(data=b"new")}]
    )
    waiting.nothing_yet("the follower again, changed: it waits")
    beat(c, g, n, first, "the leader is told")


@case
def telemetry(c: Context) -> None:
    """Without a receiver nobody asks for metrics."""
    c.open("asks").send("get_telemetry_subscriptions", 0, _silent=True)
    c.open("pushes").send("push_telemetry", 0, _silent=True, compression_type=0, metrics=b"")


@case
def log_dirs_of_a_topic(c: Context) -> None:
    """A replica moved to the directory in which it is."""
    t = c.topic()
    got = c.quiet("describe_log_dirs", 4, topics=[{"topic": t, "partitions": [0]}])
    path = got["results"][0]["log_dir"]
    c.normal.word(path, "<path>")
    for version in (1, 2):
        for name, partition in ((t, 0), (t, 7), (c.name("absent"), 0)):
            c.send(
                "alter_replica_log_dirs",
                version,
                dirs=[{"path": path, "topics": [{"name": name, "partitions": [partition]}]}],
            )
        c.send("alter_replica_log_dirs", version, "none", dirs=[])
        c.send(
            "alter_replica_log_dirs",
            version,
            "one topic in two directories",
            dirs=[
                {"path": path, "topics": [{"name": t, "partitions": [0]}]},
                {"path": "/no/such", "topics": [{"name": t, "partitions": [0]}]},
            ],
        )
