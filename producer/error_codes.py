"""Kafka's error codes as one table of data: their names, and what a producer has to know about each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Code(IntEnum):
    """Kafka's error codes by name (clients/.../protocol/Errors.java)."""

    UNKNOWN_SERVER_ERROR = -1
    NONE = 0
    OFFSET_OUT_OF_RANGE = 1
    CORRUPT_MESSAGE = 2
    UNKNOWN_TOPIC_OR_PARTITION = 3
    INVALID_FETCH_SIZE = 4
    LEADER_NOT_AVAILABLE = 5
    NOT_LEADER_OR_FOLLOWER = 6
    REQUEST_TIMED_OUT = 7
    BROKER_NOT_AVAILABLE = 8
    REPLICA_NOT_AVAILABLE = 9
    MESSAGE_TOO_LARGE = 10
    STALE_CONTROLLER_EPOCH = 11
    OFFSET_METADATA_TOO_LARGE = 12
    NETWORK_EXCEPTION = 13
    COORDINATOR_LOAD_IN_PROGRESS = 14
    COORDINATOR_NOT_AVAILABLE = 15
    NOT_COORDINATOR = 16
    INVALID_TOPIC_EXCEPTION = 17
    RECORD_LIST_TOO_LARGE = 18
    NOT_ENOUGH_REPLICAS = 19
    NOT_ENOUGH_REPLICAS_AFTER_APPEND = 20
    INVALID_REQUIRED_ACKS = 21
    ILLEGAL_GENERATION = 22
    INCONSISTENT_GROUP_PROTOCOL = 23
    INVALID_GROUP_ID = 24
    UNKNOWN_MEMBER_ID = 25
    INVALID_SESSION_TIMEOUT = 26
    REBALANCE_IN_PROGRESS = 27
    INVALID_COMMIT_OFFSET_SIZE = 28
    TOPIC_AUTHORIZATION_FAILED = 29
    GROUP_AUTHORIZATION_FAILED = 30
    CLUSTER_AUTHORIZATION_FAILED = 31
    INVALID_TIMESTAMP = 32
    UNSUPPORTED_SASL_MECHANISM = 33
    ILLEGAL_SASL_STATE = 34
    UNSUPPORTED_VERSION = 35
    TOPIC_ALREADY_EXISTS = 36
    INVALID_PARTITIONS = 37
    INVALID_REPLICATION_FACTOR = 38
    INVALID_REPLICA_ASSIGNMENT = 39
    INVALID_CONFIG = 40
    NOT_CONTROLLER = 41
    INVALID_REQUEST = 42
    UNSUPPORTED_FOR_MESSAGE_FORMAT = 43
    POLICY_VIOLATION = 44
    OUT_OF_ORDER_SEQUENCE_NUMBER = 45
    DUPLICATE_SEQUENCE_NUMBER = 46
    INVALID_PRODUCER_EPOCH = 47
    INVALID_TXN_STATE = 48
    INVALID_PRODUCER_ID_MAPPING = 49
    INVALID_TRANSACTION_TIMEOUT = 50
    CONCURRENT_TRANSACTIONS = 51
    TRANSACTION_COORDINATOR_FENCED = 52
    TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53
    SECURITY_DISABLED = 54
    OPERATION_NOT_ATTEMPTED = 55
    KAFKA_STORAGE_ERROR = 56
    LOG_DIR_NOT_FOUND = 57
    SASL_AUTHENTICATION_FAILED = 58
    UNKNOWN_PRODUCER_ID = 59
    REASSIGNMENT_IN_PROGRESS = 60
    DELEGATION_TOKEN_AUTH_DISABLED = 61
    DELEGATION_TOKEN_NOT_FOUND = 62
    DELEGATION_TOKEN_OWNER_MISMATCH = 63
    DELEGATION_TOKEN_REQUEST_NOT_ALLOWED = 64
    DELEGATION_TOKEN_AUTHORIZATION_FAILED = 65
    DELEGATION_TOKEN_EXPIRED = 66
    INVALID_PRINCIPAL_TYPE = 67
    NON_EMPTY_GROUP = 68
    GROUP_ID_NOT_FOUND = 69
    FETCH_SESSION_ID_NOT_FOUND = 70
    INVALID_FETCH_SESSION_EPOCH = 71
    LISTENER_NOT_FOUND = 72
    TOPIC_DELETION_DISABLED = 73
    FENCED_LEADER_EPOCH = 74
    UNKNOWN_LEADER_EPOCH = 75
    UNSUPPORTED_COMPRESSION_TYPE = 76
    STALE_BROKER_EPOCH = 77
    OFFSET_NOT_AVAILABLE = 78
    MEMBER_ID_REQUIRED = 79
    PREFERRED_LEADER_NOT_AVAILABLE = 80
    GROUP_MAX_SIZE_REACHED = 81
    FENCED_INSTANCE_ID = 82
    ELIGIBLE_LEADERS_NOT_AVAILABLE = 83
    ELECTION_NOT_NEEDED = 84
    NO_REASSIGNMENT_IN_PROGRESS = 85
    GROUP_SUBSCRIBED_TO_TOPIC = 86
    INVALID_RECORD = 87
    UNSTABLE_OFFSET_COMMIT = 88
    THROTTLING_QUOTA_EXCEEDED = 89
    PRODUCER_FENCED = 90
    RESOURCE_NOT_FOUND = 91
    DUPLICATE_RESOURCE = 92
    UNACCEPTABLE_CREDENTIAL = 93
    INCONSISTENT_VOTER_SET = 94
    INVALID_UPDATE_VERSION = 95
    FEATURE_UPDATE_FAILED = 96
    PRINCIPAL_DESERIALIZATION_FAILURE = 97
    SNAPSHOT_NOT_FOUND = 98
    POSITION_OUT_OF_RANGE = 99
    UNKNOWN_TOPIC_ID = 100
    DUPLICATE_BROKER_REGISTRATION = 101
    BROKER_ID_NOT_REGISTERED = 102
    INCONSISTENT_TOPIC_ID = 103
    INCONSISTENT_CLUSTER_ID = 104
    TRANSACTIONAL_ID_NOT_FOUND = 105
    FETCH_SESSION_TOPIC_ID_ERROR = 106
    INELIGIBLE_REPLICA = 107
    NEW_LEADER_ELECTED = 108
    OFFSET_MOVED_TO_TIERED_STORAGE = 109
    FENCED_MEMBER_EPOCH = 110
    UNRELEASED_INSTANCE_ID = 111
    UNSUPPORTED_ASSIGNOR = 112
    STALE_MEMBER_EPOCH = 113
    MISMATCHED_ENDPOINT_TYPE = 114
    UNSUPPORTED_ENDPOINT_TYPE = 115
    UNKNOWN_CONTROLLER_ID = 116
    UNKNOWN_SUBSCRIPTION_ID = 117
    TELEMETRY_TOO_LARGE = 118
    INVALID_REGISTRATION = 119
    TRANSACTION_ABORTABLE = 120
    INVALID_RECORD_STATE = 121
    SHARE_SESSION_NOT_FOUND = 122
    INVALID_SHARE_SESSION_EPOCH = 123
    FENCED_STATE_EPOCH = 124
    INVALID_VOTER_KEY = 125
    DUPLICATE_VOTER = 126
    VOTER_NOT_FOUND = 127
    INVALID_REGULAR_EXPRESSION = 128
    REBOOTSTRAP_REQUIRED = 129
    STREAMS_INVALID_TOPOLOGY = 130
    STREAMS_INVALID_TOPOLOGY_EPOCH = 131
    STREAMS_TOPOLOGY_FENCED = 132
    SHARE_SESSION_LIMIT_REACHED = 133
    GROUP_DELETION_FAILED = 134
    STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED = 135
    CONTROLLER_ID_NOT_REGISTERED = 136


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One of Kafka's error codes and what a producer has to know about it."""

    code: int
    name: str
    retriable: bool = False
    """RetriableException: the same request may succeed later."""
    refresh_metadata: bool = False
    """InvalidMetadataException: learn the leaders again before the retry."""
    refresh_coordinator: bool = False
    """Find the coordinator again before the retry."""
    abortable: bool = False
    """A transaction can go on after an abort (TransactionManager's handlers; the produce path, on most others)."""
    fatal: bool = False
    """On the produce path: the producer cannot go on (Sender, TransactionManager.maybeTransitionToErrorState)."""
    application_recoverable: bool = False
    """ApplicationRecoverableException: a new producer, or a new member, may go on."""
    authorization: bool = False
    """AuthorizationException: a missing right."""
    authentication: bool = False
    """AuthenticationException: the connection is refused."""
    invalid_configuration: bool = False
    """InvalidConfigurationException and its heirs: what was asked for is not possible here."""
    may_hide_append: bool = False
    """On the produce path the record may be in a log all the same: the outcome is unknown."""


