"""The way to a group's coordinator: found, connected to, and looked for anew when it coordinates no more or cannot be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.client.backoff import NEVER_US
from producer.client.coordinators import CoordinatorKey, Coordinators, CoordinatorType, FindCoordinator
from producer.client.ruling import Ending

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.client.client import Client
    from producer.client.ruling import Abortable, Fatal


class CoordinatorLink:
    """Whom to ask about one group."""

    def __init__(self, client: Client, group_id: str) -> None:
        self._client = client
        self._key = CoordinatorKey(CoordinatorType.GROUP, group_id)
        self._coordinators = Coordinators(client.links)
        self._is_seeking = False
        self._not_before_us = 0
        self.failure: Abortable | Fatal | None = None
        """Why nobody will ever say who it is."""

    def ready(self, now_us: int) -> int | None:
        """Give the node that can be asked now; None while it is looked for, or connected to."""
        node_id = self._coordinators.node(self._key)
        links = self._client.links
        if node_id is None:
            self._seek(now_us)
            return None
        if links.is_ready(node_id, now_us):
            return node_id
        again_us = links.reconnect_at_us(node_id, now_us)
        if again_us != NEVER_US:
            # It cannot be reached: perhaps another broker coordinates by now.
            self.forget(again_us)
        return None

    def forget(self, not_before_us: int) -> None:
        """Look for it anew, not before that time."""
        self._coordinators.forget(self._key)
        self._not_before_us = not_before_us

    def deadline_us(self, now_us: int) -> int:
        """When `ready` is due again if nothing is received."""
        node_id = self._coordinators.node(self._key)
        if node_id is not None:
            return self._client.links.reconnect_at_us(node_id, now_us)
        return NEVER_US if self._is_seeking else max(self._not_before_us, now_us)

    def _seek(self, now_us: int) -> None:
        if not self._is_seeking and now_us >= self._not_before_us:
            self._is_seeking = True
            self._client.control.ask(_Seeking(self, self._key, self._coordinators, self._failed))

    def sought(self) -> None:
        """Somebody answered."""
        self._is_seeking = False

    def _failed(self, _key: CoordinatorKey, ending: Abortable | Fatal, _now_us: int) -> None:
        self.failure = ending


class _Seeking(FindCoordinator):
    """A FindCoordinator that tells when it is over."""

    __slots__ = ("_link",)

    def __init__(
        self,
        link: CoordinatorLink,
        key: CoordinatorKey,
        coordinators: Coordinators,
        fail: Callable[[CoordinatorKey, Abortable | Fatal, int], object],
    ) -> None:
        super().__init__(key, coordinators, fail)
        self._link = link

    def ended(self, ending: Ending, now_us: int) -> None:
        self._link.sought()
        super().ended(ending, now_us)
