"""EndTxn: commit or abort. Since version 5 the answer carries the epoch of the next transaction (KIP-890)."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, Boolean, Int16, Int32, Int64, String, since


class EndTxnRequest(NamedTuple):
    """End the transaction."""

    transactional_id: String = ""
    producer_id: Int64 = 0
    producer_epoch: Int16 = 0
    committed: Boolean = False
    """False aborts it."""


class EndTxnResponse(NamedTuple):
    """Whether it is prepared to end: nothing changes that any more."""

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    producer_id: Annotated[Int64, since(5), IGNORABLE] = -1
    """Another than before when the epochs of the old one ran out."""
    producer_epoch: Annotated[Int16, since(5), IGNORABLE] = -1