_REFRESH_METADATA = frozenset((3, 5, 6, 9, 13, 56, 72, 74, 80, 83, 84, 100, 103))
_REFRESH_COORDINATOR = frozenset((15, 16))
_RETRIABLE = (
    frozenset((2, 7, 14, 19, 20, 41, 51, 70, 71, 75, 78, 88, 89, 106, 122, 123, 133))
    | _REFRESH_METADATA
    | _REFRESH_COORDINATOR
)
_APPLICATION_RECOVERABLE = frozenset((22, 25, 47, 49, 82, 90))
_AUTHORIZATION = frozenset((29, 30, 31, 53, 65))
_AUTHENTICATION = frozenset((33, 34, 58))
_INVALID_CONFIGURATION = frozenset((17, 18, 21, 35, 38, 40, 43)) | _AUTHORIZATION | _AUTHENTICATION
_ABORTABLE = frozenset((22, 25, 29, 30, 69, 82, 113, 120))
_FATAL = frozenset((31, 35, 49, 53, 90))
# A timeout or a lost connection says nothing about the append; a deposed leader answers 6 for what it had already
# appended (KAFKA-13574); 20 says it in its name; a broker may fail (-1) or lose its disk (56) after the append.
# Not here: 45, 47 and 90, which a broker answers before it appends.
_MAY_HIDE_APPEND = frozenset((-1, 6, 7, 13, 20, 56))

