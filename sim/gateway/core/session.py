"""One client's connection and the connection to a broker behind it: every frame that passes is looked at, in both directions.

Requests go on in their order and answers come back in theirs. What the gateway answers by itself waits for its turn.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.errors import Code, MalformedError, UnsupportedVersionError
from producer.wire import api
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.frames import FRAME_BYTES_MAX, FrameReader, frame
from producer.wire.messages.api_versions import ApiVersion, decode_response, encode_unsupported_version
from producer.wire.messages.produce import ProduceRequest
from producer.wire.messages.sasl_authenticate import SaslAuthenticateRequest, SaslAuthenticateResponse
from producer.wire.messages.sasl_handshake import SaslHandshakeRequest
from sim.gateway.core.addresses import REWRITTEN
from sim.gateway.core.enforcement import Client
from sim.gateway.core.fetching import readable
from sim.gateway.core.identity import ANONYMOUS, Identity
from sim.gateway.core.offer import is_offered, offered
from sim.gateway.core.producing import decided

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.wire.api import RequestHeader
    from sim.gateway.core.addresses import Addresses
    from sim.gateway.core.enforcement import Enforcement, Steps
    from sim.gateway.core.producing import Producing

_LOOKED_AT = {*REWRITTEN, ApiKey.API_VERSIONS, ApiKey.SASL_AUTHENTICATE}
"""The answers that are read; all others pass as they came."""

_API_VERSIONS = ApiVersion(ApiKey.API_VERSIONS, *ApiKey.API_VERSIONS.versions)


class SessionError(Exception):
    """The session cannot go on: both connections are to be closed. Says what was sent that cannot pass, and by whom."""


class _Awaited:
    """A request whose answer the client waits for."""

    __slots__ = ("answer", "header", "producing")

    def __init__(self, header: RequestHeader, producing: Producing | None = None, answer: bytes | None = None) -> None:
        self.header = header
        self.producing = producing
        self.answer = answer
        """The whole frame, once it is known."""


class Taken(NamedTuple):
    """What a session has for both sides."""

    for_broker: bytes
    for_client: bytes


class Session:
    """Hand in what either side sent, then take what there is for both. Raises SessionError where it cannot go on."""

    def __init__(
        self,
        enforcement: Enforcement,
        addresses: Addresses,
        *,
        client_host: str,
        principal: str = ANONYMOUS,
        frame_bytes_max: int = FRAME_BYTES_MAX,
        on_passed: Callable[[RequestHeader, ProduceRequest, ProduceRequest], object] | None = None,
    ) -> None:
        """`principal` is who the client is before it logs in, by its certificate for one.

        `on_passed` is told of each Produce request, as it came and as it goes on to the broker.
        """
        self.is_over = False
        """Whether the client is to be left once it has what there is for it: a request with acks=0 was refused."""
        self._enforcement = enforcement
        self._addresses = addresses
        self._on_passed = on_passed
        self._client_host = client_host
        self._client_id = ""
        self._identity = Identity(principal)
        self._requests = FrameReader(frame_bytes_max)
        self._answers = FrameReader(frame_bytes_max)
        self._awaited: deque[_Awaited] = deque()
        self._for_broker: list[bytes] = []
        self._for_client: list[bytes] = []

    @property
    def client(self) -> Client:
        """Who is on the other side."""
        return Client(self._client_host, self._client_id, self._identity.principal)

    def take(self) -> Taken:
        """Give what is to be sent now."""
        taken = Taken(b"".join(self._for_broker), b"".join(self._for_client))
        self._for_broker.clear()
        self._for_client.clear()
        return taken

    # -- requests ------------------------------------------------------------------------------------------------------

    def client_sent(self, data: bytes) -> Steps[None]:
        """Take bytes of the client, and go through the questions that they lead to before anything else is handed in."""
        try:
            for payload in self._requests.feed(data):
                if self.is_over:
                    return
                yield from self._request(payload)
            if self._requests.is_malformed:
                self._requests.feed(b"")
        except (MalformedError, UnsupportedVersionError) as error:
            msg = f"client {self._client_host}: {error}"
            raise SessionError(msg) from error

    def _request(self, payload: bytes) -> Steps[None]:
        header, position = api.decode_request_header(payload)
        if not is_offered(header.api_key, header.api_version):
            msg = f"API {header.api_key} version {header.api_version}, which does not pass here"
            raise MalformedError(msg)
        self._client_id = header.client_id or ""
        if header.api_key == ApiKey.API_VERSIONS and header.api_version > _API_VERSIONS.max_version:
            # A broker may know it; the answer would be none that can be read here.
            body = encode_unsupported_version((_API_VERSIONS,))
            self._awaited.append(
                _Awaited(header, answer=api.encode_response(header.api_key, 0, header.correlation_id, body))
            )
            self._flush()
            return
        if header.api_key == ApiKey.PRODUCE:
            yield from self._produce(header, payload, position)
            return
        if header.api_key == ApiKey.SASL_HANDSHAKE:
            asked = decode(SaslHandshakeRequest, payload[position:], header.api_version)
            self._identity.shakes_hands(asked.mechanism)
        elif header.api_key == ApiKey.SASL_AUTHENTICATE:
            told = decode(SaslAuthenticateRequest, payload[position:], header.api_version)
            self._identity.proves(told.auth_bytes)
        self._awaited.append(_Awaited(header))
        self._for_broker.append(frame(payload))

    def _produce(self, header: RequestHeader, payload: bytes, position: int) -> Steps[None]:
        version = header.api_version
        request = decode(ProduceRequest, payload[position:], version)
        producing = yield from decided(self.client, request, self._enforcement)
        if producing.passed is request:
            self._for_broker.append(frame(payload))
        elif producing.passed is not None:
            body = encode(producing.passed, version)
            self._for_broker.append(
                api.encode_request(header.api_key, version, header.correlation_id, header.client_id, body)
            )
        if producing.passed is not None and self._on_passed is not None:
            self._on_passed(header, request, producing.passed)
        if not producing.is_answered:
            producing.unheard()
            # The only way to tell an error to a client that gets no answer, as brokers have it.
            self.is_over = producing.has_refused
            return
        awaited = _Awaited(header, producing)
        self._awaited.append(awaited)
        if producing.passed is None:
            awaited.answer = self._encoded(header, producing.told(None))
            self._flush()

    # -- answers -------------------------------------------------------------------------------------------------------

    def broker_sent(self, data: bytes) -> Steps[None]:
        """Take bytes of the broker, and go through the questions that they lead to before anything else is handed in."""
        try:
            for payload in self._answers.feed(data):
                yield from self._answer(payload)
            if self._answers.is_malformed:
                self._answers.feed(b"")
        except (MalformedError, UnsupportedVersionError) as error:
            msg = f"the broker of client {self._client_host}: {error}"
            raise SessionError(msg) from error

    def _answer(self, payload: bytes) -> Steps[None]:
        awaited = next((one for one in self._awaited if one.answer is None), None)
        correlation_id = api.read_correlation_id(payload)
        if awaited is None or awaited.header.correlation_id != correlation_id:
            msg = f"an answer with correlation id {correlation_id}, which nobody waits for"
            raise MalformedError(msg)
        awaited.answer = yield from self._passed_on(awaited, payload)
        self._flush()

    def _passed_on(self, awaited: _Awaited, payload: bytes) -> Steps[bytes]:
        header = awaited.header
        if header.api_key not in _LOOKED_AT:
            return frame(payload)
        body = api.response_body(header.api_key, header.api_version, payload)
        if header.api_key == ApiKey.API_VERSIONS:
            return self._offered(header, body)
        message: Any = decode(ApiKey(header.api_key).message("response"), body, header.api_version)
        if header.api_key == ApiKey.SASL_AUTHENTICATE:
            self._authenticated(message)
            return frame(payload)
        if awaited.producing is not None:
            message = awaited.producing.told(message)
        elif header.api_key == ApiKey.FETCH:
            message = yield from readable(self.client, message, self._enforcement)
        return self._encoded(header, REWRITTEN[header.api_key](message, self._addresses))

    def _offered(self, header: RequestHeader, body: bytes) -> bytes:
        told = offered(decode_response(body, header.api_version))
        if told.error_code == Code.UNSUPPORTED_VERSION:
            written = encode_unsupported_version(told.api_keys)
        else:
            written = encode(told, header.api_version)
        return api.encode_response(header.api_key, header.api_version, header.correlation_id, written)

    def _authenticated(self, message: SaslAuthenticateResponse) -> None:
        self._identity.is_answered(message.error_code, message.auth_bytes)

    def _encoded(self, header: RequestHeader, message: tuple[Any, ...]) -> bytes:
        body = encode(message, header.api_version)
        return api.encode_response(header.api_key, header.api_version, header.correlation_id, body)

    def _flush(self) -> None:
        """Give the client what is known, up to the first answer that is still to come."""
        while self._awaited and self._awaited[0].answer is not None:
            self._for_client.append(self._awaited.popleft().answer or b"")
