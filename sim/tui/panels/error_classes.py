"""Of which class an error is: what a governance page counts together."""

from __future__ import annotations

from producer.errors import Code, error_code
from sim.clients.drivers import CODE_NOT_SENT

REPLICATION = "replication shortfall"
AUTHORIZATION = "authorization"
AUTHENTICATION = "authentication"
THROTTLING = "throttling"
REFUSED_RECORD = "record refused"
IDENTITY = "producer identity"
LEADERSHIP = "leadership moved"
NETWORK = "network and time"
OTHER = "other"
CLASSES = (REPLICATION, AUTHORIZATION, AUTHENTICATION, THROTTLING, REFUSED_RECORD, IDENTITY, LEADERSHIP, NETWORK, OTHER)
"""In the order in which they are told."""

_MEMBERS: tuple[tuple[str, tuple[int, ...]], ...] = (
    (REPLICATION, (Code.NOT_ENOUGH_REPLICAS, Code.NOT_ENOUGH_REPLICAS_AFTER_APPEND)),
    (THROTTLING, (Code.THROTTLING_QUOTA_EXCEEDED,)),
    (
        REFUSED_RECORD,
        (
            Code.CORRUPT_MESSAGE,
            Code.MESSAGE_TOO_LARGE,
            Code.RECORD_LIST_TOO_LARGE,
            Code.INVALID_TIMESTAMP,
            Code.POLICY_VIOLATION,
            Code.INVALID_RECORD,
        ),
    ),
    (
        IDENTITY,
        (
            Code.OUT_OF_ORDER_SEQUENCE_NUMBER,
            Code.DUPLICATE_SEQUENCE_NUMBER,
            Code.INVALID_PRODUCER_EPOCH,
            Code.UNKNOWN_PRODUCER_ID,
            Code.PRODUCER_FENCED,
        ),
    ),
    (
        LEADERSHIP,
        (
            Code.UNKNOWN_TOPIC_OR_PARTITION,
            Code.LEADER_NOT_AVAILABLE,
            Code.NOT_LEADER_OR_FOLLOWER,
            Code.FENCED_LEADER_EPOCH,
            Code.UNKNOWN_LEADER_EPOCH,
        ),
    ),
    (NETWORK, (Code.REQUEST_TIMED_OUT, Code.NETWORK_EXCEPTION, CODE_NOT_SENT)),
)
_CLASS_OF = {int(code): name for name, codes in _MEMBERS for code in codes}


def class_of(code: int) -> str:
    """Give the class of one of Kafka's errors, or of the client's own."""
    found = _CLASS_OF.get(code)
    if found is not None:
        return found
    error = error_code(code)
    return AUTHORIZATION if error.authorization else AUTHENTICATION if error.authentication else OTHER
