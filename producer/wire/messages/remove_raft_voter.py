"""RemoveRaftVoter: a controller is no longer among the voters of the quorum (KIP-853)."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, ZERO_ID, Int16, Int32, String, Uuid


class RemoveRaftVoterRequest(NamedTuple):
    """Let it vote no longer."""

    cluster_id: String | None = ""
    """Null: whichever cluster this is."""
    voter_id: Int32 = 0
    voter_directory_id: Uuid = ZERO_ID


class RemoveRaftVoterResponse(NamedTuple):
    """Whether it is gone."""

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    error_message: Annotated[String | None, IGNORABLE] = ""
