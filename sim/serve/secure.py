"""What a served cluster is like that asks who is there: one listener of each kind, and users."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sim.cluster.security.acls.settings import AuthorizerSettings
from sim.cluster.security.listeners import MECHANISMS, ClientAuth, Listener, SecurityProtocol
from sim.cluster.security.principal import ANONYMOUS
from sim.cluster.security.users import Authentication, User

if TYPE_CHECKING:
    from sim.cluster.config import ClusterConfig

ADMIN = "admin"
"""Whoever has this name is a super user."""
USERS = ((ADMIN, "admin-secret"), ("alice", "alice-secret"))
"""Whom a secure cluster knows where nobody says whom: no secrets, as everybody can read them here."""

LISTENERS = (
    Listener(),
    Listener("SSL", SecurityProtocol.SSL, 9192, client_auth=ClientAuth.REQUESTED),
    Listener("SASL_PLAINTEXT", SecurityProtocol.SASL_PLAINTEXT, 9292, MECHANISMS),
    Listener("SASL_SSL", SecurityProtocol.SASL_SSL, 9392, MECHANISMS),
)


def secured(config: ClusterConfig, users: tuple[tuple[str, str], ...]) -> ClusterConfig:
    """Let a cluster ask who is there, unless it does so already. Raises ValueError for a user that cannot be.

    Without a listener or an authorizer of its own it has every kind of listener, and rules hold as soon as there are some:
    what no rule is about is open to everybody.
    """
    known = tuple([User(name, password) for name, password in users])
    if known:
        config = replace(config, authentication=Authentication(users=known, tokens=config.authentication.tokens))
    if any(one.protocol is not SecurityProtocol.PLAINTEXT for one in config.listeners):
        return config
    rights = config.authorizer or AuthorizerSettings(
        super_users=(f"User:{ADMIN}", str(ANONYMOUS)), allow_everyone_if_no_acl_found=True
    )
    return replace(config, listeners=LISTENERS, authorizer=rights)
