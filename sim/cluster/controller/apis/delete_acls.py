"""DeleteAcls at the controller: what each filter finds goes (AclApis, AclControlManager.deleteAcls)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.delete_acls import (
    DeleteAclsFilter,
    DeleteAclsFilterResult,
    DeleteAclsMatchingAcl,
    DeleteAclsRequest,
    DeleteAclsResponse,
)
from sim.cluster.controller.acl_control import RECORDS_MAX
from sim.cluster.envelope import RefusedError
from sim.cluster.security.acls.wire import filter_of

if TYPE_CHECKING:
    from sim.cluster.controller.decisions import Decisions
    from sim.cluster.security.acls.acl import Acl


def handle(decisions: Decisions, wanted: DeleteAclsRequest) -> DeleteAclsResponse:
    """Delete what is found; a rule that two filters find is told of by both. Raises RefusedError for the whole of a request."""
    if not decisions.rights.is_enforced:
        raise RefusedError(Code.SECURITY_DISABLED, "No Authorizer is configured.")
    going: dict[Acl, None] = {}
    results = tuple([_result_of(decisions, one, going) for one in wanted.filters])
    for acl in going:
        decisions.acls.delete(acl)
    decisions.metadata.commit()
    return DeleteAclsResponse(filter_results=results)


def _result_of(decisions: Decisions, one: DeleteAclsFilter, going: dict[Acl, None]) -> DeleteAclsFilterResult:
    try:
        found = decisions.acls.matching(filter_of(one))
        if len({*going, *found}) > RECORDS_MAX:
            raise RefusedError(Code.UNKNOWN_SERVER_ERROR)
    except RefusedError as error:
        return DeleteAclsFilterResult(*error.refusal)
    going.update(dict.fromkeys(found))
    return DeleteAclsFilterResult(0, None, tuple([DeleteAclsMatchingAcl(0, None, *acl) for acl in found]))
