"""AddRaftVoter at the controller: nobody can be added, and what is wrong beside is told first (KafkaRaftClient.handleAddVoterRequest)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Never

from producer.errors import Code
from producer.wire.messages.add_raft_voter import AddRaftVoterRequest
from sim.cluster.controller.apis.raft_voters import check_voter, refuse_change
from sim.cluster.envelope import RefusedError

if TYPE_CHECKING:
    from sim.cluster.controller.decisions import Decisions

_LISTENER = "CONTROLLER"
"""What every simulated controller's is called."""


def handle(decisions: Decisions, wanted: AddRaftVoterRequest) -> Never:
    """Raise RefusedError. A listener without a name is one more that is not the controllers'; it ends Apache Kafka's process."""
    check_voter(
        decisions,
        cluster_id=wanted.cluster_id,
        voter_id=wanted.voter_id,
        directory_id=wanted.voter_directory_id,
        verb="Add",
    )
    names = [listener.name for listener in wanted.listeners]
    if _LISTENER not in names:
        text = (
            f"Add voter request didn't include the endpoint ({', '.join(names)}) for the default listener {_LISTENER}"
        )
        raise RefusedError(Code.INVALID_REQUEST, text)
    refuse_change("adding")
