"""Frames and headers that are wrong: is the connection closed, or what is answered?"""

import struct
from typing import Any

from tests.conformance.suite.case import case
from tests.conformance.suite.codec import encode, header, versions
from tests.conformance.suite.context import Context


@case(each={"key": (-1, 4, 5, 6, 7, 93, 999, 32767)})
def unknown_api_key(c: Context, key: Any) -> None:
    """Keys nobody knows, and those removed with ZooKeeper (4 to 7)."""
    c.main.raw(header(key, 0, 3, "conf", False), f"key {key}")
    c.open("after").probe()


@case(
    each={
        "api": (
            "describe_quorum",
            "broker_heartbeat",
            "allocate_producer_ids",
            "vote",
            "fetch_snapshot",
            "broker_registration",
            "alter_partition",
            "envelope",
            "update_raft_voter",
            "controller_registration",
        )
    }
)
def controller_requests(c: Context, api: Any) -> None:
    """Requests that belong to controllers, sent to a broker's listener."""
    version = versions(api)[-1]
    c.main.send(api, version, _silent=True, _hide=("topics", "nodes"))


@case
def truncated_body(c: Context) -> None:
    """A Metadata request that ends too early, in versions without and with flexible fields."""
    for version in (1, 9, 12):
        whole = encode("metadata", version, {"topics": [{"name": "some-topic"}]}, 5)
        for cut in (1, 5, len(whole) - 10):
            c.open().raw(whole[:-cut], f"v{version}, {cut} bytes short", "metadata", version)


@case
def trailing_bytes(c: Context) -> None:
    """A request with bytes after its end."""
    for api, version, body in (
        ("metadata", 1, {"topics": []}),
        ("metadata", 9, {"topics": []}),
        ("list_groups", 0, {}),
        ("api_versions", 0, {}),
        ("find_coordinator", 1, {"key": "k"}),
    ):
        conn = c.open()
        data = encode(api, version, body, 5) + b"\0\0\0"
        conn.raw(
            data, f"{api} v{version} and three bytes", api if api != "find_coordinator" else None, version
        ) if api not in ("list_groups", "api_versions", "find_coordinator") else conn.raw(
            data, f"{api} v{version} and three bytes", None
        )
        if (
            api in ("list_groups", "api_versions", "find_coordinator")
            and isinstance(c.steps[-1]["answer"], str)
            and c.steps[-1]["answer"][0].isdigit()
        ):
            c.steps[-1]["answer"] = "answered"


def all_topics(c: Context) -> None:
    """What there is depends on the cases before: only that it is everything is kept."""
    answer = c.steps[-1]["answer"]
    if isinstance(answer, dict) and len(answer["topics"]) > 1:
        answer["topics"] = "<all topics>"


@case
def body_of_wrong_shape(c: Context) -> None:
    """Array lengths and string lengths that cannot be."""
    for note, body in (
        ("array of 2^31-1", struct.pack(">i", 2147483647)),
        ("array of -2", struct.pack(">i", -2)),
        ("array of 5, nothing there", struct.pack(">i", 5)),
        ("string of -1 where null is not allowed", struct.pack(">ih", 1, -1)),
        ("string of -2", struct.pack(">ih", 1, -2)),
        ("string of 100, 3 bytes there", struct.pack(">ih", 1, 100) + b"abc"),
        ("string that is not UTF-8", struct.pack(">ih", 1, 2) + b"\xff\xfe"),
    ):
        c.open().raw(header(3, 1, 3, "conf", False) + body, note, "metadata", 1)
        all_topics(c)
    for note, body in (
        ("varint without end", b"\xff" * 10),
        ("array of a billion", b"\x80\x80\x80\x80\x04"),
        ("null string where not allowed", b"\x02\x00\x00"),
        ("array null", b"\x00\x00\x00\x00\x00"),
    ):
        c.open().raw(header(3, 9, 3, "conf", True) + body, f"flexible: {note}", "metadata", 9)
        all_topics(c)


@case
def pipelined_behind_a_wait(c: Context) -> None:
    """A request behind a waiting Fetch is answered after it, not before."""
    from tests.conformance.suite.shapes import fetch_body

    t = c.topic()
    conn = c.open("pipelined")
    slow = conn.post("fetch", 12, **fetch_body(c, t, max_wait=700, min_bytes=1))
    fast = conn.post("api_versions", 0)
    slow.answer("the fetch first")
    fast.answer("then the other", pick=lambda a: {"error_code": a["error_code"]})
