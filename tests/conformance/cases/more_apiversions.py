"""ApiVersions: versions nobody speaks, names of clients that may not be."""

from typing import Any

from tests.conformance.suite.case import case
from tests.conformance.suite.codec import header
from tests.conformance.suite.context import Context


@case(each={"version": (5, 6, 99, 32767, -1)})
def unknown_versions(c: Context, version: Any) -> None:
    """Answered as version 0, with what may be asked."""
    conn = c.open("asks")
    conn.raw(header(18, version, 7, "conf", version >= 3) + b"\x05conf\x041.0\0", f"v{version}", "api_versions", 0)
    answer = c.steps[-1]["answer"]
    if isinstance(answer, dict):
        answer["api_keys"] = [one for one in answer["api_keys"] if one["api_key"] == 18]
    conn.probe()


@case(each={"version": (3, 4)})
def odd_names(c: Context, version: Any) -> None:
    """Names and versions of client software: empty, blank, with characters that may not be."""
    for name, release in (
        ("conf", ""), ("", "1.0"), ("", ""), (" ", "1.0"), ("a b", "1.0"), ("é", "1.0"), ("conf", "1 0"), ("-conf", "1.0"),
        ("conf-", "1.0"), ("conf", "-1"), ("a.b-c", "1.0-x"), ("a_b", "1"), ("x" * 300, "1"), ("1", "1"), (".a", "1"),
    ):  # fmt: skip
        conn = c.open()
        conn.send(
            "api_versions",
            version,
            f"{name[:10]!r} {release!r}",
            client_software_name=name,
            client_software_version=release,
            _hide=("api_keys", "finalized_features", "finalized_features_epoch", "supported_features"),
        )


@case
def bodies_of_wrong_shape(c: Context) -> None:
    """Cut, with more behind it, in versions without a body."""
    for version, body in (
        (0, b"abc"),
        (2, b"abc"),
        (3, b""),
        (3, b"\x05conf"),
        (3, b"\x05conf\x041.0"),
        (3, b"\x05conf\x041.0\0\0"),
        (3, b"\0\x041.0\0"),
    ):
        conn = c.open()
        conn.raw(header(18, version, 7, "conf", version >= 3) + body, f"v{version} {body!r}", "api_versions", version)
        answer = c.steps[-1]["answer"]
        if isinstance(answer, dict):
            c.steps[-1]["answer"] = {"error_code": answer["error_code"]}


@case(each={"client": (None, "", "é", "x" * 1000)})
def odd_client_ids(c: Context, client: Any) -> None:
    """Null, empty, not ASCII, long."""
    conn = c.open("with it", client_id=client)
    for version in (0, 3):
        how: Any = {"client_software_name": "conf", "client_software_version": "1.0"} if version >= 3 else {}
        conn.send(
            "api_versions",
            version,
            _hide=("api_keys", "finalized_features", "finalized_features_epoch", "supported_features"),
            **how,
        )
    conn.send("metadata", 12, topics=[], _hide=("brokers", "controller_id"))
