"""What the active controller answers on behalf of clients: one Kafka API a file, each as a broker passes it on.

Kafka: ControllerApis, over QuorumController.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from producer.errors import Code
from producer.wire.api import ApiKey
from sim.cluster.controller.apis import (
    add_raft_voter,
    alter_client_quotas,
    alter_configs,
    alter_partition_reassignments,
    alter_user_scram_credentials,
    create_acls,
    create_partitions,
    create_topics,
    delete_acls,
    delete_topics,
    describe_quorum,
    elect_leaders,
    incremental_alter_configs,
    list_partition_reassignments,
    remove_raft_voter,
    unregister_broker,
    update_features,
)
from sim.cluster.envelope import Envelope, EnvelopeAnswer, RefusedError
from sim.cluster.security.acls.kinds import Operation

if TYPE_CHECKING:
    from sim.cluster.controller.decisions import Decisions
    from sim.cluster.security.rights import Asker

    Api = Callable[[Decisions, Any], Any]
    ApiByResource = Callable[[Decisions, Any, Asker], Any]

APIS: Mapping[int, Api] = {
    ApiKey.CREATE_ACLS: create_acls.handle,
    ApiKey.DELETE_ACLS: delete_acls.handle,
    ApiKey.ALTER_CLIENT_QUOTAS: alter_client_quotas.handle,
    ApiKey.ALTER_PARTITION_REASSIGNMENTS: alter_partition_reassignments.handle,
    ApiKey.LIST_PARTITION_REASSIGNMENTS: list_partition_reassignments.handle,
    ApiKey.ELECT_LEADERS: elect_leaders.handle,
    ApiKey.UPDATE_FEATURES: update_features.handle,
    ApiKey.DESCRIBE_QUORUM: describe_quorum.handle,
    ApiKey.ADD_RAFT_VOTER: add_raft_voter.handle,
    ApiKey.REMOVE_RAFT_VOTER: remove_raft_voter.handle,
    ApiKey.UNREGISTER_BROKER: unregister_broker.handle,
    ApiKey.ALTER_USER_SCRAM_CREDENTIALS: alter_user_scram_credentials.handle,
}
"""What is allowed, or refused, as a whole."""

APIS_BY_RESOURCE: Mapping[int, ApiByResource] = {
    ApiKey.CREATE_TOPICS: create_topics.handle,
    ApiKey.DELETE_TOPICS: delete_topics.handle,
    ApiKey.CREATE_PARTITIONS: create_partitions.handle,
    ApiKey.INCREMENTAL_ALTER_CONFIGS: incremental_alter_configs.handle,
    ApiKey.ALTER_CONFIGS: alter_configs.handle,
}
"""What looks itself which of the resources whoever asks may touch."""

NEEDED: Mapping[int, Operation] = {
    ApiKey.CREATE_ACLS: Operation.ALTER,
    ApiKey.DELETE_ACLS: Operation.ALTER,
    ApiKey.ALTER_PARTITION_REASSIGNMENTS: Operation.ALTER,
    ApiKey.LIST_PARTITION_REASSIGNMENTS: Operation.DESCRIBE,
    ApiKey.ELECT_LEADERS: Operation.ALTER,
    ApiKey.UPDATE_FEATURES: Operation.ALTER,
    ApiKey.DESCRIBE_QUORUM: Operation.DESCRIBE,
    ApiKey.ADD_RAFT_VOTER: Operation.ALTER,
    ApiKey.REMOVE_RAFT_VOTER: Operation.ALTER,
    ApiKey.UNREGISTER_BROKER: Operation.ALTER,
    ApiKey.ALTER_CLIENT_QUOTAS: Operation.ALTER_CONFIGS,
    ApiKey.ALTER_USER_SCRAM_CREDENTIALS: Operation.ALTER,
}
"""What whoever asks must be allowed to do to the cluster."""


def answer_to(decisions: Decisions, envelope: Envelope) -> EnvelopeAnswer:
    """Decide what is asked for, and give the answer; a bug comes back as what it raised, to be told where a client met it."""
    try:
        _check(decisions, envelope)
        decisions.begin(envelope)
        by_resource = APIS_BY_RESOURCE.get(envelope.api)
        if by_resource is not None:
            answer = by_resource(decisions, envelope.request, envelope)
        else:
            answer = APIS[envelope.api](decisions, envelope.request)
        if decisions.permits.throttle_ms:
            answer = answer._replace(throttle_time_ms=decisions.permits.throttle_ms)
    except RefusedError as error:
        answer = error.refusal
    # Of another name than above: mypyc gives a name one type.
    except Exception as bug:  # noqa: BLE001 - whatever it is, it is ours, and the cluster goes on meanwhile
        answer = bug
    return EnvelopeAnswer(envelope.number, answer)


def _check(decisions: Decisions, envelope: Envelope) -> None:
    """Raise RefusedError for who may not ask for this (AuthHelper.authorizeClusterOperation)."""
    needed = NEEDED.get(envelope.api)
    if needed is not None and not decisions.rights.allows_on_cluster(envelope, needed):
        text = f"{envelope.principal} may not {needed.name} the cluster."
        raise RefusedError(Code.CLUSTER_AUTHORIZATION_FAILED, text)
