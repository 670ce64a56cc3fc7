"""A broker on a real socket that lets everybody in, and remembers who they said that they are."""

from __future__ import annotations

import queue
from typing import NamedTuple

from producer.wire.api import ApiKey, RequestHeader, encode_response
from producer.wire.codec import decode, encode
from producer.wire.messages import sasl_authenticate, sasl_handshake
from tests.unit.producer.drivers.one_broker import OneBroker

WAIT_S = 60


class Told(NamedTuple):
    """What a client says of itself."""

    client_id: str | None
    username: str | None = None
    password: str | None = None


class AskingBroker(OneBroker):
    """One that knows SASL/PLAIN as well."""

    def __init__(self) -> None:
        super().__init__()
        self._told: queue.Queue[Told] = queue.Queue()

    def told(self) -> Told:
        """Wait for what a client says of itself before it asks for anything."""
        return self._told.get(timeout=WAIT_S)

    def _answer(self, header: RequestHeader, body: bytes) -> bytes:
        version = header.api_version
        match header.api_key:
            case ApiKey.SASL_HANDSHAKE:
                asked = decode(sasl_handshake.SaslHandshakeRequest, body, version)
                answer = encode(sasl_handshake.SaslHandshakeResponse(0, (asked.mechanism,)), version)
            case ApiKey.SASL_AUTHENTICATE:
                token = decode(sasl_authenticate.SaslAuthenticateRequest, body, version).auth_bytes
                # For whom a client acts stands before that: itself, said or not.
                _, username, password = token.decode().split("\0")
                self._told.put(Told(header.client_id, username, password))
                answer = encode(sasl_authenticate.SaslAuthenticateResponse(), version)
            case _:
                if header.api_key != ApiKey.API_VERSIONS:
                    self._told.put(Told(header.client_id))
                return super()._answer(header, body)
        return encode_response(header.api_key, version, header.correlation_id, answer)
