"""CreateDelegationToken 1 to 3: refused, as there can be none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.create_delegation_token import CreateDelegationTokenRequest, CreateDelegationTokenResponse
from sim.cluster.broker.handlers.delegation_tokens import ERROR_TIMESTAMP_MS, refusal_of
from sim.cluster.security.acls.kinds import Operation, ResourceKind
from sim.cluster.security.principal import USER, Principal

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

_REQUESTER_SINCE = 3


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer: whom it would have stood for, and why there is none."""
    wanted = request.decode(CreateDelegationTokenRequest)
    requester = request.principal
    owner = requester
    if wanted.owner_principal_name:
        owner = Principal(wanted.owner_principal_type or "", wanted.owner_principal_name)
    code = refusal_of(broker, request)
    is_disabled = code is Code.DELEGATION_TOKEN_AUTH_DISABLED
    if is_disabled and owner != requester and not _may_create_for(broker, request, owner):
        code = Code.DELEGATION_TOKEN_AUTHORIZATION_FAILED
    elif is_disabled and any(one.principal_type != USER for one in wanted.renewers):
        code = Code.INVALID_PRINCIPAL_TYPE
    time_ms = 0 if code is Code.DELEGATION_TOKEN_AUTH_DISABLED else ERROR_TIMESTAMP_MS
    told: tuple[str, str] = requester if request.version >= _REQUESTER_SINCE else ("", "")
    request.respond(CreateDelegationTokenResponse(code, *owner, *told, time_ms, time_ms, time_ms))


def _may_create_for(broker: ServingBroker, request: Request, owner: Principal) -> bool:
    return broker.rights.allows(request, Operation.CREATE_TOKENS, ResourceKind.USER, str(owner))
