"""Frames, headers and versions: lengths that cannot be, bytes behind, what is unknown and tagged."""

import struct

from tests.conformance.suite.case import case
from tests.conformance.suite.codec import API_KEYS, encode, header, is_flexible, versions
from tests.conformance.suite.context import Context

OURS = (
    "produce", "fetch", "list_offsets", "metadata", "offset_commit", "offset_fetch", "find_coordinator", "join_group",
    "heartbeat", "leave_group", "sync_group", "describe_groups", "list_groups", "api_versions", "create_topics", "delete_topics",
    "delete_records", "init_producer_id", "offset_for_leader_epoch", "describe_configs", "alter_configs",
    "alter_replica_log_dirs", "describe_log_dirs", "create_partitions", "delete_groups", "elect_leaders",
    "incremental_alter_configs", "alter_partition_reassignments", "list_partition_reassignments", "offset_delete",
    "update_features", "describe_cluster", "describe_producers", "consumer_group_heartbeat", "consumer_group_describe",
    "describe_topic_partitions", "list_config_resources", "describe_quorum",
)  # fmt: skip


@case
def versions_nobody_speaks(c: Context) -> None:
    """One below and one above those that there are; the largest number."""
    for api in OURS:
        if api == "api_versions":
            continue
        low, high = versions(api)[0], versions(api)[-1]
        for version in (low - 1, high + 1, 32767, -1):
            conn = c.open()
            conn.raw(header(API_KEYS[api], version, 3, "conf", True) + b"\0" * 20, f"{api} v{version}")


@case
def empty_bodies(c: Context) -> None:
    """A header and nothing behind it, in the first and last version."""
    for api in OURS:
        for version in sorted({versions(api)[0], versions(api)[-1]}):
            if version == 0 and api in {"list_groups", "api_versions"}:
                continue
            conn = c.open()
            conn.raw(header(API_KEYS[api], version, 3, "conf", is_flexible(api, version)), f"{api} v{version}")
            shortened(c)


@case
def bytes_behind(c: Context) -> None:
    """A request with bytes after its end: whether it is answered."""
    for api in OURS:
        for version in sorted({versions(api)[0], versions(api)[-1]}):
            conn = c.open()
            conn.raw(encode(api, version, {}, 5) + b"\0\0\0", f"{api} v{version}")
            shortened(c)


@case
def unknown_tags(c: Context) -> None:
    """Tagged fields that nobody knows, in the header and at the end of the body: they are passed over."""
    for api in OURS:
        version = versions(api)[-1]
        if not is_flexible(api, version):
            continue
        whole = encode(api, version, {}, 5)
        at = len(header(API_KEYS[api], version, 5, "conf", True))
        tags = b"\x01\x63\x03abc"
        for note, data in (
            ("in the header", whole[: at - 1] + tags + whole[at:]), ("in the body", whole[:-1] + tags if whole[-1:] == b"\0" else whole),
            ("twice in the header", whole[: at - 1] + b"\x02\x63\x01a\x63\x01b" + whole[at:]),
            ("longer than there is", whole[: at - 1] + b"\x01\x63\x7fabc"),
        ):  # fmt: skip
            conn = c.open()
            conn.raw(data, f"{api} v{version}: {note}")
            shortened(c)


def shortened(c: Context) -> None:
    """That it was answered is kept; with what depends on the cases before."""
    if isinstance(c.steps[-1]["answer"], str) and c.steps[-1]["answer"][0].isdigit():
        c.steps[-1]["answer"] = "answered"


@case
def lengths(c: Context) -> None:
    """Lengths of 0, of a few bytes, negative, beyond the limit; a frame in two parts."""
    for note, data in (
        ("0", b"\0\0\0\0"), ("1", b"\0\0\0\x01x"), ("4", struct.pack(">i", 4) + b"\0\x12\0\0"), ("7", struct.pack(">i", 7) + b"\0\x12\0\0\0\0\0"),
        ("8, no client id", struct.pack(">i", 8) + struct.pack(">hhi", 18, 0, 3)), ("-1", struct.pack(">i", -1)), ("-2^31", struct.pack(">i", -2147483648)),
        ("100 MB and one", struct.pack(">i", 104857601)), ("2^31-1", struct.pack(">i", 2147483647)),
    ):  # fmt: skip
        conn = c.open()
        conn.raw(data, note, framed=False)
        shortened(c)
        c.open("after").probe()


@case
def headers(c: Context) -> None:
    """Client ids that cannot be: -2, longer than the frame, not UTF-8; no tags where they must be."""
    for note, data in (
        ("client id of -2", struct.pack(">hhih", 3, 1, 3, -2) + b"\0\0\0\0"), ("longer than the frame", struct.pack(">hhih", 3, 1, 3, 500) + b"abc"),
        ("not UTF-8", struct.pack(">hhih", 3, 1, 3, 2) + b"\xff\xfe" + b"\0\0\0\0"), ("null", struct.pack(">hhih", 3, 1, 3, -1) + b"\0\0\0\0"),
        ("no tags in a flexible header", header(3, 9, 3, "conf", False) + b"\x01\0\0\0"),
        ("negative correlation", struct.pack(">hhih", 3, 1, -5, -1) + b"\0\0\0\0"),
    ):  # fmt: skip
        conn = c.open()
        conn.raw(data, note)
        shortened(c)


@case
def answers_in_order(c: Context) -> None:
    """Many requests at once on one connection, of several kinds."""
    t = c.topic()
    conn = c.open("pipelined")
    posted = [
        conn.post(
            "produce",
            9,
            acks=-1,
            timeout=1000,
            topic_data=[{"name": t, "partition_data": [{"index": 0, "records": c.batch(b"a")}]}],
        ),
        conn.post("metadata", 12, topics=[{"name": t}]),
        conn.post(
            "list_offsets",
            7,
            replica_id=-1,
            topics=[{"name": t, "partitions": [{"partition_index": 0, "timestamp": -1}]}],
        ),
        conn.post("find_coordinator", 4, key_type=0, coordinator_keys=["g"]),
        conn.post(
            "produce",
            9,
            acks=0,
            timeout=1000,
            topic_data=[{"name": t, "partition_data": [{"index": 0, "records": c.batch(b"b")}]}],
        ),
        conn.post(
            "list_offsets",
            7,
            replica_id=-1,
            topics=[{"name": t, "partitions": [{"partition_index": 0, "timestamp": -1}]}],
        ),
    ]
    for number, one in enumerate(posted):
        if number != 4:
            one.answer()
