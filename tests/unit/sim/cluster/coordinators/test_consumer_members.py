"""How a member comes to its target, step by step; and how the coordinator's own assignors share out."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest

from producer.errors import Code, IllegalTransitionError
from producer.transitions import move
from sim.cluster.coordinators.groups.consumer.assignment import Assignment
from sim.cluster.coordinators.groups.consumer.assignors import ASSIGNORS
from sim.cluster.coordinators.groups.consumer.assignors.group_spec import GroupSpec, MemberSpec
from sim.cluster.coordinators.groups.consumer.member import ConsumerMember
from sim.cluster.coordinators.groups.consumer.member_state import TRANSITIONS, MemberInput, MemberState
from sim.cluster.coordinators.groups.consumer.reconciliation import Reconciliation
from sim.cluster.coordinators.shard import CoordinatorError

T, U = b"t" * 16, b"u" * 16
STABLE, UNREVOKED, UNRELEASED, UNKNOWN = MemberState

# -- states ------------------------------------------------------------------------------------------------------------


def test_any_step_may_follow_any_state_but_nobody_revokes_from_a_state_that_nobody_knows() -> None:
    missing = set(product(MemberState, MemberInput)) - set(TRANSITIONS)

    assert missing == {(UNKNOWN, MemberInput.MUST_REVOKE)}
    with pytest.raises(IllegalTransitionError, match="m: MUST_REVOKE while UNKNOWN"):
        move(TRANSITIONS, UNKNOWN, MemberInput.MUST_REVOKE, whose="m")


# -- steps -------------------------------------------------------------------------------------------------------------


def _step(
    member: ConsumerMember,
    target: dict[bytes, tuple[int, ...]],
    *,
    others: tuple[tuple[bytes, int], ...] = (),
    claimed: dict[bytes, tuple[int, ...]] | None = None,
    subscribed: tuple[bytes, ...] = (T, U),
    is_new: bool = False,
) -> ConsumerMember:
    """One step towards a target of epoch 5."""
    own = [
        (topic, number) for owned in (member.assigned, member.revoking) for topic in owned for number in owned[topic]
    ]
    step = Reconciliation(target, target_epoch=5, subscribed=subscribed, owned={*own, *others}, claimed=claimed)
    return step.step(member, has_new_subscription=is_new)


def _at(epoch: int, **fields: Any) -> ConsumerMember:
    return ConsumerMember("m")._replace(member_epoch=epoch, previous_epoch=epoch - 1, **fields)


def test_what_is_free_is_taken_in_the_targets_epoch() -> None:
    member = _step(_at(4, assigned={T: {0: 2}}), {T: (0, 1)})

    assert (member.state, member.member_epoch, member.previous_epoch) == (STABLE, 5, 4)
    assert member.assigned == {T: {0: 2, 1: 5}}


def test_what_is_to_be_given_up_keeps_the_member_in_its_epoch_until_it_says_that_it_has() -> None:
    told = _step(_at(4, assigned={T: {0: 2, 1: 2}}), {T: (0,), U: (0,)})
    silent = _step(told, {T: (0,), U: (0,)})
    owning = _step(told, {T: (0,), U: (0,)}, claimed={T: (0, 1)})
    done = _step(told, {T: (0,), U: (0,)}, claimed={T: (0,)})

    assert (told.state, told.member_epoch, told.assigned, told.revoking) == (UNREVOKED, 4, {T: {0: 2}}, {T: {1: 2}})
    assert silent == owning == told
    assert (done.state, done.member_epoch, done.assigned, done.revoking) == (STABLE, 5, {T: {0: 2}, U: {0: 5}}, {})


def test_what_others_hold_is_waited_for_and_the_rest_is_taken() -> None:
    waiting = _step(_at(4), {T: (0, 1)}, others=((T, 1),))
    still = _step(waiting, {T: (0, 1)}, others=((T, 1),))
    done = _step(waiting, {T: (0, 1)})

    assert (waiting.state, waiting.member_epoch, waiting.assigned) == (UNRELEASED, 5, {T: {0: 5}})
    assert (still.state, still.assigned) == (UNRELEASED, {T: {0: 5}})
    assert (done.state, done.assigned) == (STABLE, {T: {0: 5, 1: 5}})


def test_who_reads_a_topic_no_more_gives_it_up_at_once_without_a_new_target() -> None:
    member = _at(5, assigned={T: {0: 2}, U: {0: 2}})

    told = _step(member, {T: (0,), U: (0,)}, subscribed=(T,), is_new=True)
    done = _step(member, {T: (0,), U: (0,)}, subscribed=(T,), is_new=True, claimed={T: (0,)})

    assert (told.state, told.assigned, told.revoking) == (UNREVOKED, {T: {0: 2}}, {U: {0: 2}})
    assert (done.state, done.assigned, done.revoking) == (STABLE, {T: {0: 2}}, {})


def test_a_member_in_a_state_that_nobody_knows_starts_anew() -> None:
    member = _at(4, state=UNKNOWN)

    with pytest.raises(CoordinatorError) as refused:
        _step(member, {T: (0,)}, claimed={T: (0,)})

    assert refused.value.code is Code.FENCED_MEMBER_EPOCH
    assert _step(member, {T: (0,)}, claimed={}).assigned == {T: {0: 5}}


# -- assignors ---------------------------------------------------------------------------------------------------------


def _group(
    partitions: dict[bytes, int],
    members: Mapping[str, tuple[bytes, ...]],
    before: Mapping[str, Assignment] | None = None,
) -> GroupSpec:
    known = before or {}
    specs = tuple(MemberSpec(name, None, topics, known.get(name, {})) for name, topics in members.items())
    return GroupSpec(specs, len({spec.topic_ids for spec in specs}) <= 1, partitions)


def _sizes(assigned: Mapping[str, Assignment]) -> list[int]:
    return [sum(len(them) for them in topics.values()) for topics in assigned.values()]


@pytest.mark.parametrize("name", ASSIGNORS)
@pytest.mark.parametrize("readers", range(1, 6))
@pytest.mark.parametrize("are_alike", [True, False])
def test_every_partition_is_given_to_one_member_that_reads_its_topic(name: str, readers: int, are_alike: bool) -> None:
    members = {f"m{number}": (T, U) if are_alike or number % 2 == 0 else (T,) for number in range(readers)}
    group = _group({T: 7, U: 3}, members)

    assigned = ASSIGNORS[name](group)

    given = [(topic, number) for topics in assigned.values() for topic, them in topics.items() for number in them]
    assert sorted(given) == sorted([*[(T, number) for number in range(7)], *[(U, number) for number in range(3)]])
    assert all(topic in members[name] for name, topics in assigned.items() for topic in topics)


def test_uniform_gives_everybody_equally_many_and_moves_no_more_than_it_must() -> None:
    before: dict[str, Assignment] = {"a": {T: (0, 1, 2)}, "b": {T: (3, 4)}}

    assigned = ASSIGNORS["uniform"](_group({T: 5}, {"a": (T,), "b": (T,), "c": (T,)}, before))

    assert sorted(_sizes(assigned)) == [1, 2, 2]
    assert set(assigned["a"][T]) <= {0, 1, 2}
    assert set(assigned["b"][T]) <= {3, 4}


def test_uniform_evens_out_what_members_have_that_do_not_read_the_same() -> None:
    before: dict[str, Assignment] = {"a": {T: (0, 1, 2, 3), U: (0,)}, "b": {}}

    assigned = ASSIGNORS["uniform"](_group({T: 4, U: 1}, {"a": (T, U), "b": (T,)}, before))

    assert sorted(_sizes(assigned)) == [2, 3]
    assert U in assigned["a"]


def test_range_cuts_topics_with_equally_many_partitions_at_the_same_places() -> None:
    assigned = ASSIGNORS["range"](_group({T: 5, U: 5}, {"b": (T, U), "a": (T, U)}))

    assert assigned == {"a": {T: (0, 1, 2), U: (0, 1, 2)}, "b": {T: (3, 4), U: (3, 4)}}


@pytest.mark.parametrize("name", ASSIGNORS)
def test_nothing_is_given_where_there_is_nothing_or_nobody(name: str) -> None:
    assert ASSIGNORS[name](_group({}, {"a": ()})) == {"a": {}}
    assert ASSIGNORS[name](_group({}, {})) == {}
