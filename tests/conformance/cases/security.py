"""SASL and ACLs, on the secure cluster: c.main speaks to the super user's PLAINTEXT listener."""

import base64
import hashlib
import hmac
from typing import Any

from tests.conformance.suite.case import case
from tests.conformance.suite.codec import API_KEYS, header, versions
from tests.conformance.suite.context import Context


def sasl(c: Context, label: Any = "") -> Any:
    return c.open(label or "sasl", where=c.wire.sasl_bootstrap)


def shake(conn: Any, mechanism: Any = "PLAIN", note: Any = "", version: Any = 1, **how: Any) -> Any:
    return conn.send("sasl_handshake", version, note, mechanism=mechanism, **how)


def authenticate(conn: Any, data: Any, note: Any = "", version: Any = 2, **how: Any) -> Any:
    return conn.send("sasl_authenticate", version, note, auth_bytes=data, **how)


def login(c: Context, user: Any = "alice", label: Any = "") -> Any:
    conn = sasl(c, label or user)
    conn.quiet("sasl_handshake", 1, mechanism="PLAIN")
    got = conn.quiet("sasl_authenticate", 2, auth_bytes=f"\0{user}\0{user}-secret".encode())
    assert got["error_code"] == 0
    return conn


@case(secure=True, each={"version": versions("sasl_authenticate")})
def plain_right(c: Context, version: Any) -> None:
    """Right password: then requests are served."""
    conn = sasl(c)
    shake(conn)
    authenticate(conn, b"\0alice\0alice-secret", version=version)
    conn.send("metadata", 9, topics=[], _hide=("brokers",))
    shake(conn, note="a handshake after the authentication", _silent=True)
    authenticate(
        conn, b"\0alice\0alice-secret", "an authentication after the authentication", version=version, _silent=True
    )


@case(secure=True)
def plain_raw_tokens(c: Context) -> Any:
    """Handshake v0: the tokens follow without Kafka headers."""
    conn = sasl(c)
    shake(conn, version=0)
    conn.raw(b"\0alice\0alice-secret", "the token alone")
    conn = sasl(c)
    shake(conn, version=0)
    conn.raw(b"\0alice\0nonsense", "a wrong token alone")
    conn = sasl(c)
    shake(conn, version=0)
    authenticate(conn, b"\0alice\0alice-secret", "a SaslAuthenticate after handshake v0", _silent=True)


class Scram:
    def __init__(self, name: str, user: str, password: str, nonce: str = "clientnonce") -> None:
        self.hash, self.user, self.password, self.nonce = name, user, password, nonce
        self.first_bare = f"n={user},r={nonce}"

    def first(self) -> bytes:
        return b"n,," + self.first_bare.encode()

    def final(self, server_first: bytes, proof_change: bytes = b"") -> bytes:
        parts = dict(p.split("=", 1) for p in server_first.decode().split(","))
        salted = hashlib.pbkdf2_hmac(self.hash, self.password.encode(), base64.b64decode(parts["s"]), int(parts["i"]))
        client_key = hmac.digest(salted, b"Client Key", self.hash)
        bare = f"c=biws,r={parts['r']}"
        message = f"{self.first_bare},{server_first.decode()},{bare}".encode()
        signature = hmac.digest(hashlib.new(self.hash, client_key).digest(), message, self.hash)
        proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True)) + proof_change
        self.server_signature = hmac.digest(hmac.digest(salted, b"Server Key", self.hash), message, self.hash)
        return f"{bare},p={base64.b64encode(proof).decode()}".encode()


def shape(data: Any) -> Any:
    """Which attributes a SCRAM message has, and those that do not vary."""
    out = {}
    for part in data.decode().split(","):
        key, _, value = part.partition("=")
        out[key] = (
            value
            if key in ("i", "e")
            else value.startswith("clientnonce") and "starts with the client's"
            if key == "r"
            else "<bytes>"
        )
    return out


def scram_step(answer: Any) -> Any:
    return dict(answer, auth_bytes=shape(answer["auth_bytes"]) if answer["auth_bytes"] else None)


@case(secure=True, each={"mechanism": ("SCRAM-SHA-256", "SCRAM-SHA-512")})
def scram_right(c: Context, mechanism: Any) -> None:
    """The whole exchange; the server's signature is right."""
    conn = sasl(c)
    shake(conn, mechanism)
    me = Scram("sha256" if mechanism.endswith("256") else "sha512", "alice", "alice-secret")
    one = authenticate(conn, me.first(), "client first", _pick=scram_step)
    two = authenticate(conn, me.final(one["auth_bytes"]), "client final", _pick=scram_step)
    c.steps[-1]["answer"]["signature_right"] = two["auth_bytes"] == b"v=" + base64.b64encode(me.server_signature)
    c.steps[-1]["sent"] = {}
    conn.send("metadata", 9, topics=[], _hide=("brokers",))


