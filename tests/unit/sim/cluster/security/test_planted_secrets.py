"""Secrets that clients send and clusters know are planted, and then looked for in everything that a run tells."""

from __future__ import annotations

import base64
import json

import pytest

from producer.client.sasl.mechanism import OAUTHBEARER, SCRAM_SHA_256
from producer.wire.api import ApiKey
from producer.wire.messages.alter_user_scram_credentials import AlterUserScramCredentialsRequest
from sim.cluster.broker.handlers import HANDLERS
from sim.cluster.controller import apis
from sim.cluster.security.sasl.token_rules import RS256, TokenRules
from sim.cluster.security.users import Authentication, User
from sim.trace.events import AuthenticationFailed, ClientAuthenticated, HandlerFailed
from tests.unit.sim.cluster.security.sasl_client import (
    by_scram,
    connected,
    logged_in,
    plain_token,
    say,
    secure_lab,
    shake,
)
from tests.unit.sim.cluster.security.test_scram_credentials import upsertion
from tests.unit.sim.raw_client import Lab

PLANTED = "pl4nted-s3cret"
GUESSED = "gu3ssed-s3cret"


def lab_with_secrets() -> Lab:
    return secure_lab(is_served=True, authentication=Authentication(users=(User("alice", PLANTED),)))


def everything_told(lab: Lab) -> str:
    """The trace as text: as it is shown, and as it is written to a file."""
    return "\n".join(f"{event!r} {json.dumps(event, default=repr)}" for event in lab.trace)


def is_in(secret: bytes, told: str) -> bool:
    forms = (secret.decode(errors="replace"), repr(secret)[2:-1], secret.hex(), base64.b64encode(secret).decode())
    return any(form in told for form in forms)


def test_right_and_wrong_proofs_leave_nothing_in_the_trace() -> None:
    lab = lab_with_secrets()
    logged_in(lab, User("alice", PLANTED))
    by_scram(connected(lab), SCRAM_SHA_256, "alice", PLANTED)
    by_scram(connected(lab), SCRAM_SHA_256, "alice", GUESSED)
    for version, token in ((1, plain_token(password=GUESSED)), (1, GUESSED.encode()), (0, GUESSED.encode())):
        connection = connected(lab)
        shake(connection, version=version)
        if version:
            say(connection, token)
        else:
            connection.endpoint.send(len(token).to_bytes(4, "big") + token)
    connection = connected(lab)
    connection.endpoint.send(len(GUESSED).to_bytes(4, "big") + GUESSED.encode())
    lab.run(1)

    told = everything_told(lab)

    assert len(lab.events(ClientAuthenticated)) == 2
    assert len(lab.events(AuthenticationFailed)) == 5
    assert not is_in(PLANTED.encode(), told)
    assert not is_in(GUESSED.encode(), told)


def test_a_changed_password_leaves_nothing_in_the_trace() -> None:
    lab = lab_with_secrets()
    wanted = upsertion("carol", PLANTED)
    lab.client.connect(1).call(ApiKey.ALTER_USER_SCRAM_CREDENTIALS, AlterUserScramCredentialsRequest((), (wanted,)))

    assert not is_in(wanted.salted_password, everything_told(lab))


def test_a_bug_at_a_secret_tells_of_itself_and_of_nothing_that_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*given: object) -> None:
        raise KeyError(f"{given} {PLANTED}")

    lab = lab_with_secrets()
    for key in (ApiKey.SASL_AUTHENTICATE, ApiKey.SASL_HANDSHAKE):
        monkeypatch.setitem(HANDLERS, key, stumble)
    monkeypatch.setitem(apis.APIS, ApiKey.ALTER_USER_SCRAM_CREDENTIALS, stumble)
    wanted = upsertion("carol", PLANTED)

    say(logged_in(lab, User("alice", PLANTED)), plain_token(password=PLANTED))
    shake(logged_in(lab, User("alice", PLANTED)), PLANTED)
    lab.client.connect(1).call(ApiKey.ALTER_USER_SCRAM_CREDENTIALS, AlterUserScramCredentialsRequest((), (wanted,)))
    told = everything_told(lab)

    assert [event.request for event in lab.events(HandlerFailed)] == ["", "", ""]
    assert all(event.error.startswith("KeyError: (not told)") for event in lab.events(HandlerFailed))
    assert not is_in(PLANTED.encode(), told)
    assert not is_in(wanted.salted_password, told)


def test_a_bug_amid_an_authentication_ends_that_connection_alone() -> None:
    lab = secure_lab(
        is_served=True,
        authentication=Authentication(
            users=(User("alice", PLANTED),), tokens=TokenRules(algorithm=RS256, key=b"no PEM")
        ),
    )
    connection = connected(lab)
    shake(connection, OAUTHBEARER)

    assert say(connection, b"n,,\x01auth=Bearer eyJhbGciOiJSUzI1NiJ9.e30.AAAA\x01\x01") is None

    (failed,) = lab.events(HandlerFailed)
    assert (failed.api, failed.request) == ("SaslAuthenticate", "")
    assert logged_in(lab, User("alice", PLANTED)).is_open


def test_the_search_finds_what_is_told() -> None:
    for form in (PLANTED, repr(PLANTED.encode()), PLANTED.encode().hex(), base64.b64encode(PLANTED.encode()).decode()):
        assert is_in(PLANTED.encode(), f"told: {form}")
    assert not is_in(PLANTED.encode(), "told: nothing")
