"""The process of a key service: `LocalKeyService` with keys of the world's chance, behind a listener."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.governance.errors import KeyServiceError
from producer.governance.protection.local_keys import LocalKeyService
from sim.cluster.key_services import KEY_SERVICE
from sim.key_service.way import ANSWER_BYTES, PORT
from sim.trace.events import KeyRotated, KeyShredded
from sim.world.network import HostState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from producer.chance import Chance
    from producer.governance.protection.key_service import KeyRequest
    from sim.clients.virtual_driver import SomeCluster
    from sim.world.network import Endpoint

__all__ = ["PORT", "KeyServiceHost", "drawn"]

HANDLING_US = 500
"""How long one answer takes."""


def drawn(chance: Chance) -> Callable[[int], bytes]:
    """Give random bytes of a stream: keys and nonces in virtual time."""
    return lambda count: bytes(chance.randrange(256) for _ in range(count))


class KeyServiceHost:
    """Listens from its making on. Whoever asks is known by the host that it asks from."""

    def __init__(self, cluster: SomeCluster, *, tenants: Sequence[str], masks: Sequence[str]) -> None:
        """Add the host, with a key for each of these."""
        self._world = cluster.world
        self._emit = cluster.trace.emit
        self.keys = LocalKeyService(drawn(cluster.world.chance(KEY_SERVICE)))
        for tenant in tenants:
            self.keys.add_tenant(tenant)
        for mask in masks:
            self.keys.add_mask(mask)
        self.host = cluster.network.add_host(KEY_SERVICE)
        self.host.on_connection = self._accept

    def pause(self) -> None:
        """Let the process stand still. Raises ValueError if it does."""
        if self.host.state is HostState.PAUSED:
            raise ValueError(f"{KEY_SERVICE} stands still already")
        self.host.pause()

    def resume(self) -> None:
        """Let it go on. Raises ValueError if it does not stand still."""
        if self.host.state is not HostState.PAUSED:
            raise ValueError(f"{KEY_SERVICE} does not stand still")
        self.host.resume()

    def repair(self) -> None:
        """Let it go on, if it stands still."""
        if self.host.state is HostState.PAUSED:
            self.host.resume()

    def rotate(self, tenant: str) -> None:
        """Give a tenant a new key. Raises ValueError for one that has none."""
        try:
            version = self.keys.rotate(tenant)
        except KeyServiceError as error:
            raise ValueError(str(error)) from error
        self._emit(KeyRotated(self._world.now_us, tenant, version))

    def shred(self, tenant: str) -> None:
        """Delete a tenant's keys. Raises ValueError for one that has none."""
        try:
            self.keys.shred(tenant)
        except KeyServiceError as error:
            raise ValueError(str(error)) from error
        self._emit(KeyShredded(self._world.now_us, tenant))

    def _accept(self, endpoint: Endpoint) -> None:
        endpoint.on_received = lambda request: self._asked(endpoint, request)
        endpoint.on_closed = lambda _reason: endpoint.close()

    def _asked(self, endpoint: Endpoint, request: KeyRequest) -> None:
        self.host.call_in(HANDLING_US, self._answer, endpoint, request)

    def _answer(self, endpoint: Endpoint, request: KeyRequest) -> None:
        answer: object
        try:
            answer = self.keys.answer_to(endpoint.peer_host, request)
        except KeyServiceError as error:
            answer = error
        if endpoint.is_open:
            endpoint.send(answer, size_bytes=ANSWER_BYTES)
