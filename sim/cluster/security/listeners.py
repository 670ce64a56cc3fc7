"""Where a broker is reached, and what each of its doors asks for: encryption, a name and a proof, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from producer.client.sasl.mechanism import OAUTHBEARER, PLAIN, SCRAM_SHA_256, SCRAM_SHA_512

MECHANISMS = (PLAIN, SCRAM_SHA_256, SCRAM_SHA_512, OAUTHBEARER)
"""What a broker can be told to offer. Kerberos (GSSAPI) is not here."""

_PORTS = range(1, 65_536)


class SecurityProtocol(Enum):
    """What a listener speaks (listener.security.protocol.map)."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"

    @property
    def uses_sasl(self) -> bool:
        """Whether a client says who it is in a SASL exchange, before it asks for anything."""
        return self in {SecurityProtocol.SASL_PLAINTEXT, SecurityProtocol.SASL_SSL}

    @property
    def uses_tls(self) -> bool:
        """Whether connections are encrypted. In the simulated network nobody listens in: only served sockets do it."""
        return self in {SecurityProtocol.SSL, SecurityProtocol.SASL_SSL}


class ClientAuth(Enum):
    """Whether a client shows a certificate (ssl.client.auth)."""

    NONE = "none"
    REQUESTED = "requested"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Listener:
    """One listener, the same on every broker. Raises ValueError, naming the value."""

    name: str = "PLAINTEXT"
    """What the brokers' configuration calls it."""
    protocol: SecurityProtocol = SecurityProtocol.PLAINTEXT
    """security.protocol of those who come by it."""
    port: int = 9092
    """In the simulated network. What clients are told is `ClusterConfig.advertised_listeners`' matter."""
    mechanisms: tuple[str, ...] = ()
    """sasl.enabled.mechanisms: those of `MECHANISMS` that are offered, in the order in which clients are told."""
    connections_max_reauth_ms: int = 0
    """connections.max.reauth.ms: how long who authenticated may go on without doing so again; 0 for ever (KIP-368)."""
    client_auth: ClientAuth = ClientAuth.NONE
    """ssl.client.auth: of listeners with TLS."""

    def __post_init__(self) -> None:
        """Check the values one by one and against each other."""
        if not self.name:
            msg = "Listener.name is empty"
            raise ValueError(msg)
        if self.port not in _PORTS:
            msg = f"Listener.port is {self.port}, must be 1..65535"
            raise ValueError(msg)
        unknown = [name for name in self.mechanisms if name not in MECHANISMS]
        if unknown or self.protocol.uses_sasl != bool(self.mechanisms):
            msg = f"Listener.mechanisms is {self.mechanisms}, must be of {', '.join(MECHANISMS)}: some with SASL, none without"
            raise ValueError(msg)
        if self.connections_max_reauth_ms < 0:
            msg = f"Listener.connections_max_reauth_ms is {self.connections_max_reauth_ms}, must not be negative"
            raise ValueError(msg)
        if self.client_auth is not ClientAuth.NONE and not self.protocol.uses_tls:
            msg = f"Listener.client_auth is {self.client_auth.value}, which has no effect with {self.protocol.value}"
            raise ValueError(msg)


def check_listeners(listeners: tuple[Listener, ...]) -> None:
    """Raise ValueError for none at all, and for a name or a port that two of them have."""
    if not listeners:
        msg = "ClusterConfig.listeners is empty: brokers must be reached somewhere"
        raise ValueError(msg)
    names = [one.name for one in listeners]
    ports = [one.port for one in listeners]
    if len(set(names)) != len(names) or len(set(ports)) != len(ports):
        msg = f"ClusterConfig.listeners has {', '.join(f'{one.name}:{one.port}' for one in listeners)}: each needs a name and a port of its own"
        raise ValueError(msg)


def listener_for(listeners: tuple[Listener, ...], protocol: str) -> int:
    """Give the place of the first listener that speaks a client's security.protocol. Raises ValueError, naming what there is."""
    for place, listener in enumerate(listeners):
        if listener.protocol.value == protocol:
            return place
    offered = ", ".join(one.protocol.value for one in listeners)
    msg = f"security.protocol is {protocol}, and the cluster's listeners speak {offered}"
    raise ValueError(msg)
