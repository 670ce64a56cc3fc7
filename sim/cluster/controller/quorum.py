"""The controllers as a quorum: who of them is active, and what faults do to each.

Kafka: KafkaRaftManager and QuorumController on each node. What was decided is one log that every voter has as far as it was
committed; so it is kept once here, and only who may add to it changes hands: the newest leader, as long as a majority hears it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sim.cluster.controller.cluster_control import CONTROLLER_START_US
from sim.cluster.controller.controller import Controller
from sim.cluster.controller.office import Office
from sim.cluster.controller.raft_messages import BeginQuorumEpoch, Vote, VoteAnswer, VoterFetch, VoterFetchAnswer
from sim.cluster.controller.voter import Voter
from sim.cluster.messages import NOMINAL_BYTES, NotController
from sim.trace.events import (
    ControllerCrashed,
    ControllerElected,
    ControllerPaused,
    ControllerResumed,
    ControllerStarted,
)
from sim.world.network import HostState, LinkState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sim.cluster.config import ClusterConfig
    from sim.trace.trace import Trace
    from sim.world.kernel import World
    from sim.world.network import Endpoint, Network

_RAFT = (Vote, VoteAnswer, BeginQuorumEpoch, VoterFetch, VoterFetchAnswer)


class Quorum:
    """Every controller of a cluster. Each verb raises ValueError where the controller's state does not allow it."""

    def __init__(self, world: World, trace: Trace, network: Network, config: ClusterConfig) -> None:
        self._world = world
        self._trace = trace
        self._network = network
        self._active: Voter | None = None
        first, *others = (network.add_host(name) for name in config.controller_hosts)
        self.controller = Controller(world, trace, config)
        self.voters: dict[str, Voter] = {
            host.name: Voter(world, network, host, config, self.controller.metadata, led=self._led, left=self._left)
            for host in (first, *others)
        }
        for voter in self.voters.values():
            voter.host.on_connection = partial(self._accept, voter)
        if others:
            for voter in self.voters.values():
                voter.host.call_in(CONTROLLER_START_US, voter.begin)
        else:
            # Alone, it leads from the beginning.
            (alone,) = self.voters.values()
            alone.begin()

    # -- who is active -------------------------------------------------------------------------------------------------

    @property
    def active(self) -> str | None:
        """The host of the controller that may decide now; None while there is none."""
        voter = self._active
        return voter.host.name if voter is not None and self._can_commit(voter) else None

    def require_active(self) -> None:
        """Raise ValueError while nobody may decide."""
        if self.active is None:
            msg = "no controller is active"
            raise ValueError(msg)

    @property
    def is_whole(self) -> bool:
        """Whether every controller runs, and one of them is active."""
        return self.active is not None and all(voter.host.is_up for voter in self.voters.values())

    def _can_commit(self, voter: Voter) -> bool:
        if not voter.host.is_up:
            return False
        if len(self.voters) == 1:
            return True
        heard = sum(1 for other in self.voters.values() if other is voter or self._hear_each_other(voter, other))
        return heard > len(self.voters) // 2

    def _hear_each_other(self, one: Voter, other: Voter) -> bool:
        """Whether what one of them says reaches the other, and back."""
        state, names = self._network.link_state, (one.host.name, other.host.name)
        return other.host.is_up and state(*names) is state(*reversed(names)) is LinkState.OPEN

    def _led(self, voter: Voter) -> None:
        is_first = self._active is None and len(self.voters) == 1 and voter.epoch == 1
        self._active = voter
        epoch = voter.epoch
        office = Office(
            voter.host,
            epoch,
            voter.fetched,
            is_held=lambda: self._active is voter and voter.is_leader and voter.epoch == epoch,
            can_commit=partial(self._can_commit, voter),
        )
        if not is_first:
            self._trace.emit(ControllerElected(self._world.now_us, voter.host.name, epoch))
        self.controller.take_office(office)
        if len(self.voters) > 1:
            self.controller.metadata.on_commit = partial(_tell, self.controller.metadata.on_commit, voter.committed)

    def _left(self, voter: Voter) -> None:
        if self._active is voter:
            self._active = None

    # -- streams -------------------------------------------------------------------------------------------------------

    def _accept(self, voter: Voter, endpoint: Endpoint) -> None:
        endpoint.on_received = partial(self._received, voter, endpoint)
        endpoint.on_closed = partial(self._closed, endpoint)

    def _closed(self, endpoint: Endpoint, _reason: str) -> None:
        self.controller.forget(endpoint)

    def _received(self, voter: Voter, endpoint: Endpoint, message: object) -> None:
        if isinstance(message, _RAFT):
            voter.take(endpoint, message)
        elif voter is not self._active:
            # A leader that was replaced without knowing it decides nothing any more: nobody fetches from it.
            if not voter.is_leader:
                leader = voter.leader if voter.leader != voter.host.name else ""
                endpoint.send(NotController(leader), size_bytes=NOMINAL_BYTES)
        elif self._can_commit(voter):
            self.controller.received(endpoint, message)

    # -- faults --------------------------------------------------------------------------------------------------------

    def named(self, name: str) -> str:
        """Resolve `controller` to the host that is active. Raises ValueError where there is none, or no such host."""
        if name in self.voters:
            return name
        if name != "controller":
            msg = f"controller {name!r} does not exist, controllers are {', '.join(self.voters)}"
            raise ValueError(msg)
        if self._active is None:
            msg = "no controller is active"
            raise ValueError(msg)
        return self._active.host.name

    def crash(self, name: str) -> None:
        """End a controller's process at once; what it wrote is on its disk."""
        voter = self._up(name)
        self._trace.emit(ControllerCrashed(self._world.now_us, name))
        voter.end()
        voter.host.crash()

    def restart(self, name: str) -> None:
        """Start a controller that is down."""
        voter = self.voters[name]
        if voter.host.state is not HostState.DOWN:
            msg = f"{name} is running already"
            raise ValueError(msg)
        voter.host.start()
        voter.host.on_connection = partial(self._accept, voter)
        self._trace.emit(ControllerStarted(self._world.now_us, name))
        voter.host.call_in(CONTROLLER_START_US, voter.begin)

    def pause(self, name: str) -> None:
        """Stop a controller's process; its sockets fill."""
        voter = self._up(name)
        voter.host.pause()
        self._trace.emit(ControllerPaused(self._world.now_us, name))

    def resume(self, name: str) -> None:
        """Let a paused controller go on."""
        host = self.voters[name].host
        if host.state is not HostState.PAUSED:
            msg = f"{name} is not paused"
            raise ValueError(msg)
        self._trace.emit(ControllerResumed(self._world.now_us, name))
        host.resume()

    def those(self, state: HostState) -> Iterator[str]:
        """Name the controllers that are in that state."""
        return (name for name, voter in self.voters.items() if voter.host.state is state)

    def _up(self, name: str) -> Voter:
        voter = self.voters[name]
        if not voter.host.is_up:
            msg = f"{name} is {voter.host.state.value}"
            raise ValueError(msg)
        return voter


def _tell(brokers: Callable[[], object], voters: Callable[[], object]) -> None:
    brokers()
    voters()
