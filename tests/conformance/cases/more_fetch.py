"""Fetch: versions, offsets, sessions, ids, what is named twice, what is behind the log's beginning."""

from typing import Any

from tests.conformance.cases.fetch import ABSENT_ID
from tests.conformance.suite.case import case
from tests.conformance.suite.codec import NIL
from tests.conformance.suite.context import Context
from tests.conformance.suite.shapes import fetch, fetch_body

SERVED = range(4, 19)


@case(each={"version": SERVED})
def each_version(c: Context, version: Any) -> None:
    """What was written, and where it ends."""
    t = c.topic()
    c.put(t, b"a", (b"v", b"k"), headers=[(b"h", b"x")])
    fetch(c, t, version=version)
    fetch(c, t, 2, "at the end", version=version)
    fetch(c, t, isolation=1, version=version, note="committed")
    if version >= 11:
        fetch(c, t, version=version, send={"rack_id": "x"}, note="a rack")


@case(each={"version": (4, 5, 9, 12, 17)})
def offsets(c: Context, version: Any) -> None:
    """Within a batch, at the end, beyond, negative; before the log's beginning."""
    t = c.topic()
    c.put(t, b"a", b"b", b"c")
    c.put(t, b"d")
    for offset in (0, 1, 2, 3, 4, 5, 100, -1, -2, 9223372036854775807):
        fetch(c, t, offset, f"offset {offset}", version=version)
    c.quiet(
        "delete_records", 2, topics=[{"name": t, "partitions": [{"partition_index": 0, "offset": 2}]}], timeout=5000
    )
    for offset in (0, 1, 2, 3):
        fetch(c, t, offset, f"offset {offset}, records before 2 deleted", version=version)


@case(each={"version": (4, 12, 13)})
def twice(c: Context, version: Any) -> None:
    """A partition twice, at other offsets; a topic twice; nothing at all."""
    t = c.topic(partitions=2)
    c.put(t, b"a", b"b")
    c.put(t, b"c")
    body = fetch_body(c, t, version=version)
    part = body["topics"][0]["partitions"][0]
    c.send("fetch", version, "the same twice", **dict(body, topics=[dict(body["topics"][0], partitions=[part, part])]))
    c.send(
        "fetch",
        version,
        "another offset",
        **dict(body, topics=[dict(body["topics"][0], partitions=[part, dict(part, fetch_offset=2)])]),
    )
    c.send(
        "fetch",
        version,
        "a topic twice",
        **dict(body, topics=[body["topics"][0], dict(body["topics"][0], partitions=[dict(part, partition=1)])]),
    )
    c.send("fetch", version, "no partitions", **dict(body, topics=[dict(body["topics"][0], partitions=[])]))
    c.send("fetch", version, "nothing", **dict(body, topics=[]))


@case(each={"version": (4, 9, 12)})
def odd_names(c: Context, version: Any) -> None:
    """Names that no topic may have."""
    for name in ("", ".", "a b", "x" * 250, "__cluster_metadata"):
        fetch(c, name, version=version, note=f"{name[:8]!r}")
    fetch(c, "__consumer_offsets", version=version, partition=777, note="an internal one")


@case(each={"version": (7, 12, 15, 17)})
def sessions_refused(c: Context, version: Any) -> None:
    """Epochs without a session, ids without an epoch, and what no session wants."""
    t = c.topic()
    body = fetch_body(c, t, version=version)
    for sid, epoch in ((0, 0), (0, -1), (0, 1), (5, 0), (5, 1), (5, -1), (-1, 0), (-1, -1), (0, -2), (0, 2147483647)):
        c.send("fetch", version, f"session {sid}, epoch {epoch}", session_id=sid, session_epoch=epoch, **body)