@case(secure=True, each={"mechanism": ("SCRAM-SHA-256", "SCRAM-SHA-512")})
def scram_wrong(c: Context, mechanism: Any) -> Any:
    """Wrong password, unknown user, wrong nonce, garbage."""
    name = "sha256" if mechanism.endswith("256") else "sha512"

    def begin(note: str, user: str = "alice", password: str = "alice-secret") -> Any:
        conn = sasl(c)
        conn.quiet("sasl_handshake", 1, mechanism=mechanism)
        me = Scram(name, user, password)
        return conn, me, authenticate(conn, me.first(), note, _pick=scram_step, _silent=True)

    conn, me, one = begin("wrong password: first", password="nonsense")
    authenticate(conn, me.final(one["auth_bytes"]), "wrong password: final", _pick=scram_step)
    c.steps[-1]["sent"] = {}
    conn.probe()
    conn, me, one = begin("unknown user: first", user="bob")
    conn.probe()
    conn, me, one = begin("wrong nonce: first")
    authenticate(
        conn,
        me.final(one["auth_bytes"]).replace(b"r=clientnonce", b"r=Clientnonce"),
        "wrong nonce: final",
        _pick=scram_step,
    )
    c.steps[-1]["sent"] = {}
    for note, data in (
        ("garbage", b"garbage"),
        ("nothing", b""),
        ("channel binding wanted", b"y,,n=alice,r=x"),
        ("empty user", b"n,,n=,r=x"),
    ):
        conn = sasl(c)
        conn.quiet("sasl_handshake", 1, mechanism=mechanism)
        authenticate(conn, data, note, _pick=scram_step, _silent=True)


@case(secure=True)
def api_versions_unsupported_before_authentication(c: Context) -> None:
    """An ApiVersions version nobody knows, on a SASL listener; then the handshake."""
    conn = sasl(c)
    conn.raw(
        header(API_KEYS["api_versions"], 99, 7, "conf", True) + b"\x05conf\x041.0\0", "version 99", "api_versions", 0
    )
    shake(conn, _silent=True)


def acl(
    kind: Any,
    name: Any,
    operation: Any,
    principal: str = "User:alice",
    pattern: Any = 3,
    host: Any = "*",
    permission: Any = 3,
) -> Any:
    return {
        "resource_type": kind,
        "resource_name": name,
        "resource_pattern_type": pattern,
        "principal": principal,
        "host": host,
        "operation": operation,
        "permission_type": permission,
    }


def filt(
    kind: Any = 1,
    name: Any = None,
    pattern: Any = 1,
    principal: Any = None,
    host: Any = None,
    operation: Any = 1,
    permission: Any = 1,
) -> Any:
    return {
        "resource_type_filter": kind,
        "resource_name_filter": name,
        "pattern_type_filter": pattern,
        "principal_filter": principal,
        "host_filter": host,
        "operation": operation,
        "permission_type": permission,
    }


@case(secure=True)
def acl_errors(c: Context) -> None:
    """What an ACL cannot be."""
    t = c.name("t")
    for note, one in (
        ("any type", acl(1, t, 3)),
        ("unknown type", acl(9, t, 3)),
        ("any operation", acl(2, t, 1)),
        ("unknown operation", acl(2, t, 99)),
        ("any permission", acl(2, t, 3, permission=1)),
        ("any pattern", acl(2, t, 3, pattern=1)),
        ("match pattern", acl(2, t, 3, pattern=2)),
        ("empty name", acl(2, "", 3)),
        ("principal without a type", acl(2, t, 3, "alice")),
        ("empty principal", acl(2, t, 3, "")),
        ("a cluster of another name", acl(4, "nonsense", 3)),
        ("an operation a topic does not have", acl(2, t, 12)),
        ("empty host", acl(2, t, 3, host="")),
    ):
        c.open().send("create_acls", 3, note, creations=[one], _silent=True)
    c.send("create_acls", 3, "none", creations=[])
    for note, one in (
        ("unknown type", filt(9)),
        ("unknown pattern", filt(pattern=9)),
        ("unknown operation", filt(operation=99)),
        ("unknown permission", filt(permission=9)),
    ):
        c.open().send("describe_acls", 3, note, **one, _silent=True)
        c.open().send("delete_acls", 3, note, filters=[one], _silent=True)


@case(secure=True)
def super_user(c: Context) -> None:
    """admin over SASL may do everything; describing itself."""
    t = c.topic()
    conn = login(c, "admin")
    conn.send(
        "metadata",
        12,
        topics=[{"name": t}],
        allow_auto_topic_creation=False,
        include_topic_authorized_operations=True,
        _hide=("brokers",),
    )
    conn.send("describe_cluster", 1, include_cluster_authorized_operations=True, _hide=("brokers",))
    conn.send("describe_user_scram_credentials", 0, users=[{"name": "alice"}, {"name": "nobody"}])
