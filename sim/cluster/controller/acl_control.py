"""Who may do what, as the controller keeps it: rules come and go (Kafka's AclControlManager)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.begun import acl_fields
from sim.cluster.envelope import RefusedError
from sim.cluster.metadata_states import AclState, RemovedAcl
from sim.cluster.security.acls.kinds import Operation, Pattern, Permission, ResourceKind
from sim.cluster.security.acls.validation import check_acl
from sim.trace.events import AclCreated, AclDeleted

if TYPE_CHECKING:
    from sim.cluster.controller.metadata_log import MetadataLog
    from sim.cluster.security.acls.acl import Acl, AclFilter
    from sim.trace.trace import Trace
    from sim.world.kernel import World

RECORDS_MAX = 10_000
"""Of one request (QuorumController.MAX_RECORDS_PER_USER_OP)."""


class AclControl:
    """The rules in the metadata log. Whoever changes them commits."""

    __slots__ = ("_log", "_trace", "_world")

    def __init__(self, world: World, trace: Trace, log: MetadataLog) -> None:
        self._world = world
        self._trace = trace
        self._log = log

    def create(self, acl: Acl) -> bool:
        """Let a rule hold. Returns whether it is new; one that holds already is no change. Raises RefusedError for one that cannot be."""
        complaint = check_acl(acl)
        if complaint:
            raise RefusedError(Code.INVALID_REQUEST, complaint)
        if acl in self._log.acls:
            return False
        self._log.put(AclState(self._new_id(), acl))
        self._trace.emit(AclCreated(self._world.now_us, *acl_fields(acl)))
        return True

    def matching(self, wanted: AclFilter) -> tuple[Acl, ...]:
        """Give the rules that a filter finds. Raises RefusedError for one that says what nobody knows."""
        if wanted.kind == ResourceKind.UNKNOWN or wanted.pattern == Pattern.UNKNOWN:
            raise RefusedError(Code.INVALID_REQUEST, "Unknown patternFilter.")
        if wanted.operation == Operation.UNKNOWN or wanted.permission == Permission.UNKNOWN:
            raise RefusedError(Code.INVALID_REQUEST, "Unknown entryFilter.")
        return self._log.acls.matching(wanted)

    def delete(self, acl: Acl) -> None:
        """Let a rule hold no longer; it may be gone already."""
        acl_id = self._log.acls.id_of(acl)
        if acl_id is not None:
            self._log.put(RemovedAcl(acl_id, acl))
            self._trace.emit(AclDeleted(self._world.now_us, *acl_fields(acl)))

    def _new_id(self) -> bytes:
        chance = self._world.chance("acl id")
        return b"".join([chance.bits().to_bytes(8, "big") for _ in range(2)])
