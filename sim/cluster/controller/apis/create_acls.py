"""CreateAcls at the controller: each rule for itself, in the order of the request (AclApis, AclControlManager.createAcls)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.create_acls import AclCreationResult, CreateAclsRequest, CreateAclsResponse
from sim.cluster.controller.acl_control import RECORDS_MAX
from sim.cluster.envelope import RefusedError
from sim.cluster.security.acls.wire import acl_of, is_filter_only

if TYPE_CHECKING:
    from producer.wire.messages.create_acls import AclCreation
    from sim.cluster.controller.decisions import Decisions


def handle(decisions: Decisions, wanted: CreateAclsRequest) -> CreateAclsResponse:
    """Let what can be hold. Raises RefusedError for the whole of a request."""
    if not decisions.rights.is_enforced:
        raise RefusedError(Code.SECURITY_DISABLED, "No Authorizer is configured.")
    if any(is_filter_only(one) for one in wanted.creations):
        # Kafka falls over words that only filters can say.
        raise RefusedError(Code.UNKNOWN_SERVER_ERROR)
    if len(wanted.creations) > RECORDS_MAX:
        text = f"{len(wanted.creations)} rules in one request, {RECORDS_MAX} at most"
        raise RefusedError(Code.POLICY_VIOLATION, text)
    results = tuple([_result_of(decisions, one) for one in wanted.creations])
    decisions.metadata.commit()
    return CreateAclsResponse(results=results)


def _result_of(decisions: Decisions, one: AclCreation) -> AclCreationResult:
    try:
        decisions.acls.create(acl_of(one))
    except RefusedError as error:
        return AclCreationResult(*error.refusal)
    return AclCreationResult()
