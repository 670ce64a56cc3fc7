"""What AddRaftVoter and RemoveRaftVoter have in common: which voter of which quorum, and that its voters are fixed (KIP-853).

The voters of a simulated quorum are those that it was made with (controller.quorum.voters), which is kraft.version 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Never

from producer.errors import Code
from producer.wire.schema import ZERO_ID
from sim.cluster.envelope import RefusedError

if TYPE_CHECKING:
    from sim.cluster.controller.decisions import Decisions


def check_voter(decisions: Decisions, *, cluster_id: str | None, voter_id: int, directory_id: bytes, verb: str) -> None:
    """Raise RefusedError for another cluster's voter, and for one that none can be (KafkaRaftClient.handleAddVoterRequest)."""
    known = decisions.config.cluster_id
    if cluster_id is not None and cluster_id != known:
        text = f'The given id "{cluster_id}" doesn\'t match the cluster id "{known}"'
        raise RefusedError(Code.INCONSISTENT_CLUSTER_ID, text)
    if voter_id < 0 or directory_id == ZERO_ID:
        raise RefusedError(Code.INVALID_REQUEST, f"{verb} voter request didn't include a valid voter")


def refuse_change(doing: str) -> Never:
    """Raise RefusedError: these voters are fixed."""
    text = f"Cluster doesn't support {doing} voter because the kraft.version feature is 0"
    raise RefusedError(Code.UNSUPPORTED_VERSION, text)
