"""What a node lets whoever asks do (Kafka's AuthHelper): each handler asks here, and is told yes where there is no authorizer.

A resource that is refused is refused with the error of its kind; which of them an API hides, and which it tells, is the API's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from producer.errors import Code
from sim.cluster.security.acls.authorizer import Authorizer
from sim.cluster.security.acls.kinds import CLUSTER_NAME, Operation, ResourceKind, bits, operations_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sim.cluster.security.acls.index import AclIndex
    from sim.cluster.security.acls.settings import AuthorizerSettings
    from sim.cluster.security.principal import Principal


class Asker(Protocol):
    """A request, or what a broker passes on of it."""

    @property
    def principal(self) -> Principal:
        """On whose behalf."""
        ...

    @property
    def client(self) -> str:
        """The client's host."""
        ...


class Rights:
    """One node's. Brokers among themselves may everything, as super users of a listener of their own."""

    __slots__ = ("_authorizer", "_brokers", "is_enforced")

    def __init__(self, settings: AuthorizerSettings | None, acls: AclIndex, brokers: Collection[str]) -> None:
        """`brokers` are the hosts of all of them."""
        self.is_enforced = settings is not None
        """Whether there is an authorizer."""
        self._authorizer = None if settings is None else Authorizer(settings, acls)
        self._brokers = frozenset(brokers)

    def allows(self, asker: Asker, operation: Operation, kind: ResourceKind, name: str) -> bool:
        """Whether that may be done to the resource of that name."""
        authorizer, host = self._authorizer, asker.client
        if authorizer is None or host in self._brokers:
            return True
        return authorizer.allows(str(asker.principal), host, operation, kind, name)

    def allows_on_cluster(self, asker: Asker, operation: Operation) -> bool:
        """Whether that may be done to the cluster."""
        return self.allows(asker, operation, ResourceKind.CLUSTER, CLUSTER_NAME)

    def allows_some(self, asker: Asker, operation: Operation, kind: ResourceKind) -> bool:
        """Whether there could be a resource of that kind to which it may be done."""
        authorizer, host = self._authorizer, asker.client
        if authorizer is None or host in self._brokers:
            return True
        return authorizer.allows_some(str(asker.principal), host, operation, kind)

    def refused(self, asker: Asker, operation: Operation, kind: ResourceKind, names: Iterable[str]) -> set[str]:
        """Give those of the names to whose resources it may not be done; most often none."""
        if not self.is_enforced:
            return set()
        return {name for name in dict.fromkeys(names) if not self.allows(asker, operation, kind, name)}

    def operations(self, asker: Asker, kind: ResourceKind, name: str) -> int:
        """What may be done to a resource, as answers tell it (KIP-430)."""
        authorizer, host = self._authorizer, asker.client
        if authorizer is None or host in self._brokers:
            return bits(operations_of(kind))
        return authorizer.operations(str(asker.principal), host, kind, name)

    def cluster_operations(self, asker: Asker) -> int:
        """What may be done to the cluster; nothing is told to who may not describe it."""
        if not self.allows_on_cluster(asker, Operation.DESCRIBE):
            return 0
        return self.operations(asker, ResourceKind.CLUSTER, CLUSTER_NAME)


_REFUSED = {
    ResourceKind.TOPIC: Code.TOPIC_AUTHORIZATION_FAILED,
    ResourceKind.GROUP: Code.GROUP_AUTHORIZATION_FAILED,
    ResourceKind.CLUSTER: Code.CLUSTER_AUTHORIZATION_FAILED,
    ResourceKind.TRANSACTIONAL_ID: Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
}


def refusal_of(kind: ResourceKind) -> Code:
    """Give the error with which a resource of that kind is refused."""
    return _REFUSED[kind]
