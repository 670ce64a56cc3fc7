"""DeleteGroups 0 to 2: groups without members go, each with an error of its own (KafkaApis.handleDeleteGroupsRequest)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.delete_groups import DeletableGroupResult, DeleteGroupsRequest, DeleteGroupsResponse
from sim.cluster.broker.handlers.groups import error_instead
from sim.cluster.security.acls.kinds import Operation, ResourceKind

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer, when every coordinator has."""
    wanted = request.decode(DeleteGroupsRequest)
    _Deletion(broker, request, tuple(dict.fromkeys(wanted.groups_names))).begin()


class _Deletion:
    """One DeleteGroups on its way: groups of one partition go together."""

    __slots__ = ("_broker", "_groups", "_left", "_request", "_told")

    def __init__(self, broker: ServingBroker, request: Request, groups: tuple[str, ...]) -> None:
        self._broker = broker
        self._request = request
        self._groups = groups
        self._told: dict[str, DeletableGroupResult] = {}
        self._left = 0

    def begin(self) -> None:
        """Ask for each partition's groups."""
        error = error_instead(self._broker, self._request)
        refused = self._broker.rights.refused(self._request, Operation.DELETE, ResourceKind.GROUP, self._groups)
        code = Code.GROUP_AUTHORIZATION_FAILED if error is None else error
        allowed = [group for group in self._groups if error is None and group not in refused]
        self._told = {group: DeletableGroupResult(group, code) for group in self._groups if group not in allowed}
        if not allowed:
            self._answer()
            return
        by_partition: dict[int, list[str]] = {}
        for group in allowed:
            by_partition.setdefault(self._broker.groups.partition_of(group), []).append(group)
        self._left = len(by_partition)
        for groups in by_partition.values():
            work = self._request.work
            together = tuple(groups)
            self._broker.groups.delete_groups(
                together, partial(work, self._take), partial(work, self._refused, together)
            )

    def _refused(self, groups: tuple[str, ...], code: Code) -> None:
        self._take(tuple(DeletableGroupResult(group, code) for group in groups))

    def _take(self, told: tuple[DeletableGroupResult, ...]) -> None:
        for one in told:
            self._told[one.group_id] = one
        self._left -= 1
        if not self._left:
            self._answer()

    def _answer(self) -> None:
        results = tuple([self._told[group] for group in self._groups])
        self._request.respond(DeleteGroupsResponse(results=results))
