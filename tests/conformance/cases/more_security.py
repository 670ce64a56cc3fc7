"""Who is there, in more cases: the order of requests, of refusals and of endings, and what there is no master key for."""

from __future__ import annotations

import base64
import struct
from typing import Any

from tests.conformance.cases.security import Scram, authenticate, login, sasl, scram_step, shake
from tests.conformance.suite.case import case
from tests.conformance.suite.codec import API_KEYS, header
from tests.conformance.suite.context import Context

ALICE = b"\0alice\0alice-secret"


def versions(conn: Any, note: str = "", version: int = 3, software: str = "conf") -> Any:
    return conn.send(
        "api_versions",
        version,
        note,
        client_software_name=software,
        client_software_version="1",
        _silent=True,
        _pick=lambda answer: {"error_code": answer["error_code"]},
    )


@case(secure=True)
def order_before_a_mechanism(c: Context) -> None:
    """What may come first, and what may not."""
    sasl(c, "metadata first").send("metadata", 9, topics=[], _silent=True)
    authenticate(sasl(c, "a token first"), ALICE, _silent=True)
    conn = sasl(c, "versions twice")
    versions(conn, "the first")
    versions(conn, "the second")
    conn = sasl(c, "metadata behind versions")
    versions(conn)
    conn.send("metadata", 9, topics=[], _silent=True)
    conn = sasl(c, "a token behind versions")
    versions(conn)
    authenticate(conn, ALICE, _silent=True)
    conn = sasl(c, "odd software, and again")
    versions(conn, "odd", software="odd software!")
    versions(conn, "right")
    shake(conn, _silent=True)


@case(secure=True)
def order_behind_a_handshake(c: Context) -> None:
    """The mechanism is agreed on: only tokens may follow."""
    for note in ("versions", "handshake", "metadata", "a later version of the token's request"):
        conn = sasl(c, note)
        conn.quiet("sasl_handshake", 1, mechanism="PLAIN")
        if note == "versions":
            versions(conn)
        elif note == "handshake":
            shake(conn, _silent=True)
        elif note == "metadata":
            conn.send("metadata", 9, topics=[], _silent=True)
        else:
            conn.raw(header(API_KEYS["sasl_authenticate"], 9, 7, "conf", True) + b"\x01\0", note)
        conn.probe()


@case(secure=True)
def mechanisms_that_are_not_offered(c: Context) -> None:
    """Kerberos, tokens, another spelling, nothing."""
    for name in ("GSSAPI", "OAUTHBEARER", "plain", "SCRAM-SHA-1", ""):
        conn = sasl(c, name)
        shake(conn, name, _silent=True)
        conn.probe()
    conn = sasl(c, "in version 0")
    shake(conn, "GSSAPI", version=0, _silent=True)
    conn.probe()


@case(secure=True)
def what_is_no_request(c: Context) -> None:
    """Bytes of no request come first; and behind a handshake."""
    for note, data in (
        ("nothing", b""),
        ("a token of Kerberos", b"\x60\x82\x01\x02 and more"),
        ("an API that nobody knows", struct.pack(">hhih", 999, 0, 7, -1)),
        ("a cut header", b"\0\x12\0"),
    ):
        sasl(c, f"first: {note}").raw(data, note)
        conn = sasl(c, f"then: {note}")
        conn.quiet("sasl_handshake", 1, mechanism="PLAIN")
        conn.raw(data, note)


@case(secure=True)
def plain_wrong(c: Context) -> None:
    """Every way in which one token is wrong."""
    for note, data in (
        ("wrong password", b"\0alice\0wrong"),
        ("unknown user", b"\0bob\0alice-secret"),
        ("no password", b"\0alice\0"),
        ("no name", b"\0\0alice-secret"),
        ("no zero byte", b"alice"),
        ("one zero byte", b"alice\0alice-secret"),
        ("three zero bytes", ALICE + b"\0"),
        ("nothing", b""),
        ("for somebody else", b"bob\0alice\0alice-secret"),
        ("for oneself", b"alice" + ALICE),
        ("no UTF-8", b"\0alice\0\xff\xfe"),
    ):
        conn = sasl(c, note)
        conn.quiet("sasl_handshake", 1, mechanism="PLAIN")
        authenticate(conn, data, _silent=True)


