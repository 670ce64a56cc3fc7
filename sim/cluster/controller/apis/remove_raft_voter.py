"""RemoveRaftVoter at the controller: nobody can be removed, and what is wrong beside is told first (KafkaRaftClient.handleRemoveVoterRequest)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Never

from producer.wire.messages.remove_raft_voter import RemoveRaftVoterRequest
from sim.cluster.controller.apis.raft_voters import check_voter, refuse_change

if TYPE_CHECKING:
    from sim.cluster.controller.decisions import Decisions


def handle(decisions: Decisions, wanted: RemoveRaftVoterRequest) -> Never:
    """Raise RefusedError."""
    check_voter(
        decisions,
        cluster_id=wanted.cluster_id,
        voter_id=wanted.voter_id,
        directory_id=wanted.voter_directory_id,
        verb="Remove",
    )
    refuse_change("removing")
