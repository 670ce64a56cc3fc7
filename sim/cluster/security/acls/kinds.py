"""What Kafka's ACLs are made of: kinds of resources, patterns of names, operations, permissions, each by Kafka's number.

Kafka: ResourceType, PatternType, AclOperation, AclPermissionType, AclEntry.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum


class ResourceKind(IntEnum):
    """What an ACL is about."""

    UNKNOWN = 0
    ANY = 1
    """In filters alone."""
    TOPIC = 2
    GROUP = 3
    CLUSTER = 4
    TRANSACTIONAL_ID = 5
    DELEGATION_TOKEN = 6
    USER = 7


class Pattern(IntEnum):
    """How the name of an ACL stands for names of resources."""

    UNKNOWN = 0
    ANY = 1
    """In filters alone: of whatever pattern."""
    MATCH = 2
    """In filters alone: all that hold for a resource of that name."""
    LITERAL = 3
    """The one of that name; `*` is all of them."""
    PREFIXED = 4
    """Those whose names begin with it (KIP-290)."""


class Operation(IntEnum):
    """What is done to a resource."""

    UNKNOWN = 0
    ANY = 1
    """In filters alone."""
    ALL = 2
    READ = 3
    WRITE = 4
    CREATE = 5
    DELETE = 6
    ALTER = 7
    DESCRIBE = 8
    CLUSTER_ACTION = 9
    DESCRIBE_CONFIGS = 10
    ALTER_CONFIGS = 11
    IDEMPOTENT_WRITE = 12
    CREATE_TOKENS = 13
    DESCRIBE_TOKENS = 14
    TWO_PHASE_COMMIT = 15


class Permission(IntEnum):
    """Whether it may be done."""

    UNKNOWN = 0
    ANY = 1
    """In filters alone."""
    DENY = 2
    ALLOW = 3


WILDCARD = "*"
"""As a literal name: every resource. As a host: every host."""
EVERYBODY = "User:*"
"""The principal of an ACL that holds for all of them."""
CLUSTER_NAME = "kafka-cluster"
"""The one name that the cluster has as a resource."""

_ALL_OF: Mapping[ResourceKind, tuple[Operation, ...]] = {
    ResourceKind.TOPIC: (
        Operation.READ,
        Operation.WRITE,
        Operation.CREATE,
        Operation.DELETE,
        Operation.ALTER,
        Operation.DESCRIBE,
        Operation.DESCRIBE_CONFIGS,
        Operation.ALTER_CONFIGS,
    ),
    ResourceKind.GROUP: (
        Operation.READ,
        Operation.DELETE,
        Operation.DESCRIBE,
        Operation.DESCRIBE_CONFIGS,
        Operation.ALTER_CONFIGS,
    ),
    ResourceKind.CLUSTER: (
        Operation.CREATE,
        Operation.ALTER,
        Operation.DESCRIBE,
        Operation.CLUSTER_ACTION,
        Operation.DESCRIBE_CONFIGS,
        Operation.ALTER_CONFIGS,
        Operation.IDEMPOTENT_WRITE,
    ),
    ResourceKind.TRANSACTIONAL_ID: (Operation.WRITE, Operation.DESCRIBE, Operation.TWO_PHASE_COMMIT),
    ResourceKind.DELEGATION_TOKEN: (Operation.DESCRIBE,),
    ResourceKind.USER: (Operation.CREATE_TOKENS, Operation.DESCRIBE_TOKENS),
}


def operations_of(kind: ResourceKind) -> tuple[Operation, ...]:
    """Give what can be done to a resource of that kind (AclEntry.supportedOperations); nothing to one that is none."""
    return _ALL_OF.get(kind, ())


def bits(operations: tuple[Operation, ...]) -> int:
    """Give operations as answers tell them: a bit for each (KIP-430)."""
    return sum([1 << int(operation) for operation in operations])
