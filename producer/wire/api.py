"""The table of APIs and their versions, how one is chosen with a peer, and the headers around each body."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from importlib import import_module
from struct import Struct
from typing import Any, NamedTuple, Self

from producer.errors import MalformedError, UnsupportedVersionError
from producer.wire.compiler.runtime import STRINGS, UNREADABLE, skip_all


class VersionRange(NamedTuple):
    """The versions of one API that a side speaks, both ends included."""

    lowest: int
    highest: int

    def __str__(self) -> str:
        return f"{self.lowest}-{self.highest}"


_NEVER = 1 << 15


class ApiKey(IntEnum):
    """The APIs, by Kafka's numbers: what a producer, a consumer, an admin client and a transaction need."""

    _value_: int
    versions: VersionRange
    """The versions of Kafka 4.3, those it calls unstable among them: what is declared in `producer.wire.messages`."""
    flexible_since: int
    """The first version with compact lengths and tagged fields (KIP-482)."""
    spoken: VersionRange | None
    """The versions that our clients ask in and our brokers answer; None where neither knows the API yet."""

    def __new__(
        cls,
        number: int,
        versions: tuple[int, int] = (0, 0),
        flexible_since: int | None = None,
        spoken: tuple[int, int] | None = None,
    ) -> Self:
        """Make one row of the table; the defaults are for type checkers, since `ApiKey(18)` looks a row up."""
        row = int.__new__(cls, number)
        row._value_ = number
        row.versions = VersionRange(*versions)
        row.flexible_since = _NEVER if flexible_since is None else flexible_since
        row.spoken = VersionRange(*spoken) if spoken else None
        return row

    # number, declared versions, flexible since, spoken versions
    PRODUCE = 0, (3, 13), 9, (3, 13)
    FETCH = 1, (4, 18), 12, (4, 18)
    LIST_OFFSETS = 2, (1, 11), 6, (1, 11)
    METADATA = 3, (0, 13), 9, (0, 13)
    OFFSET_COMMIT = 8, (2, 10), 8, (2, 10)
    OFFSET_FETCH = 9, (1, 10), 6, (1, 10)
    FIND_COORDINATOR = 10, (0, 6), 3, (0, 6)
    JOIN_GROUP = 11, (0, 9), 6, (0, 9)
    HEARTBEAT = 12, (0, 4), 4, (0, 4)
    LEAVE_GROUP = 13, (0, 5), 4, (0, 5)
    SYNC_GROUP = 14, (0, 5), 4, (0, 5)
    DESCRIBE_GROUPS = 15, (0, 6), 5, (0, 6)
    LIST_GROUPS = 16, (0, 5), 3, (0, 5)
    SASL_HANDSHAKE = 17, (0, 1), None, (0, 1)
    API_VERSIONS = 18, (0, 4), 3, (0, 4)
    CREATE_TOPICS = 19, (2, 7), 5, (2, 7)
    DELETE_TOPICS = 20, (1, 6), 4, (1, 6)
    DELETE_RECORDS = 21, (0, 2), 2, (0, 2)
    INIT_PRODUCER_ID = 22, (0, 6), 2, (0, 6)
    OFFSET_FOR_LEADER_EPOCH = 23, (2, 4), 4, (2, 4)
    ADD_PARTITIONS_TO_TXN = 24, (0, 5), 3, (0, 5)
    ADD_OFFSETS_TO_TXN = 25, (0, 4), 3, (0, 4)
    END_TXN = 26, (0, 5), 3, (0, 5)
    WRITE_TXN_MARKERS = 27, (1, 2), 1, (1, 2)
    TXN_OFFSET_COMMIT = 28, (0, 5), 3, (0, 5)
    DESCRIBE_ACLS = 29, (1, 3), 2, (1, 3)
    CREATE_ACLS = 30, (1, 3), 2, (1, 3)
    DELETE_ACLS = 31, (1, 3), 2, (1, 3)
    DESCRIBE_CONFIGS = 32, (1, 4), 4, (1, 4)
    ALTER_CONFIGS = 33, (0, 2), 2, (0, 2)
    ALTER_REPLICA_LOG_DIRS = 34, (1, 2), 2, (1, 2)
    DESCRIBE_LOG_DIRS = 35, (1, 5), 2, (1, 5)
    SASL_AUTHENTICATE = 36, (0, 2), 2, (0, 2)
    CREATE_PARTITIONS = 37, (0, 3), 2, (0, 3)
    CREATE_DELEGATION_TOKEN = 38, (1, 3), 2, (1, 3)
    RENEW_DELEGATION_TOKEN = 39, (1, 2), 2, (1, 2)
    EXPIRE_DELEGATION_TOKEN = 40, (1, 2), 2, (1, 2)
    DESCRIBE_DELEGATION_TOKEN = 41, (1, 3), 2, (1, 3)
    DELETE_GROUPS = 42, (0, 2), 2, (0, 2)
    ELECT_LEADERS = 43, (0, 2), 2, (0, 2)
    INCREMENTAL_ALTER_CONFIGS = 44, (0, 1), 1, (0, 1)
    ALTER_PARTITION_REASSIGNMENTS = 45, (0, 1), 0, (0, 1)
    LIST_PARTITION_REASSIGNMENTS = 46, (0, 0), 0, (0, 0)
    OFFSET_DELETE = 47, (0, 0), None, (0, 0)
    DESCRIBE_CLIENT_QUOTAS = 48, (0, 1), 1, (0, 1)
    ALTER_CLIENT_QUOTAS = 49, (0, 1), 1, (0, 1)
    DESCRIBE_USER_SCRAM_CREDENTIALS = 50, (0, 0), 0, (0, 0)
    ALTER_USER_SCRAM_CREDENTIALS = 51, (0, 0), 0, (0, 0)
    DESCRIBE_QUORUM = 55, (0, 2), 0, (0, 2)
    UPDATE_FEATURES = 57, (0, 2), 0, (0, 2)
    DESCRIBE_CLUSTER = 60, (0, 2), 0, (0, 2)
    DESCRIBE_PRODUCERS = 61, (0, 0), 0, (0, 0)
    UNREGISTER_BROKER = 64, (0, 0), 0, (0, 0)
    DESCRIBE_TRANSACTIONS = 65, (0, 0), 0, (0, 0)
    LIST_TRANSACTIONS = 66, (0, 2), 0, (0, 2)
    CONSUMER_GROUP_HEARTBEAT = 68, (0, 1), 0, (0, 1)
    CONSUMER_GROUP_DESCRIBE = 69, (0, 1), 0, (0, 1)
    GET_TELEMETRY_SUBSCRIPTIONS = 71, (0, 0), 0
    PUSH_TELEMETRY = 72, (0, 0), 0
    LIST_CONFIG_RESOURCES = 74, (0, 1), 0, (0, 1)
    DESCRIBE_TOPIC_PARTITIONS = 75, (0, 0), 0, (0, 0)
    ADD_RAFT_VOTER = 80, (0, 1), 0, (0, 1)
    REMOVE_RAFT_VOTER = 81, (0, 0), 0, (0, 0)

    @property
    def title(self) -> str:
        """The name as Kafka's documents and our faults write it: ListOffsets."""
        return "".join([word.capitalize() for word in self.name.split("_")])

    def message(self, kind: str) -> type[Any]:
        """Load the declaration of the "request" or of the "response"."""
        module = import_module(f"producer.wire.messages.{self.name.lower()}")
        declared: type[Any] = getattr(module, f"{self.title}{kind.capitalize()}")
        return declared