@case(secure=True)
def scram_odd(c: Context) -> None:
    """Authorization ids, reserved attributes, extensions, a proof of another length, tokens of delegates."""
    for note, first in (
        ("for somebody else", b"n,a=bob,n=alice,r=clientnonce"),
        ("for oneself", b"n,a=alice,n=alice,r=clientnonce"),
        ("a reserved attribute", b"n,,m=x,n=alice,r=clientnonce"),
        ("an extension", b"n,,n=alice,r=clientnonce,x=y"),
        ("as a delegate", b"n,,n=alice,r=clientnonce,tokenauth=true"),
        ("no nonce", b"n,,n=alice"),
        ("a bad escape", b"n,,n=al=ice,r=clientnonce"),
        ("a line break behind it", b"n,,n=alice,r=clientnonce\n"),
    ):
        conn = sasl(c, note)
        conn.quiet("sasl_handshake", 1, mechanism="SCRAM-SHA-256")
        authenticate(conn, first, _pick=scram_step, _silent=True)
    for note, change in (("a longer proof", b"x"), ("a much longer proof", b"x" * 33)):
        conn = sasl(c, note)
        conn.quiet("sasl_handshake", 1, mechanism="SCRAM-SHA-256")
        me = Scram("sha256", "alice", "alice-secret")
        one = conn.quiet("sasl_authenticate", 2, auth_bytes=me.first())
        authenticate(conn, me.final(one["auth_bytes"], change), note, _silent=True)
        c.steps[-1]["sent"] = {}
    conn = sasl(c, "the wrong channel")
    conn.quiet("sasl_handshake", 1, mechanism="SCRAM-SHA-256")
    me = Scram("sha256", "alice", "alice-secret")
    one = conn.quiet("sasl_authenticate", 2, auth_bytes=me.first())
    other = me.final(one["auth_bytes"]).replace(b"c=biws", b"c=" + base64.b64encode(b"y,,"))
    authenticate(conn, other, _silent=True)
    c.steps[-1]["sent"] = {}


@case(secure=True)
def a_token_that_is_too_long(c: Context) -> None:
    """More than sasl.server.max.receive.size."""
    conn = sasl(c)
    conn.quiet("sasl_handshake", 1, mechanism="PLAIN")
    authenticate(conn, b"x" * 600_000, _silent=True)
    c.steps[-1]["sent"] = {}


@case(secure=True)
def delegation_tokens(c: Context) -> None:
    """Without a master key there are none: over a connection that asks nothing, and over one that knows who is there."""
    for conn in (c.open("PLAINTEXT"), login(c, "admin"), login(c, "alice")):
        for renewers in ([], [{"principal_type": "Group", "principal_name": "all"}]):
            conn.send(
                "create_delegation_token",
                3,
                "renewers" if renewers else "",
                owner_principal_type=None,
                owner_principal_name=None,
                renewers=renewers,
                max_lifetime=-1,
            )
        conn.send(
            "create_delegation_token",
            3,
            "for somebody else",
            owner_principal_type="User",
            owner_principal_name="bob",
            renewers=[],
            max_lifetime=-1,
        )
        conn.send("create_delegation_token", 2, renewers=[], max_lifetime=-1)
        conn.send("renew_delegation_token", 2, hmac=b"x", renew_period=1000)
        conn.send("expire_delegation_token", 2, hmac=b"x", expiry_time_period=1000)
        conn.send("describe_delegation_token", 3, owners=None)
        conn.send("describe_delegation_token", 3, "nobody's", owners=[])


@case(secure=True)
def sasl_where_nobody_asks(c: Context) -> None:
    """A handshake and a token on a listener without SASL."""
    conn = c.open("PLAINTEXT")
    shake(conn, _silent=True)
    shake(conn, "nonsense", "in version 0", version=0, _silent=True)
    authenticate(conn, ALICE, _silent=True)
    conn.probe()


@case(secure=True)
def credentials_are_for_those_who_may(c: Context) -> None:
    """Who may not look at the cluster, nor change it."""
    conn = login(c)
    conn.send("describe_user_scram_credentials", 0, users=[{"name": "alice"}])
    conn.send("alter_user_scram_credentials", 0, deletions=[{"name": "alice", "mechanism": 1}], upsertions=[])
