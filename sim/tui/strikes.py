"""Faults that one key strikes now: each has a partition that is aimed at, and is offered only where it can strike."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from sim.cluster.internal_topics import is_internal
from sim.judges.history import SCHEMAS
from sim.tui.view_model import Life

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.tui.view_model import State


class Aim(NamedTuple):
    """What faults are aimed at."""

    where: TopicPartition
    leader: int
    """-1 for nobody."""
    client: str
    """Whose network is cut; empty where nobody is known."""


Fault = Callable[["State", Aim], str]
"""Gives the fault as text; empty where it cannot strike now."""


class Strike(NamedTuple):
    """One key, and what it does."""

    key: str
    meaning: str
    fault: Fault


def _leads(state: State, aim: Aim, *lives: Life) -> bool:
    broker = state.brokers.get(aim.leader)
    return broker is not None and broker.life in lives


def _crash(state: State, aim: Aim) -> str:
    return f"crash leader({aim.where})" if _leads(state, aim, Life.UP, Life.PAUSED, Life.STOPPING) else ""


def _stop(state: State, aim: Aim) -> str:
    return f"stop leader({aim.where})" if _leads(state, aim, Life.UP) else ""


def _pause(state: State, aim: Aim) -> str:
    return f"pause leader({aim.where})" if _leads(state, aim, Life.UP) else ""


def _pause_followers(state: State, aim: Aim) -> str:
    known = state.partitions[aim.where]
    others = [one for one in known.replicas if one != aim.leader and one in state.brokers]
    living = [f"b{one}" for one in others if state.brokers[one].life is Life.UP]
    return f"pause {','.join(living)}" if living else ""


def _resume(state: State, aim: Aim) -> str:  # noqa: ARG001 - as the others
    paused = [f"b{one.broker}" for one in state.brokers.values() if one.life is Life.PAUSED]
    return f"resume {','.join(sorted(paused))}" if paused else ""


def _restart(state: State, aim: Aim) -> str:  # noqa: ARG001
    down = [f"b{one.broker}" for one in state.brokers.values() if one.life is Life.DOWN]
    return f"restart {','.join(sorted(down))}" if down else ""


def _drop(state: State, aim: Aim) -> str:
    is_led = _leads(state, aim, Life.UP, Life.PAUSED, Life.STOPPING)
    return f"drop Produce {aim.where} x1 by leader({aim.where}) then reset" if is_led else ""


def _cut(state: State, aim: Aim) -> str:
    return f"cut {aim.client} <-> leader({aim.where})" if aim.client and aim.leader in state.brokers else ""


def _open(state: State, aim: Aim) -> str:  # noqa: ARG001
    return f"open {aim.client} <-> *" if aim.client else ""


def _move(state: State, aim: Aim) -> str:
    other = next((one for one in sorted(state.partitions[aim.where].isr) if one != aim.leader), None)
    return f"move {aim.where} to b{other}" if other is not None and aim.leader >= 0 else ""


STRIKES = (
    Strike("C", "the leader crashes", _crash),
    Strike("S", "the leader stops cleanly", _stop),
    Strike("P", "the leader stands still", _pause),
    Strike("A", "its followers stand still", _pause_followers),
    Strike("U", "the paused go on", _resume),
    Strike("R", "the dead start again", _restart),
    Strike("D", "its next answer is lost", _drop),
    Strike("X", "client, leader: cut off", _cut),
    Strike("O", "client: connected again", _open),
    Strike("M", "another broker leads", _move),
)
"""In the order in which a screen lists them."""


def aims(state: State, client: str) -> list[Aim]:
    """Give what there is to aim at: the partitions of a story's topics."""
    # What brokers and registries keep for themselves is no topic of a story: no fault of its schedule names it.
    named = [where for where in state.partitions if where.topic != SCHEMAS and not is_internal(where.topic)]
    return [Aim(where, state.partitions[where].leader, client) for where in sorted(named)]


def client_of(state: State) -> str:
    """Name the client whose network is cut: the first that lives and sends."""
    living = [name for name, one in state.applications.items() if one.life is not Life.DOWN and not one.is_raw]
    return min(living, default="")


def offered(state: State, aim: Aim | None) -> list[tuple[Strike, str]]:
    """Give every strike with the fault that it is now; an empty text where it cannot strike."""
    return [(one, one.fault(state, aim) if aim is not None else "") for one in STRIKES]
