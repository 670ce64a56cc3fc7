"""What becomes of one partition when its ISR or the set of live brokers changes (PartitionChangeBuilder, KIP-966).

Pure: from a partition's state and a wish to its next state.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from sim.cluster.controller.reassignment import Placement, arrived, placement_of
from sim.cluster.metadata_states import NO_LEADER, UNASSIGNED, PartitionState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class ElectionKind(Enum):
    """What somebody asks for by hand (ElectLeaders)."""

    PREFERRED = "preferred"
    """The first of the replicas leads again, if it is in sync."""
    UNCLEAN = "unclean"
    """Somebody leads, in sync or not, where nobody does."""


class ElectionRules(NamedTuple):
    """What the cluster allows."""

    eligible_leader_replicas: bool
    unclean: bool
    """Whether anybody alive may lead where nobody else can: always so for the topic, or this once by hand."""
    is_acceptable: Callable[[int], bool]
    """Whether that replica may lead now: its broker is registered and not fenced, its log directory works."""


class Change(NamedTuple):
    """The next state, and how its leader came by the office."""

    state: PartitionState
    is_unclean: bool


def next_state(
    state: PartitionState,
    rules: ElectionRules,
    *,
    isr: tuple[int, ...],
    min_insync_replicas: int,
    unclean_shutdown: tuple[int, ...] = (),
    wanted_leader: int | None = None,
    directories: tuple[bytes, ...] = (),
    placement: Placement | None = None,
    added_directories: Mapping[int, bytes] | None = None,
) -> Change | None:
    """Give the state that follows from `isr`, and from where replicas lie by now; None if nothing changes.

    `unclean_shutdown` names brokers that may have lost the end of their logs, so that no office may rest on them.
    `placement` is where the partition is to be from now on, with the directories of those who come; a move that has come to
    its end by this change ends with it.
    """
    if not isr and not rules.eligible_leader_replicas:
        # Without ELR the last member stays, as the only memory of who has everything.
        isr = state.isr
    where = placement_of(state) if placement is None else placement
    end = arrived(where, isr)
    if end is not None:
        where, isr = Placement(end.replicas), end.isr
    lies_in = dict(zip(state.replicas, directories, strict=False)) | dict(added_directories or {})
    before, state = (
        state,
        replace(
            state,
            replicas=where.replicas,
            directories=tuple(lies_in.get(replica, UNASSIGNED) for replica in where.replicas) if directories else (),
            adding_replicas=where.adding,
            removing_replicas=where.removing,
        ),
    )
    eligible = _eligible(state, rules, isr, min_insync_replicas, unclean_shutdown)
    leader, is_unclean = _elect(state, rules, isr, eligible, wanted_leader)
    last_known_leader = state.last_known_leader
    if is_unclean:
        isr, eligible, last_known_leader = (leader,), (), NO_LEADER
    elif leader != NO_LEADER and leader not in isr:
        isr = (leader,)
        eligible = tuple(replica for replica in eligible if replica != leader)
    if len(isr) >= _effective(min_insync_replicas, state):
        eligible, last_known_leader = (), NO_LEADER
    elif not isr and state.leader != NO_LEADER:
        last_known_leader = state.leader
    changed = replace(
        state,
        leader=leader,
        # Whoever is a replica no longer must not be taken for one by its epoch (triggerLeaderEpochBumpForReplicaReassignment).
        leader_epoch=state.leader_epoch + (leader != state.leader or not set(before.replicas) <= set(state.replicas)),
        isr=isr,
        eligible_leader_replicas=eligible,
        last_known_leader=last_known_leader,
    )
    if changed == before:
        return None
    return Change(replace(changed, partition_epoch=state.partition_epoch + 1), is_unclean)


def _effective(min_insync_replicas: int, state: PartitionState) -> int:
    return min(min_insync_replicas, len(state.replicas))


def _eligible(
    state: PartitionState,
    rules: ElectionRules,
    isr: tuple[int, ...],
    min_insync_replicas: int,
    unclean_shutdown: tuple[int, ...],
) -> tuple[int, ...]:
    """ELR = (old ISR and ELR) without ISR and unclean shutdowns; none while the ISR is large enough."""
    if not rules.eligible_leader_replicas or len(isr) >= _effective(min_insync_replicas, state):
        return ()
    candidates = [*state.isr, *state.eligible_leader_replicas]
    return tuple(sorted({one for one in candidates if one not in isr and one not in unclean_shutdown}))


def _elect(
    state: PartitionState,
    rules: ElectionRules,
    isr: tuple[int, ...],
    eligible: tuple[int, ...],
    wanted_leader: int | None,
) -> tuple[int, bool]:
    def is_valid(replica: int) -> bool:
        return (replica in isr or (not isr and replica in eligible)) and rules.is_acceptable(replica)

    if wanted_leader is not None and is_valid(wanted_leader):
        return wanted_leader, False
    if is_valid(state.leader):
        return state.leader, False
    for replica in state.replicas:
        if replica in isr and rules.is_acceptable(replica):
            return replica, False
    if not isr:
        for replica in state.replicas:
            if is_valid(replica):
                return replica, False
        # Nobody is known to have everything: the one that led last is the best guess (KIP-966, balanced recovery).
        is_last_resort = rules.eligible_leader_replicas and not eligible and state.last_known_leader != NO_LEADER
        if is_last_resort and rules.is_acceptable(state.last_known_leader):
            return state.last_known_leader, True
    if rules.unclean:
        for replica in state.replicas:
            if rules.is_acceptable(replica):
                return replica, True
    return NO_LEADER, False
