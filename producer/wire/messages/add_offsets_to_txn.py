"""AddOffsetsToTxn: a transaction will commit positions of a group."""

from typing import NamedTuple

from producer.wire.schema import Int16, Int32, Int64, String


class AddOffsetsToTxnRequest(NamedTuple):
    """The group's positions belong to the transaction."""

    transactional_id: String = ""
    producer_id: Int64 = 0
    producer_epoch: Int16 = 0
    group_id: String = ""


class AddOffsetsToTxnResponse(NamedTuple):
    """Whether they do."""

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
