"""InitProducerId: the id and epoch that an idempotent or transactional producer numbers its batches with."""

from typing import Annotated, NamedTuple

from producer.wire.schema import Boolean, Int16, Int32, Int64, String, since


class InitProducerIdRequest(NamedTuple):
    """Give me an identity."""

    transactional_id: String | None = ""
    """Null for a producer that is idempotent only."""
    transaction_timeout_ms: Int32 = 0
    """Only looked at with a transactional id."""
    producer_id: Annotated[Int64, since(3)] = -1
    """The identity whose epoch is to be bumped (KIP-360); -1 for a new one."""
    producer_epoch: Annotated[Int16, since(3)] = -1
    enable_2pc: Annotated[Boolean, since(6)] = False
    """The transaction has no time-out: somebody else coordinates it (KIP-939)."""
    keep_prepared_txn: Annotated[Boolean, since(6)] = False
    """Leave the prepared transaction open (KIP-939)."""


class InitProducerIdResponse(NamedTuple):
    """An identity, or an error."""

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    producer_id: Int64 = -1
    producer_epoch: Int16 = 0
    ongoing_txn_producer_id: Annotated[Int64, since(6)] = -1
    """The identity of the transaction that was kept open; -1 for none."""
    ongoing_txn_producer_epoch: Annotated[Int16, since(6)] = -1
