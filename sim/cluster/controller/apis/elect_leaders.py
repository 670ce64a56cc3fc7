"""ElectLeaders at the controller: each partition for itself; of all, those are told that needed it (KIP-183, KIP-460)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.messages.elect_leaders import (
    ElectLeadersRequest,
    ElectLeadersResponse,
    PartitionResult,
    ReplicaElectionResult,
)
from sim.cluster.controller.apis.deadline import check_deadline
from sim.cluster.controller.election import ElectionKind
from sim.cluster.envelope import RefusedError

if TYPE_CHECKING:
    from sim.cluster.controller.decisions import Decisions

_KINDS = {0: ElectionKind.PREFERRED, 1: ElectionKind.UNCLEAN}

_TOLD = {
    Code.ELECTION_NOT_NEEDED: "There is nothing to elect: the partition is led by whoever should.",
    Code.PREFERRED_LEADER_NOT_AVAILABLE: "The preferred replica cannot lead now.",
    Code.ELIGIBLE_LEADERS_NOT_AVAILABLE: "No replica can lead now.",
}


def handle(decisions: Decisions, wanted: ElectLeadersRequest) -> ElectLeadersResponse:
    """Elect. Raises RefusedError for the whole of a request."""
    kind = _KINDS.get(wanted.election_type)
    if kind is None:
        raise RefusedError(Code.INVALID_REQUEST, f"Unknown election type {wanted.election_type}")
    check_deadline(wanted.timeout_ms)
    if wanted.topic_partitions is None:
        results = _everywhere(decisions, kind)
    else:
        results = [
            ReplicaElectionResult(
                topic, tuple(_elect(decisions, TopicPartition(topic, one), kind) for one in partitions)
            )
            for topic, partitions in wanted.topic_partitions
        ]
    decisions.metadata.commit()
    return ElectLeadersResponse(replica_election_results=tuple(results))


def _everywhere(decisions: Decisions, kind: ElectionKind) -> list[ReplicaElectionResult]:
    results = []
    for topic in decisions.metadata.topics:
        found = [_elect(decisions, state.tp, kind) for state in decisions.replication.partitions_of(topic)]
        told = tuple(one for one in found if one.error_code != Code.ELECTION_NOT_NEEDED)
        results.append(ReplicaElectionResult(topic, told))
    return results


def _elect(decisions: Decisions, tp: TopicPartition, kind: ElectionKind) -> PartitionResult:
    if tp not in decisions.metadata.partitions:
        what = f"partition as {tp}" if tp.topic in decisions.metadata.topics else f"topic as {tp.topic}"
        return PartitionResult(tp.partition, Code.UNKNOWN_TOPIC_OR_PARTITION, f"There is no such {what}")
    code = decisions.replication.try_elect(tp, kind)
    return PartitionResult(tp.partition, code, _TOLD.get(code))
