"""Who coordinates a group or a transaction: asked of any broker, and kept until somebody says otherwise (FindCoordinator)."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from producer.client.plausible import is_broker
from producer.client.ruling import FIND_COORDINATOR, Abortable, Again, Done, Ending, Fatal, Ruling
from producer.errors import Code, UnsupportedVersionError, error_code
from producer.wire import codec
from producer.wire.api import ApiKey
from producer.wire.messages.find_coordinator import (
    Coordinator,
    FindCoordinatorRequest,
    FindCoordinatorResponse,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.client.links import Links

_MANY_SINCE = 4
"""From this version on several keys are asked for at once (KIP-699)."""
_TYPED_SINCE = 1
"""Before it, a key was always a group's."""

_NODE_ID_MAX = 2**31 - 1

_ABORTABLE = (Code.GROUP_AUTHORIZATION_FAILED, Code.TRANSACTION_ABORTABLE)
"""TransactionManager.FindCoordinatorHandler: what does not pass by itself and is no end either."""


class CoordinatorType(IntEnum):
    """What is coordinated; the numbers are Kafka's."""

    GROUP = 0
    TRANSACTION = 1


class CoordinatorKey(NamedTuple):
    """What somebody coordinates."""

    type: CoordinatorType
    key: str
    """A group id or a transactional id."""


class Coordinators:
    """Coordinators by key, as last heard of."""

    __slots__ = ("_links", "_nodes")

    def __init__(self, links: Links) -> None:
        self._links = links
        self._nodes: dict[CoordinatorKey, int] = {}

    def node(self, key: CoordinatorKey) -> int | None:
        """The link of the coordinator; None if it has to be found."""
        return self._nodes.get(key)

    def forget(self, key: CoordinatorKey) -> None:
        """Look for it anew when it is wanted next."""
        self._nodes.pop(key, None)

    def seek(
        self, key: CoordinatorKey, fail: Callable[[CoordinatorKey, Abortable | Fatal, int], object]
    ) -> FindCoordinator:
        """Give the request that finds it; `fail` is told if nobody will ever say who it is."""
        return FindCoordinator(key, self, fail)

    def found(self, key: CoordinatorKey, one: Coordinator) -> None:
        """Take what was found."""
        node_id = one.node_id
        if key.type is CoordinatorType.GROUP:
            # A connection of its own, as Java's consumer has it: a heartbeat must not wait behind a Fetch.
            node_id = _NODE_ID_MAX - node_id
        self._links.learn_broker(node_id, one.host, one.port)
        self._nodes[key] = node_id


class FindCoordinator:
    """A request of any broker that finds one coordinator."""

    __slots__ = ("_coordinators", "_fail", "_key")

    api = ApiKey.FIND_COORDINATOR
    priority = FIND_COORDINATOR
    target: CoordinatorKey | None = None
    at_most: int | None = None

    def __init__(
        self,
        key: CoordinatorKey,
        coordinators: Coordinators,
        fail: Callable[[CoordinatorKey, Abortable | Fatal, int], object],
    ) -> None:
        self._key = key
        self._coordinators = coordinators
        self._fail = fail

    def encode(self, version: int) -> bytes:
        """Give the body of the request. Raises UnsupportedVersionError if the version knows of no transactions."""
        kind, key = self._key
        if version < _TYPED_SINCE and kind is not CoordinatorType.GROUP:
            msg = f"FIND_COORDINATOR version {version} finds coordinators of groups only"
            raise UnsupportedVersionError(msg)
        if version < _MANY_SINCE:
            return codec.encode(FindCoordinatorRequest(key=key, key_type=kind), version)
        return codec.encode(FindCoordinatorRequest(key_type=kind, coordinator_keys=(key,)), version)

    def decode(self, body: bytes, version: int) -> FindCoordinatorResponse:
        """Read an answer into its newest form. Raises MalformedError."""
        told = codec.decode(FindCoordinatorResponse, body, version)
        if version < _MANY_SINCE:
            one = Coordinator(self._key.key, told.node_id, told.host, told.port, told.error_code, told.error_message)
            told = told._replace(coordinators=(one,))
        return told

    def take(self, told: FindCoordinatorResponse) -> Ruling:
        """Take the coordinator, or the reason why there is none."""
        one = next((one for one in told.coordinators if one.key == self._key.key), None)
        if one is None:
            # It was left out.
            return Again()
        error = error_code(one.error_code)
        if error.code == Code.NONE and not is_broker(one.node_id, one.host, one.port):
            # Nobody can be there.
            return Again()
        if error.code == Code.NONE:
            self._coordinators.found(self._key, one)
            return Done()
        if error.retriable:
            return Again()
        return Abortable(error) if error.code in _ABORTABLE else Fatal(error)

    def ended(self, ending: Ending, now_us: int) -> None:
        """Let those who wait for the coordinator go on, or fail with what this failed with."""
        if isinstance(ending, Abortable | Fatal):
            self._fail(self._key, ending, now_us)
