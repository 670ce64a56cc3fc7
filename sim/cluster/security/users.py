"""Whom a new cluster knows, and how it tells them: the part of its configuration that holds names and proofs."""

from __future__ import annotations

from dataclasses import dataclass, field

from sim.cluster.security.sasl.token_rules import TokenRules
from sim.world.units import MILLISECOND_US


@dataclass(frozen=True, slots=True)
class User:
    """One user. Raises ValueError, naming the field, never the password."""

    name: str
    """As which it logs in; its principal is `User:name`."""
    password: str = field(repr=False)
    """Known to PLAIN as it is (a broker's JAAS file), and to SCRAM by what `kafka-storage format --add-scram` makes of it."""

    def __post_init__(self) -> None:
        """Check the values."""
        if not self.name or "\0" in self.name:
            msg = f"User.name is {self.name!r}, must not be empty nor hold a zero byte"
            raise ValueError(msg)
        if not self.password or "\0" in self.password:
            msg = f"User.password of {self.name} is empty or holds a zero byte"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Authentication:
    """What listeners with SASL go by. Raises ValueError, naming field and value."""

    users: tuple[User, ...] = ()
    """Known from the start to PLAIN and to both kinds of SCRAM; others, and other SCRAM credentials, come by the admin API."""
    tokens: TokenRules = field(default_factory=TokenRules)
    """Which tokens OAUTHBEARER takes."""
    failed_authentication_delay_us: int = 100 * MILLISECOND_US
    """connection.failed.authentication.delay.ms: how long whoever fails waits for the answer, and for the end of the connection.

    Apache Kafka's network threads look every 300 ms where nothing else happens, so there it takes so long (seen on 4.3.1).
    """
    sasl_receive_bytes_max: int = 524_288
    """sasl.server.max.receive.size: a longer request of somebody who has not authenticated ends the connection."""

    def __post_init__(self) -> None:
        """Check the values one by one and against each other."""
        names = [user.name for user in self.users]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            msg = f"Authentication.users names {twice!r} twice"
            raise ValueError(msg)
        if self.failed_authentication_delay_us < 0:
            msg = f"Authentication.failed_authentication_delay_us is {self.failed_authentication_delay_us}, must not be negative"
            raise ValueError(msg)
        if self.sasl_receive_bytes_max < 1:
            msg = f"Authentication.sasl_receive_bytes_max is {self.sasl_receive_bytes_max}, must be at least 1"
            raise ValueError(msg)

    def password_of(self, name: str) -> str | None:
        """Give what a user of PLAIN must know."""
        return next((user.password for user in self.users if user.name == name), None)