SUPPORTED: Mapping[ApiKey, VersionRange] = {key: key.spoken for key in ApiKey if key.spoken}
"""What is spoken here. A broker advertises Produce from 0 all the same: librdkafka wants it (KAFKA-18659)."""

AHEAD_OF_KAFKA: Mapping[ApiKey, int] = {ApiKey.INIT_PRODUCER_ID: 6}
"""First versions spoken here that Kafka 4.3 calls unstable, and that brokers offer only where a setting of theirs says so.

InitProducerId 6 is two-phase commit's (KIP-939).
"""

_FLEXIBLE_SINCE: Mapping[int, int] = {key: key.flexible_since for key in ApiKey}

_REQUEST_HEADER = Struct(">ihhi")
_REQUEST_START = Struct(">hhih")
_CLIENT_IDS = STRINGS["string_or_null"]
_NO_TAGS = b"\x00"
_RESPONSE_HEADER = Struct(">ii")
_CORRELATION_ID = Struct(">i")


class RequestHeader(NamedTuple):
    """What stands before each request's body."""

    api_key: int
    api_version: int
    correlation_id: int
    client_id: str | None


def is_flexible(api_key: int, version: int) -> bool:
    """Whether this version of the API has compact lengths and tagged fields; false for an API without a codec."""
    return version >= _FLEXIBLE_SINCE.get(api_key, _NEVER)


