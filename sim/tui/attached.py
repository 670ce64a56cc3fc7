"""A served cluster as a run that is watched: its events as they come, its state where somebody came late, and its end.

How it is reached is another's affair: whoever opens the screen hands over somebody who is `Served`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from producer.records import TopicPartition
from sim.tui.playhead import Playhead
from sim.tui.session import Watched
from sim.tui.view_model import Broker, Life, Partition, Replica, Role, State

if TYPE_CHECKING:
    from collections.abc import Sequence

KEPT_MAX = 200_000
"""So many events are kept; whoever looks for longer begins anew behind them, as one who came late."""


class ServedEndedError(Exception):
    """Nobody answers there any more: the message says how."""


class RefusedError(Exception):
    """What was asked for is refused; the message says why."""


class Client(NamedTuple):
    """Whoever comes from one address."""

    address: str
    connections: int


class Standing(NamedTuple):
    """The cluster as it is, for who has not seen how it came to be so."""

    at_us: int
    """Virtual time since the story's begin."""
    lag_us: int
    """How far the world is behind the clock on the wall."""
    brokers: dict[int, Life]
    partitions: dict[TopicPartition, tuple[Partition, int]]
    """As the controller has it, and the high watermark at its leader; -1 where nobody leads."""
    clients: tuple[Client, ...]


class Heard(NamedTuple):
    """What one question brought."""

    begun_us: int
    first: int
    """Number of the first event, at the server."""
    """As asked for; where that is not to be had any more, the number behind the last there was: who comes late begins now."""
    events: Sequence[Any]
    total: int
    """How many there have been at the server."""
    standing: Standing
    """As it was behind those events, or a little later: what is heard twice changes nothing."""


class Served(Protocol):
    """A served cluster. Every verb may take a while; each raises ServedEndedError where nobody answers."""

    @property
    def name(self) -> str:
        """Where it is."""
        ...

    def hear(self, first: int) -> Heard:
        """Ask what happened from that event on, and how the cluster stands."""
        ...

    def strike(self, fault: str) -> str:
        """Let a fault strike now, or when it says. Gives what became of it. Raises RefusedError."""
        ...

    def heal(self) -> None:
        """End every fault that has struck."""
        ...

    def verdicts(self) -> str:
        """Say what became of what was acknowledged so far."""
        ...


class Attached:
    """What was heard of one served cluster so far."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.next = 0
        """The first event that was not heard, by the server's count."""
        self.first = 0
        """The server's number of event 0 here."""
        self.missed = 0
        """How many events nobody here has seen: they came before, or faster than they were asked for."""
        self.ended = ""
        """How the server ended; empty while it goes on."""
        self.standing: Standing | None = None
        self.watched = _watched(name, begun_us=0, state=State())

    def hear(self, heard: Heard) -> bool:
        """Take in what happened. Gives whether it begins anew: what came between is not to be had."""
        self.standing = heard.standing
        gap = heard.first - self.next
        is_new = gap > 0 or len(self.watched.events) > KEPT_MAX or (not self.watched.events and not self.next)
        if is_new:
            self.missed += gap
            self.first = heard.first
            state = _state_of(heard) if heard.first else State()
            self.watched = _watched(self.name, begun_us=heard.begun_us, state=state)
        self.next = heard.first + len(heard.events)
        if heard.events:
            self.watched.grow(heard.events)
        return is_new

    def end(self, why: str) -> None:
        """Nobody answers any more."""
        self.ended = why


class AttachedPlayhead(Playhead):
    """One place in what was heard. While it plays it goes along with what happens."""

    def __init__(self, attached: Attached) -> None:
        super().__init__(attached.watched)
        self.attached = attached
        self.is_playing = True

    @property
    def pace(self) -> str:
        return "as it happens"

    def change_speed(self, by: int) -> bool:  # noqa: ARG002 - the clock on the wall has one speed
        return False

    def play(self, *, is_playing: bool) -> None:
        self.is_playing = is_playing
        if is_playing:
            self.seek(self.last)

    def tick(self) -> bool:
        return False

    def go_on(self) -> bool:
        """Go along with what was heard. Gives whether anything is to be shown anew."""
        if self.watched is not self.attached.watched:
            self.watched = self.attached.watched
            self.filter("")
            self.index = self.last
            return True
        return self.is_playing and self.shown is None and self.seek(self.last)


def _watched(name: str, *, begun_us: int, state: State) -> Watched:
    watched = Watched(
        name=f"served-{name.rpartition(':')[2]}",
        source="",
        seed=0,
        properties={},
        schedule=(),
        events=[],
        begun_us=begun_us,
        verdicts=(),
        digest="",
    )
    watched.begins_with(state)
    return watched


def _state_of(heard: Heard) -> State:
    """Give the state in which somebody comes in. What is not in a cluster's view is not known: followers' logs, transactions."""
    standing = heard.standing
    state = State(now_us=heard.begun_us + standing.at_us)
    for number, life in standing.brokers.items():
        state.brokers[number] = Broker(number, life, is_fenced=life is Life.DOWN)
    for where, (partition, high_watermark) in standing.partitions.items():
        state.partitions[where] = partition
        for broker in partition.replicas:
            is_leader = broker == partition.leader
            known = Replica(Role.LEADER if is_leader else Role.FOLLOWER, partition.leader_epoch)
            if is_leader and high_watermark >= 0:
                known = known._replace(high_watermark=high_watermark, log_end=high_watermark)
            if standing.brokers.get(broker) is Life.DOWN:
                known = known._replace(role=Role.NONE)
            state.replicas[where.topic, where.partition, broker] = known
    return state
