"""DescribeClientQuotas 0 and 1: the quotas that match, as this broker knows them (KIP-546)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages.describe_client_quotas import (
    DescribeClientQuotasRequest,
    DescribeClientQuotasResponse,
    EntityData,
    EntryData,
    ValueData,
)
from sim.cluster.envelope import Refusal, RefusedError
from sim.cluster.quotas.filtering import filter_of
from sim.cluster.security.acls.kinds import Operation

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.metadata_states import QuotaState


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    wanted = request.decode(DescribeClientQuotasRequest)
    error = None
    if broker.tampering:
        error = broker.tampering.error_instead(ApiKey.DESCRIBE_CLIENT_QUOTAS, request.client, None)
    if not broker.rights.allows_on_cluster(request, Operation.DESCRIBE_CONFIGS):
        error = Code.CLUSTER_AUTHORIZATION_FAILED
    if error is not None:
        request.respond(_refused(Refusal(error)))
        return
    try:
        asked = filter_of(wanted.components, is_strict=wanted.strict)
    except RefusedError as refused:
        request.respond(_refused(refused.refusal))
        return
    found = [_entry(quota) for quota in broker.image.quotas.values() if asked.matches(quota.entity)]
    request.respond(DescribeClientQuotasResponse(entries=tuple(found)))


def _refused(refusal: Refusal) -> DescribeClientQuotasResponse:
    return DescribeClientQuotasResponse(error_code=refusal.code, error_message=refusal.message, entries=None)


def _entry(quota: QuotaState) -> EntryData:
    return EntryData(
        tuple([EntityData(kind, name) for kind, name in quota.entity.parts]),
        tuple([ValueData(name, value) for name, value in quota.limits]),
    )
