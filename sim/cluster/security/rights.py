"""What a node lets whoever asks do (Kafka's AuthHelper): each handler asks here, and is told yes where there is no authorizer.

A resource that is refused is refused with the error of its kind; which of them an API hides, and which it tells, is the API's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from producer.errors import Code
from producer.wire.api import ApiKey
from sim.cluster.security.acls.authorizer import Authorizer
from sim.cluster.security.acls.kinds import CLUSTER_NAME, Operation, ResourceKind, bits, operations_of
from sim.trace.events import AuthorizationRefused

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sim.cluster.security.acls.index import AclIndex
    from sim.cluster.security.acls.settings import AuthorizerSettings
    from sim.cluster.security.principal import Principal
    from sim.trace.trace import Trace
    from sim.world.kernel import World

ANY_NAME = "*"
"""In the trace: of no resource of that kind."""


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

    @property
    def client_id(self) -> str | None:
        """What the client calls itself."""
        ...

    @property
    def api(self) -> int:
        """Which API it asks."""
        ...

    @property
    def broker(self) -> int:
        """Which broker it asked."""
        ...


class Rights:
    """One node's. Brokers among themselves may everything, as super users of a listener of their own.

    Who is refused is told in the trace, unless `is_told` is false: something else may allow it still, or an answer only leaves it out
    (Kafka's logIfDenied).
    """

    __slots__ = ("_authorizer", "_brokers", "_trace", "_world", "is_enforced")

    def __init__(
        self,
        settings: AuthorizerSettings | None,
        acls: AclIndex,
        brokers: Collection[str],
        world: World,
        trace: Trace,
        *,
        authorizer_type: type[Authorizer] = Authorizer,
    ) -> None:
        """`brokers` are the hosts of all of them; `authorizer_type` decides."""
        self.is_enforced = settings is not None
        """Whether there is an authorizer."""
        self._authorizer = None if settings is None else authorizer_type(settings, acls)
        self._brokers = frozenset(brokers)
        self._world = world
        self._trace = trace

    def allows(
        self, asker: Asker, operation: Operation, kind: ResourceKind, name: str, *, is_told: bool = True
    ) -> bool:
        """Whether that may be done to the resource of that name."""
        authorizer, host = self._authorizer, asker.client
        if authorizer is None or host in self._brokers:
            return True
        is_allowed = authorizer.allows(str(asker.principal), host, operation, kind, name)
        if is_told and not is_allowed:
            self._tell(asker, operation, kind, name)
        return is_allowed

    def allows_on_cluster(self, asker: Asker, operation: Operation, *, is_told: bool = True) -> bool:
        """Whether that may be done to the cluster."""
        return self.allows(asker, operation, ResourceKind.CLUSTER, CLUSTER_NAME, is_told=is_told)

    def allows_some(self, asker: Asker, operation: Operation, kind: ResourceKind) -> bool:
        """Whether there could be a resource of that kind to which it may be done."""
        authorizer, host = self._authorizer, asker.client
        if authorizer is None or host in self._brokers:
            return True
        is_allowed = authorizer.allows_some(str(asker.principal), host, operation, kind)
        if not is_allowed:
            self._tell(asker, operation, kind, ANY_NAME)
        return is_allowed

    def refused(
        self, asker: Asker, operation: Operation, kind: ResourceKind, names: Iterable[str], *, is_told: bool = True
    ) -> set[str]:
        """Give those of the names to whose resources it may not be done; most often none."""
        if not self.is_enforced:
            return set()
        once = dict.fromkeys(names)
        return {name for name in once if not self.allows(asker, operation, kind, name, is_told=is_told)}

    def operations(self, asker: Asker, kind: ResourceKind, name: str) -> int:
        """What may be done to a resource, as answers tell it (KIP-430)."""
        authorizer, host = self._authorizer, asker.client
        if authorizer is None or host in self._brokers:
            return bits(operations_of(kind))
        return authorizer.operations(str(asker.principal), host, kind, name)

    def cluster_operations(self, asker: Asker) -> int:
        """What may be done to the cluster; nothing is told to who may not describe it."""
        if not self.allows_on_cluster(asker, Operation.DESCRIBE, is_told=False):
            return 0
        return self.operations(asker, ResourceKind.CLUSTER, CLUSTER_NAME)

    def _tell(self, asker: Asker, operation: Operation, kind: ResourceKind, name: str) -> None:
        whose = asker.client, asker.client_id or "", str(asker.principal)
        told = AuthorizationRefused(
            self._world.now_us, asker.broker, ApiKey(asker.api).title, *whose, operation.name, kind.name, name
        )
        self._trace.emit(told)


_REFUSED = {
    ResourceKind.TOPIC: Code.TOPIC_AUTHORIZATION_FAILED,
    ResourceKind.GROUP: Code.GROUP_AUTHORIZATION_FAILED,
    ResourceKind.CLUSTER: Code.CLUSTER_AUTHORIZATION_FAILED,
    ResourceKind.TRANSACTIONAL_ID: Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
}


def refusal_of(kind: ResourceKind) -> Code:
    """Give the error with which a resource of that kind is refused."""
    return _REFUSED[kind]
