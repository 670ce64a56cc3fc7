"""A raw client that says who it is, request by request, to brokers that ask; and the clusters that do."""

from __future__ import annotations

from typing import Any

from producer.client.sasl.mechanism import OAUTHBEARER, PLAIN, SCRAM_SHA_256, SCRAM_SHA_512
from producer.client.sasl.scram import Scram
from producer.client.sasl.scram_keys import HASHES
from producer.wire.api import ApiKey
from producer.wire.messages.sasl_authenticate import SaslAuthenticateRequest
from producer.wire.messages.sasl_handshake import SaslHandshakeRequest
from sim.cluster.security.listeners import Listener, SecurityProtocol
from sim.cluster.security.users import Authentication, User
from tests.unit.sim.raw_client import Lab, RawConnection

SASL_PORT = 9094
PASSWORD = "alice-secret"
ALICE = User("alice", PASSWORD)
BOB = User("bob", "bob-secret")


def secure_lab(*, max_reauth_ms: int = 0, is_served: bool = False, **config: Any) -> Lab:
    """A cluster that is reached by everybody on 9092, and by those who say who they are on 9094."""
    asking = Listener(
        "CLIENTS",
        SecurityProtocol.SASL_PLAINTEXT,
        SASL_PORT,
        (PLAIN, SCRAM_SHA_256, SCRAM_SHA_512, OAUTHBEARER),
        max_reauth_ms,
    )
    config.setdefault("authentication", Authentication(users=(ALICE, BOB)))
    return Lab(is_served=is_served, listeners=(Listener(), asking), **config)


def connected(lab: Lab, broker: int = 1) -> RawConnection:
    """Open a stream to the listener that asks who is there."""
    return lab.client.connect(broker, port=SASL_PORT)


def shake(connection: RawConnection, mechanism: str = PLAIN, version: int = 1) -> Any:
    return connection.call(ApiKey.SASL_HANDSHAKE, SaslHandshakeRequest(mechanism), version)


def say(connection: RawConnection, token: bytes, version: int = 2) -> Any:
    return connection.call(ApiKey.SASL_AUTHENTICATE, SaslAuthenticateRequest(token), version)


def plain_token(user: str = "alice", password: str = PASSWORD) -> bytes:
    return f"\0{user}\0{password}".encode()


def logged_in(lab: Lab, user: User = ALICE) -> RawConnection:
    """A connection over which that user is known."""
    connection = connected(lab)
    shake(connection)
    answer = say(connection, plain_token(user.name, user.password))
    assert answer.error_code == 0
    return connection


def by_scram(connection: RawConnection, mechanism: str, user: str = "alice", password: str = PASSWORD) -> Any:
    """The last answer of a SCRAM exchange."""
    client = Scram(HASHES[mechanism], user, password, nonce="rOprNGfwEbeRWgbNEkqO")
    shake(connection, mechanism)
    answer = say(connection, client.open())
    token = None if answer is None or answer.error_code else client.answer(answer.auth_bytes)
    return answer if token is None else say(connection, token)
