"""What each error means in the answer to each transactional request (the handlers of TransactionManager), as one table.

What can be asked again, and whether of another coordinator, the one table of errors knows. What is left is abortable if it
stands here, and fatal if not.
"""

from __future__ import annotations

from producer.client.ruling import Abortable, Again, Done, Fatal, Refind, Ruling
from producer.errors import Code, error_code
from producer.wire.api import ApiKey

FENCED = (Code.INVALID_PRODUCER_EPOCH, Code.PRODUCER_FENCED)
"""A coordinator means the same by both; older ones know the first only."""

ABORTABLE: dict[ApiKey, tuple[Code, ...]] = {
    # A missing right: whoever asked may ask again once it is granted.
    ApiKey.INIT_PRODUCER_ID: (
        Code.CLUSTER_AUTHORIZATION_FAILED,
        Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
        Code.TRANSACTION_ABORTABLE,
    ),
    ApiKey.ADD_PARTITIONS_TO_TXN: (Code.TRANSACTION_ABORTABLE,),
    ApiKey.ADD_OFFSETS_TO_TXN: (Code.GROUP_AUTHORIZATION_FAILED, Code.TRANSACTION_ABORTABLE),
    ApiKey.TXN_OFFSET_COMMIT: (
        Code.GROUP_AUTHORIZATION_FAILED,
        Code.TRANSACTION_ABORTABLE,
        Code.FENCED_INSTANCE_ID,
        # The group has moved on without this member (CommitFailedException).
        Code.UNKNOWN_MEMBER_ID,
        Code.ILLEGAL_GENERATION,
        Code.STALE_MEMBER_EPOCH,
        Code.GROUP_ID_NOT_FOUND,
    ),
    ApiKey.END_TXN: (Code.TRANSACTION_ABORTABLE,),
}
"""Which codes leave it at an abort, by what was asked."""

COMMIT_FAILED = (
    Code.UNKNOWN_MEMBER_ID,
    Code.ILLEGAL_GENERATION,
    Code.STALE_MEMBER_EPOCH,
    Code.GROUP_ID_NOT_FOUND,
)
"""What says that the group's partitions are somebody else's."""

FATAL_FOR_PARTITIONS = (
    Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    Code.INVALID_TXN_STATE,
    Code.INVALID_PRODUCER_ID_MAPPING,
)
"""For AddPartitionsToTxn alone everything else leaves it at an abort: a topic is refused, or another of the request."""

_NEW_EPOCH_MENDS = (ApiKey.ADD_PARTITIONS_TO_TXN, ApiKey.ADD_OFFSETS_TO_TXN, ApiKey.END_TXN)
"""Where UNKNOWN_PRODUCER_ID is mended by the next epoch, if there can be one (abortableErrorIfPossible)."""


def ruling_of(api: ApiKey, code: int, *, may_bump: bool) -> Ruling:
    """Say what the code means in an answer to that request. `may_bump`: whether the coordinator gives new epochs."""
    error = error_code(code)
    if error.code == Code.NONE:
        return Done()
    if error.refresh_coordinator or (api is ApiKey.TXN_OFFSET_COMMIT and error.code == Code.REQUEST_TIMED_OUT):
        return Refind()
    if error.retriable:
        return Again()
    if error.code in FENCED:
        return Fatal(error_code(Code.PRODUCER_FENCED))
    if error.code == Code.UNKNOWN_PRODUCER_ID and api in _NEW_EPOCH_MENDS:
        return Abortable(error) if may_bump else Fatal(error)
    if error.code in ABORTABLE[api]:
        return Abortable(error)
    if api is ApiKey.ADD_PARTITIONS_TO_TXN and error.code not in FATAL_FOR_PARTITIONS:
        return Abortable(error)
    return Fatal(error)