def check_version(api_key: ApiKey, version: int) -> None:
    """Raise UnsupportedVersionError unless our codec speaks this version."""
    lowest, highest = SUPPORTED[api_key]
    if not lowest <= version <= highest:
        msg = f"{api_key.name} version {version}, this codec speaks {lowest}-{highest}"
        raise UnsupportedVersionError(msg)


def choose_version(api_key: ApiKey, peer_ranges: Mapping[int, VersionRange]) -> int:
    """Give the highest version both sides speak; `peer_ranges` is what the peer's ApiVersions answer said.

    Raises UnsupportedVersionError, naming the API and both ranges.
    """
    ours = SUPPORTED[api_key]
    theirs = peer_ranges.get(api_key)
    if theirs is None:
        msg = f"{api_key.name}: we speak {ours}, the peer does not know the API"
        raise UnsupportedVersionError(msg)
    version = min(ours.highest, theirs[1])
    if version < ours.lowest or version < theirs[0]:
        msg = f"{api_key.name}: we speak {ours}, the peer {theirs[0]}-{theirs[1]}"
        raise UnsupportedVersionError(msg)
    return version


def encode_request(api_key: int, version: int, correlation_id: int, client_id: str | None, body: bytes) -> bytes:
    """Give the whole frame of a request: length, header, body."""
    # The client id keeps the legacy string even in the flexible header, so that any broker can read it (KIP-511).
    name = _CLIENT_IDS[client_id]
    tags = _NO_TAGS if is_flexible(api_key, version) else b""
    size = 8 + len(name) + len(tags) + len(body)
    return b"".join((_REQUEST_HEADER.pack(size, api_key, version, correlation_id), name, tags, body))


def decode_request_header(payload: bytes) -> tuple[RequestHeader, int]:
    """Read the header of a request (a frame without its length) and where its body begins.

    An ApiVersions request of a version yet unknown is read as well: it wants error 35 in a version 0 body (KIP-511).
    Raises MalformedError.
    """
    try:
        api_key, version, correlation_id, size = _REQUEST_START.unpack_from(payload)
        position = _REQUEST_START.size + max(size, 0)
        client_id = None if size < 0 else payload[_REQUEST_START.size : position].decode(errors="replace")
        if is_flexible(api_key, version):
            position = skip_all(payload, position + 1, payload[position])
    except UNREADABLE as error:
        msg = f"a request header in {len(payload)} bytes: {error}"
        raise MalformedError(msg) from error
    if position > len(payload):
        msg = f"a request header in {len(payload)} bytes ends at byte {position}"
        raise MalformedError(msg)
    return RequestHeader(api_key, version, correlation_id, client_id), position


def encode_response(api_key: int, version: int, correlation_id: int, body: bytes) -> bytes:
    """Give the whole frame of a response: length, header, body."""
    if is_flexible(api_key, version) and api_key != ApiKey.API_VERSIONS:
        return b"".join((_RESPONSE_HEADER.pack(5 + len(body), correlation_id), _NO_TAGS, body))
    # The client does not yet know which version the broker could answer in: this header is never flexible (KIP-511).
    return _RESPONSE_HEADER.pack(4 + len(body), correlation_id) + body


def read_correlation_id(payload: bytes) -> int:
    """Read which request a response (a frame without its length) belongs to. Raises MalformedError."""
    if len(payload) < _CORRELATION_ID.size:
        msg = f"a response of {len(payload)} bytes has no correlation id"
        raise MalformedError(msg)
    correlation_id: int = _CORRELATION_ID.unpack_from(payload)[0]
    return correlation_id


def response_body(api_key: int, version: int, payload: bytes) -> bytes:
    """Give what follows the header of a response (a frame without its length). Raises MalformedError."""
    read_correlation_id(payload)
    if not is_flexible(api_key, version) or api_key == ApiKey.API_VERSIONS:
        return payload[4:]
    if payload[4:5] == _NO_TAGS:
        return payload[5:]
    try:
        return payload[skip_all(payload, 5, payload[4]) :]
    except UNREADABLE as error:
        msg = f"a response header in {len(payload)} bytes: {error}"
        raise MalformedError(msg) from error
