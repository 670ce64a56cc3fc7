"""A client's connection until it is known who is there, and whenever that must be proved again (SocketServer, KafkaChannel)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from producer.client.sasl.mechanism import OAUTHBEARER, PLAIN
from producer.client.sasl.scram import draw_nonce
from producer.errors import MalformedError
from producer.wire import api
from producer.wire.api import ApiKey
from sim.cluster.broker.versions import answer_to
from sim.cluster.security.sasl.authenticator import Fate, SaslServerAuthenticator, Verdict
from sim.cluster.security.sasl.oauthbearer import OAuthBearerServer
from sim.cluster.security.sasl.plain import PlainServer
from sim.cluster.security.sasl.scram import ScramServer
from sim.cluster.security.scram_credentials import NUMBERS
from sim.trace.events import AuthenticationFailed, ClientAuthenticated
from sim.world.units import MILLISECOND_US, SECOND_US

if TYPE_CHECKING:
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.security.listeners import Listener
    from sim.cluster.security.principal import Principal
    from sim.cluster.security.sasl.mechanism import ServerMechanism
    from sim.cluster.security.scram_credentials import ScramCredential

REAUTHENTICATION_INTERVAL_US = SECOND_US
"""Who authenticates again sooner than this is answered as if there were no such thing (KafkaChannel)."""


class Authenticated(Protocol):
    """The connection on which it happens."""

    client: str
    number: int
    is_open: bool

    def tell_received(self, header: api.RequestHeader) -> None:
        """Let the trace know of a request on which work begins."""
        ...

    def reply(self, header: api.RequestHeader | None, frame: bytes) -> None:
        """Answer; a bare token has no header."""
        ...

    def authenticated(self, principal: Principal) -> None:
        """It is proved who is there."""
        ...

    def stumble(self, header: api.RequestHeader | None, error: Exception) -> None:
        """End at a bug of ours, and tell of it."""
        ...

    def close(self) -> None:
        """End at once."""
        ...

    def close_behind(self, frame: bytes | None) -> None:
        """Send a last answer, if there is one, and end."""
        ...


class ConnectionAuthentication:
    """Stands before the handlers of one connection on a listener with SASL."""

    def __init__(self, broker: ServingBroker, connection: Authenticated, listener: Listener) -> None:
        self._broker = broker
        self._connection = connection
        self._listener = listener
        self._authenticator = SaslServerAuthenticator(
            listener.mechanisms,
            self._make,
            versions=lambda version, body: answer_to(broker, version, body),
            max_reauth_ms=listener.connections_max_reauth_ms,
        )
        self._expires_us: int | None = None
        self._began_again_us: int | None = None

    def takes(self, payload: bytes) -> bool:
        """Whether this request is not to be served: it is a part of the authentication, or comes when that has expired."""
        now_us = self._broker.world.now_us
        if self._authenticator.is_complete:
            if not self._begins_again(payload, now_us):
                if self._expires_us is None or now_us <= self._expires_us:
                    return False
                self._tell_failure("the session has expired")
                self._connection.close()
                return True
            self._began_again_us = now_us
            self._authenticator.begin_again()
        self._broker.host.call_in(self._broker.config.request_handling_us, self._take, payload)
        return True

    def takes_nonsense(self, reason: str) -> bool:
        """Whether what is no frame, or too long a one, comes before the client is known: it fails as any authentication does."""
        if self._authenticator.is_complete:
            return False
        self._fail(Verdict(Fate.FAILED, reason=reason))
        return True

    def _begins_again(self, payload: bytes, now_us: int) -> bool:
        """Whether a handshake begins a re-authentication; otherwise it is a request as any other, and refused by its handler."""
        if self._expires_us is None or payload[:2] != _HANDSHAKE:
            return False
        before_us = self._began_again_us
        return before_us is None or now_us - before_us >= REAUTHENTICATION_INTERVAL_US

    def _take(self, payload: bytes) -> None:
        connection = self._connection
        if not connection.is_open:
            return
        header = self._header(payload)
        if header is not None:
            connection.tell_received(header)
        try:
            verdict = self._authenticator.take(payload, self._broker.now_ms)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is ours, and others are served meanwhile
            connection.stumble(header, error)
            return
        if verdict.fate is Fate.BROKEN:
            self._tell_failure(verdict.reason)
            connection.close()
        elif verdict.fate is Fate.FAILED:
            self._fail(verdict)
        else:
            if verdict.fate is Fate.AUTHENTICATED:
                self._authenticated()
            assert verdict.answer is not None, "whoever is not refused is answered"
            connection.reply(header, verdict.answer)

    def _header(self, payload: bytes) -> api.RequestHeader | None:
        """Read the header of a SASL request, None of a bare token."""
        try:
            header, _ = api.decode_request_header(payload)
        except MalformedError:
            return None
        return header if header.api_key in _APIS else None

    def _authenticated(self) -> None:
        broker, authenticator = self._broker, self._authenticator
        lifetime_ms, principal = authenticator.session_lifetime_ms, authenticator.principal
        assert principal is not None
        now_us = broker.world.now_us
        self._expires_us = None if lifetime_ms is None else now_us + lifetime_ms * MILLISECOND_US
        self._connection.authenticated(principal)
        client, number = self._connection.client, self._connection.number
        broker.trace.emit(
            ClientAuthenticated(
                now_us, broker.broker_id, client, number, self._listener.name, authenticator.mechanism, str(principal)
            )
        )

    def _fail(self, verdict: Verdict) -> None:
        """Keep answer and end back for a while, so that whoever guesses cannot do so quickly (KIP-306)."""
        self._tell_failure(verdict.reason)
        delay_us = self._broker.config.authentication.failed_authentication_delay_us
        self._broker.host.call_in(delay_us, self._connection.close_behind, verdict.answer)

    def _tell_failure(self, reason: str) -> None:
        broker, connection = self._broker, self._connection
        broker.trace.emit(
            AuthenticationFailed(
                broker.world.now_us,
                broker.broker_id,
                connection.client,
                connection.number,
                self._listener.name,
                self._authenticator.mechanism,
                reason,
            )
        )

    def _make(self, mechanism: str) -> ServerMechanism:
        broker = self._broker
        authentication = broker.config.authentication
        if mechanism == PLAIN:
            return PlainServer(authentication.password_of)
        if mechanism == OAUTHBEARER:
            return OAuthBearerServer(authentication.tokens)
        number = NUMBERS[mechanism]

        def credential_of(user: str) -> ScramCredential | None:
            return broker.image.scram_credentials.get((user, number))

        nonce = draw_nonce(broker.world.chance(f"broker/b{broker.broker_id}/scram nonces"))
        return ScramServer(mechanism, credential_of, nonce)


_APIS = (ApiKey.API_VERSIONS, ApiKey.SASL_HANDSHAKE, ApiKey.SASL_AUTHENTICATE)
_HANDSHAKE = ApiKey.SASL_HANDSHAKE.to_bytes(2, "big")
