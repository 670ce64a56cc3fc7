"""How an authorizer is set up, and the rules that a new cluster begins with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sim.cluster.security.acls.acl import Acl
from sim.cluster.security.acls.validation import check_acl
from sim.cluster.security.principal import parse_principal

_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class AuthorizerSettings:
    """authorizer.class.name=StandardAuthorizer, and what there is to set of it. Raises ValueError, naming the value."""

    super_users: tuple[str, ...] = ()
    """super.users: principals that may everything, as text: `User:admin`."""
    allow_everyone_if_no_acl_found: bool = False
    """allow.everyone.if.no.acl.found: what no rule is about is open to all."""
    acls: tuple[Acl, ...] = ()
    """What is in the metadata of a new cluster."""

    def __post_init__(self) -> None:
        """Check the values."""
        for principal in self.super_users:
            parse_principal(principal)
        for acl in self.acls:
            complaint = check_acl(acl)
            if complaint:
                msg = f"AuthorizerSettings.acls has {tuple(acl)}: {complaint}"
                raise ValueError(msg)
        if len(set(self.acls)) != len(self.acls):
            msg = "AuthorizerSettings.acls names a rule twice"
            raise ValueError(msg)


def known_from_the_start(settings: AuthorizerSettings | None) -> Iterable[tuple[bytes, Acl]]:
    """Give the rules of a new cluster, each with an id that it has on every node."""
    acls = settings.acls if settings is not None else ()
    return tuple([(number.to_bytes(_ID_BYTES, "big"), acl) for number, acl in enumerate(acls, start=1)])
