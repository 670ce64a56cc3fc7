"""A broker tells the controller in which log directory each of its replicas lies, several at a time (Kafka's AssignmentsManager).

Only brokers with more than one directory have something to tell, and those whose directory was replaced: else the controller knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.client.backoff import backoff_us
from producer.errors import Code
from sim.cluster.messages import AssignReplicasToDirs, AssignReplicasToDirsAnswer, DirectoryAssignment
from sim.world.units import MILLISECOND_US, SECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.records import TopicPartition
    from sim.cluster.broker.surroundings import Surroundings

BACKOFF_US = 100 * MILLISECOND_US
"""From the first replica that is to be told until all of them are, so that they share a request."""
BACKOFF_MAX_US = 10 * SECOND_US
"""After refusals (AssignmentsManager.STANDARD_BACKOFF)."""


class Assignments:
    """One request at a time; what is refused is told again."""

    __slots__ = ("_broker", "_failures", "_is_armed", "_ready", "_send", "_sent")

    def __init__(self, broker: Surroundings, send: Callable[[AssignReplicasToDirs], object]) -> None:
        self._broker = broker
        self._send = send
        self._ready: dict[TopicPartition, DirectoryAssignment] = {}
        self._sent: tuple[DirectoryAssignment, ...] = ()
        self._failures = 0
        self._is_armed = False

    def note(self, assignment: DirectoryAssignment) -> None:
        """Tell of a replica, unless that is under way."""
        if assignment not in self._sent:
            self._ready[assignment.tp] = assignment
            self._arm()

    def answered(self, answer: AssignReplicasToDirsAnswer) -> None:
        """Go on with what came meanwhile, and with what was refused."""
        sent, self._sent = self._sent, ()
        self._failures = 0 if answer.code is Code.NONE else self._failures + 1
        for assignment in sent:
            if answer.code is not Code.NONE or assignment.tp in answer.refused:
                self._ready.setdefault(assignment.tp, assignment)
        if self._ready:
            self._arm()

    def _arm(self) -> None:
        if not self._is_armed and not self._sent:
            self._is_armed = True
            broker = self._broker
            delay_us = BACKOFF_US
            if self._failures:
                chance = broker.world.chance(f"broker/b{broker.broker_id}/assignments")
                delay_us = backoff_us(BACKOFF_US, BACKOFF_MAX_US, self._failures, chance)
            broker.host.call_in(delay_us, self._tell)

    def _tell(self) -> None:
        self._is_armed = False
        broker = self._broker
        self._sent = tuple(one for one in self._ready.values() if self._is_valid(one))
        self._ready.clear()
        if self._sent:
            self._send(AssignReplicasToDirs(broker.broker_id, broker.broker_epoch, self._sent))

    def _is_valid(self, assignment: DirectoryAssignment) -> bool:
        """Whether the replica is still this broker's, and the controller still takes it for somewhere else."""
        state = self._broker.image.partitions.get(assignment.tp)
        return (
            state is not None
            and state.topic_id == assignment.topic_id
            and self._broker.broker_id in state.replicas
            and state.directory_of(self._broker.broker_id) != assignment.directory_id
        )
