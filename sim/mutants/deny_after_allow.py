"""An authorizer that is content with a rule that allows, and looks for one that denies only where there is none."""

from __future__ import annotations

from sim.cluster.security.acls.authorizer import Authorizer
from sim.cluster.security.acls.kinds import Operation, ResourceKind
from sim.mutants.planting import STORY_OF_RIGHTS, Mutant


class _Lenient(Authorizer):
    """Hears who allows first."""

    __slots__ = ()

    def allows(self, principal: str, host: str, operation: Operation, kind: ResourceKind, name: str) -> bool:
        allowed, _, _ = self._index.find(kind, name, principal, host)
        return bool(allowed & (1 << int(operation))) or super().allows(principal, host, operation, kind, name)


DENY_AFTER_ALLOW = Mutant(
    "deny_after_allow",
    "a rule that allows is heard before one that denies",
    authorizer=_Lenient,
    story=STORY_OF_RIGHTS,
    is_of_governance=True,
)
"""Who is denied what he is granted as well goes on writing it."""
