"""What the active controller answers on behalf of clients: one Kafka API a file, each as a broker passes it on.

Kafka: ControllerApis, over QuorumController.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from producer.wire.api import ApiKey
from sim.cluster.controller.apis import (
    add_raft_voter,
    alter_configs,
    alter_partition_reassignments,
    create_partitions,
    create_topics,
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

if TYPE_CHECKING:
    from sim.cluster.controller.decisions import Decisions

    Api = Callable[[Decisions, Any], Any]

APIS: Mapping[int, Api] = {
    ApiKey.CREATE_TOPICS: create_topics.handle,
    ApiKey.DELETE_TOPICS: delete_topics.handle,
    ApiKey.INCREMENTAL_ALTER_CONFIGS: incremental_alter_configs.handle,
    ApiKey.ALTER_CONFIGS: alter_configs.handle,
    ApiKey.ALTER_PARTITION_REASSIGNMENTS: alter_partition_reassignments.handle,
    ApiKey.LIST_PARTITION_REASSIGNMENTS: list_partition_reassignments.handle,
    ApiKey.CREATE_PARTITIONS: create_partitions.handle,
    ApiKey.ELECT_LEADERS: elect_leaders.handle,
    ApiKey.UPDATE_FEATURES: update_features.handle,
    ApiKey.DESCRIBE_QUORUM: describe_quorum.handle,
    ApiKey.ADD_RAFT_VOTER: add_raft_voter.handle,
    ApiKey.REMOVE_RAFT_VOTER: remove_raft_voter.handle,
    ApiKey.UNREGISTER_BROKER: unregister_broker.handle,
}


def answer_to(decisions: Decisions, envelope: Envelope) -> EnvelopeAnswer:
    """Decide what is asked for, and give the answer; a bug comes back as what it raised, to be told where a client met it."""
    try:
        answer = APIS[envelope.api](decisions, envelope.request)
    except RefusedError as error:
        answer = error.refusal
    # Of another name than above: mypyc gives a name one type.
    except Exception as bug:  # noqa: BLE001 - whatever it is, it is ours, and the cluster goes on meanwhile
        answer = bug
    return EnvelopeAnswer(envelope.number, answer)