ERRORS: dict[int, ErrorCode] = {
    int(code): ErrorCode(
        int(code),
        code.name,
        retriable=code in _RETRIABLE,
        refresh_metadata=code in _REFRESH_METADATA,
        refresh_coordinator=code in _REFRESH_COORDINATOR,
        abortable=code in _ABORTABLE,
        fatal=code in _FATAL,
        application_recoverable=code in _APPLICATION_RECOVERABLE,
        authorization=code in _AUTHORIZATION,
        authentication=code in _AUTHENTICATION,
        invalid_configuration=code in _INVALID_CONFIGURATION,
        may_hide_append=code in _MAY_HIDE_APPEND,
    )
    for code in Code
}
"""Every code of Kafka 4.x, -1 to 136 (classes: Errors.java crossed with the exceptions it names)."""


def error_code(code: int) -> ErrorCode:
    """Look a code up; one from a newer Kafka gives a non-retriable entry, as Errors.forCode does."""
    known = ERRORS.get(code)
    # Nothing is known about a newer code, so nothing excludes that the append happened.
    return known if known is not None else ErrorCode(code, f"UNKNOWN_CODE_{code}", may_hide_append=True)


TLS_REFUSED = ErrorCode(int(Code.UNKNOWN_SERVER_ERROR), "SSL_AUTHENTICATION_FAILED", authentication=True)
"""For Java's SslAuthenticationException, which has no code of its own: Errors.forException finds 40, a superclass's."""
