"""AddRaftVoter: a controller joins the voters of the quorum (KIP-853)."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, ZERO_ID, Boolean, Int16, Int32, String, Uint16, Uuid, since


class Listener(NamedTuple):
    """One address of the voter."""

    name: String = ""
    host: String = ""
    port: Uint16 = 0


class AddRaftVoterRequest(NamedTuple):
    """Let it vote."""

    cluster_id: String | None = ""
    """Null: whichever cluster this is."""
    timeout_ms: Int32 = 0
    voter_id: Int32 = 0
    voter_directory_id: Uuid = ZERO_ID
    listeners: tuple[Listener, ...] = ()
    ack_when_committed: Annotated[Boolean, since(1)] = True
    """Answer once the new voters are committed; else as soon as the leader has written them."""


class AddRaftVoterResponse(NamedTuple):
    """Whether it votes."""

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    error_message: Annotated[String | None, IGNORABLE] = ""