@case(each={"version": (12, 13, 17)})
def sessions_and_what_is_unknown(c: Context, version: Any) -> None:
    """A session over an unknown topic, and a partition that is not there; forgotten ones that were never in it."""
    t = c.topic()
    absent = ABSENT_ID if version >= 13 else c.name("absent")
    body = fetch_body(c, t, version=version)
    body["topics"] += fetch_body(c, absent, version=version)["topics"]
    made = c.send("fetch", version, "full", session_id=0, session_epoch=0, **body)
    sid = made["session_id"]
    nothing = dict(body, topics=[])
    c.send("fetch", version, "incremental", session_id=sid, session_epoch=1, **nothing)
    key = "topic_id" if version >= 13 else "topic"
    gone = [{key: absent, "partitions": [0]}]
    c.send(
        "fetch",
        version,
        "the unknown one forgotten",
        session_id=sid,
        session_epoch=2,
        forgotten_topics_data=gone,
        **nothing,
    )
    c.send("fetch", version, "forgotten again", session_id=sid, session_epoch=3, forgotten_topics_data=gone, **nothing)
    mine = [{key: c.ids[t] if version >= 13 else t, "partitions": [0, 5]}]
    c.put(t, b"a")
    c.send(
        "fetch",
        version,
        "the known one forgotten",
        session_id=sid,
        session_epoch=4,
        forgotten_topics_data=mine,
        **nothing,
    )
    c.send("fetch", version, "an empty session", session_id=sid, session_epoch=5, **nothing)
    c.send("fetch", version, "named again", session_id=sid, session_epoch=6, **fetch_body(c, t, version=version))
    c.send(
        "fetch",
        version,
        "partition 7",
        session_id=sid,
        session_epoch=7,
        **fetch_body(c, t, version=version, partition=7),
    )
    c.send("fetch", version, "and again", session_id=sid, session_epoch=8, **nothing)
    c.send(
        "fetch",
        version,
        "a full one ends it: epoch 0",
        session_id=sid,
        session_epoch=0,
        **fetch_body(c, t, version=version),
    )
    c.send("fetch", version, "the old one", session_id=sid, session_epoch=9, **nothing)


@case(each={"version": (12, 17)})
def session_moves_on(c: Context, version: Any) -> None:
    """What changes in a session: offsets, a high watermark, a log start offset, a topic that goes."""
    t, u = c.topic("t"), c.topic("u")
    c.put(t, b"a", b"b")
    body = fetch_body(c, t, version=version)
    body["topics"] += fetch_body(c, u, version=version)["topics"]
    sid = c.send("fetch", version, "full", session_id=0, session_epoch=0, **body)["session_id"]
    nothing = dict(body, topics=[])
    c.send("fetch", version, "what was read is told again", session_id=sid, session_epoch=1, **nothing)
    c.send("fetch", version, "moved on", session_id=sid, session_epoch=2, **fetch_body(c, t, 2, version=version))
    c.quiet(
        "delete_records", 2, topics=[{"name": t, "partitions": [{"partition_index": 0, "offset": 1}]}], timeout=5000
    )
    c.send("fetch", version, "records deleted", session_id=sid, session_epoch=3, **nothing)
    c.send(
        "fetch",
        version,
        "to before the beginning",
        session_id=sid,
        session_epoch=4,
        **fetch_body(c, t, 0, version=version),
    )
    c.send("fetch", version, "the error again", session_id=sid, session_epoch=5, **nothing)
    c.put(u, b"c")
    c.send("fetch", version, "the other has news", session_id=sid, session_epoch=6, **nothing)


@case
def session_of_another_connection(c: Context) -> None:
    """A session is not bound to the connection that made it."""
    t = c.topic()
    body = fetch_body(c, t)
    sid = c.send("fetch", 12, "made", session_id=0, session_epoch=0, **body)["session_id"]
    other = c.open("another")
    other.send("fetch", 12, "gone on with", session_id=sid, session_epoch=1, **dict(body, topics=[]))


@case
def topic_made_again(c: Context) -> None:
    """By the id of a topic that was deleted, and made anew."""
    t = c.topic()
    old = c.ids[t]
    c.put(t, b"a")
    c.quiet("delete_topics", 6, topics=[{"name": t}], timeout=5000)
    c.settled()
    c.topic()
    fetch(c, old, version=13, note="the old id")
    fetch(c, t, version=13, note="the new one")
    fetch(c, t, note="by name")


