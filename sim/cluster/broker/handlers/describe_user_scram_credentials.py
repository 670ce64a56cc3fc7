"""DescribeUserScramCredentials 0: which mechanisms users can authenticate by, as this broker knows it (ScramImage.describe)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.describe_user_scram_credentials import (
    CredentialInfo,
    DescribeUserScramCredentialsRequest,
    DescribeUserScramCredentialsResponse,
    DescribeUserScramCredentialsResult,
)
from sim.cluster.security.acls.kinds import Operation
from sim.cluster.security.scram_credentials import NAMES

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.security.scram_credentials import ScramCredentials


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    wanted = request.decode(DescribeUserScramCredentialsRequest)
    if not broker.rights.allows_on_cluster(request, Operation.DESCRIBE):
        code = Code.CLUSTER_AUTHORIZATION_FAILED
        # One for each that was named, and none of them by name.
        refused = [DescribeUserScramCredentialsResult("", code, None) for _ in wanted.users or ()]
        request.respond(
            DescribeUserScramCredentialsResponse(error_code=code, error_message=None, results=tuple(refused))
        )
        return
    known = broker.image.scram_credentials
    # Nobody named is everybody, each once.
    named = [one.name for one in wanted.users or ()] or sorted({user for user, _ in known})
    results = tuple([_described(user, count, known) for user, count in Counter(named).items()])
    request.respond(DescribeUserScramCredentialsResponse(results=results))


def _described(user: str, count: int, known: ScramCredentials) -> DescribeUserScramCredentialsResult:
    if count > 1:
        text = f"Cannot describe SCRAM credentials for the same user twice in a single request: {user}"
        return DescribeUserScramCredentialsResult(user, Code.DUPLICATE_RESOURCE, text)
    found = [known[user, mechanism] for mechanism in NAMES if (user, mechanism) in known]
    if not found:
        text = f"Attempt to describe a user credential that does not exist: {user}"
        return DescribeUserScramCredentialsResult(user, Code.RESOURCE_NOT_FOUND, text)
    infos = tuple([CredentialInfo(one.mechanism, one.iterations) for one in found])
    return DescribeUserScramCredentialsResult(user, credential_infos=infos)
