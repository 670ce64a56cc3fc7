"""An authorizer that takes the beginning of names for a name: a prefixed rule is about nothing but that."""

from __future__ import annotations

from sim.cluster.security.acls.authorizer import Authorizer
from sim.cluster.security.acls.index import AclIndex
from sim.cluster.security.acls.kinds import Operation, Pattern, ResourceKind
from sim.mutants.planting import STORY_OF_RIGHTS, Mutant


class _Literal(Authorizer):
    """Reads each prefix as if it were the whole name."""

    __slots__ = ()

    def allows(self, principal: str, host: str, operation: Operation, kind: ResourceKind, name: str) -> bool:
        known = [
            (acl_id, acl)
            for acl_id, acl in self._index.by_id.items()
            if acl.pattern != Pattern.PREFIXED or acl.name == name
        ]
        return Authorizer(self._settings, AclIndex(known)).allows(principal, host, operation, kind, name)


PREFIX_AS_LITERAL = Mutant(
    "prefix_as_literal",
    "a rule about all names that begin so is taken for one about that name alone",
    authorizer=_Literal,
    story=STORY_OF_RIGHTS,
    is_of_governance=True,
)
"""Who is let, or denied, by a prefix is refused, or goes on."""