@case
def waits(c: Context) -> None:
    """min_bytes and max_wait: what is there already, what comes, an error at once."""
    t = c.topic(partitions=2)
    c.put(t, b"a")
    fetch(c, t, note="enough is there", max_wait=5000, min_bytes=1)
    fetch(c, t, 1, note="wait of 0", max_wait=0, min_bytes=1)
    fetch(c, t, 1, note="a negative wait", max_wait=-1, min_bytes=1)
    fetch(c, t, 9, note="an error does not wait", max_wait=5000, min_bytes=1)
    waiting = c.open("waits").post("fetch", 12, **fetch_body(c, t, 1, max_wait=5000, min_bytes=1))
    waiting.nothing_yet("nothing there")
    c.put(t, b"b")
    waiting.answer("something came")
    waiting = c.open("waits for more").post("fetch", 12, **fetch_body(c, t, 2, max_wait=900, min_bytes=1000))
    c.put(t, b"c")
    waiting.nothing_yet("too little came")
    waiting.answer("after max_wait")
    waiting = c.open("waits for a topic").post("fetch", 12, **fetch_body(c, t, 3, max_wait=6000, min_bytes=1))
    c.quiet(
        "delete_records", 2, topics=[{"name": t, "partitions": [{"partition_index": 0, "offset": 3}]}], timeout=5000
    )
    waiting.nothing_yet("records deleted")


@case
def codecs_and_old_versions(c: Context) -> None:
    """zstd to whoever cannot know it."""
    t = c.topic()
    c.put(t, b"a" * 50, codec="zstd")
    for version in (4, 9, 10, 11):
        fetch(c, t, version=version, note=f"v{version}")
    u = c.topic("u", compression_type="zstd")
    c.put(u, b"a")
    for version in (4, 10):
        fetch(c, u, version=version, note=f"the topic's codec, v{version}")


@case
def current_epochs(c: Context) -> None:
    """Leader epochs of the client's, known and not; of the last record."""
    t = c.topic()
    c.put(t, b"a", b"b")
    for epoch in (-2, -1, 0, 1, 2147483647):
        for version in (9, 12, 16):
            fetch(c, t, leader_epoch=epoch, version=version, note=f"epoch {epoch}, v{version}")
    for last in (-2, 0, 5):
        for offset in (0, 1, 2, 3):
            fetch(c, t, offset, f"offset {offset}, last epoch {last}", last_epoch=last)


@case
def cluster_ids(c: Context) -> None:
    """A wrong cluster id."""
    t = c.topic()
    fetch(c, t, send={"cluster_id": "nonsense"}, version=12)
    fetch(c, t, send={"cluster_id": None}, version=12, note="null")


@case(each={"version": (13, 17)})
def ids_beside_each_other(c: Context, version: Any) -> None:
    """Known, unknown, nil, in several orders, in and out of a session."""
    t = c.topic()
    c.put(t, b"a")
    for note, ids in (
        ("nil first", (str(NIL), t)),
        ("unknown first", (ABSENT_ID, t)),
        ("both unknown", (ABSENT_ID, str(NIL))),
        ("twice unknown", (ABSENT_ID, ABSENT_ID)),
    ):
        body = fetch_body(c, ids[0], version=version)
        body["topics"] += fetch_body(c, ids[1], version=version)["topics"]
        c.send("fetch", version, note, **body)


@case
def zero_bytes(c: Context) -> None:
    """Limits of bytes over several partitions, with and without records."""
    t = c.topic(partitions=3)
    for index in (0, 2):
        c.put(t, b"x" * 200, partition=index)
        c.put(t, b"y" * 200, partition=index)
    for limit, part_limit in ((0, 0), (1, 1), (300, 300), (600, 300), (10000, 1), (1, 10000), (10000, 0), (0, 10000)):
        for isolation in (0, 1):
            body = fetch_body(c, t, max_bytes=limit, isolation=isolation)
            body["topics"][0]["partitions"] = [
                {"partition": i, "fetch_offset": 0, "partition_max_bytes": part_limit} for i in (1, 2, 0)
            ]
            c.send("fetch", 12, f"{limit} in all, {part_limit} each, isolation {isolation}", **body)
