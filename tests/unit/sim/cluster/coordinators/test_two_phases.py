"""Two-phase commit at the coordinator (KIP-939, ahead of Apache Kafka): no time-out, and a transaction that is kept for a successor."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages.api_versions import ApiVersionsRequest
from producer.wire.messages.init_producer_id import InitProducerIdRequest
from sim.cluster.coordinators.transactions.metadata import LAST_EPOCH, NO_TIMEOUT_MS
from sim.trace.events import MarkersSent, RequestRejected, TransactionFenced, TransactionKept
from tests.unit.sim.raw_client import RawConnection
from tests.unit.sim.transaction_client import TRANSACTION, TransactionLab
from tests.unit.sim.transactional_writer import fetched, written

NOBODY = (-1, -1)
PATIENCE_S = 1_200
"""Beyond transaction.max.timeout.ms, which is a quarter of an hour."""


class Told(NamedTuple):
    """An answer to InitProducerId 6."""

    code: Code
    identity: tuple[int, int]
    ongoing: tuple[int, int]


class TwoPhaseLab(TransactionLab):
    """Brokers that let somebody else decide how transactions end."""

    def __init__(self, **config: Any) -> None:
        super().__init__(**({"transaction_two_phase_commit": True} | config))

    def ask(
        self,
        *,
        keep: bool = False,
        two_phase: bool = True,
        timeout_ms: int = 60_000,
        expected: tuple[int, int] = NOBODY,
        line: RawConnection | None = None,
    ) -> Told:
        """Ask for an identity; again only while the coordinator has no producer ids yet."""
        wanted = InitProducerIdRequest(TRANSACTION, timeout_ms, *expected, two_phase, keep)
        told = (line or self.line).call(ApiKey.INIT_PRODUCER_ID, wanted, 6)
        while told.error_code == Code.COORDINATOR_LOAD_IN_PROGRESS:
            self.run(0.05)
            told = (line or self.line).call(ApiKey.INIT_PRODUCER_ID, wanted, 6)
        return Told(
            Code(told.error_code),
            (told.producer_id, told.producer_epoch),
            (told.ongoing_txn_producer_id, told.ongoing_txn_producer_epoch),
        )

    def given(self, **how: Any) -> Told:
        """Ask until an identity is given."""
        told = self.ask(**how)
        while told.code is Code.CONCURRENT_TRANSACTIONS:
            self.run(0.05)
            told = self.ask(**how)
        assert told.code is Code.NONE, told.code
        return told

    def opened(self, **how: Any) -> tuple[int, int]:
        """Give a producer with two phases an open transaction, with one record in it."""
        pid, epoch = self.given(**how).identity
        assert written(self.client.connect(3), pid, epoch, 0) is Code.NONE
        assert self.state == "Ongoing"
        return pid, epoch


def highest_of(lab: TransactionLab) -> int:
    """The highest version of InitProducerId that broker 1 offers."""
    told = lab.client.connect(1).call(ApiKey.API_VERSIONS, ApiVersionsRequest("test", "1"), 3)
    (highest,) = [int(one.max_version) for one in told.api_keys if one.api_key == ApiKey.INIT_PRODUCER_ID]
    return highest


# -- who may -----------------------------------------------------------------------------------------------------------


def test_only_brokers_with_the_setting_offer_what_two_phases_take() -> None:
    assert highest_of(TransactionLab()) == 5
    assert highest_of(TwoPhaseLab()) == 6


def test_who_asks_for_two_phases_where_they_are_not_offered_is_cut_off() -> None:
    lab = TransactionLab()
    wanted = InitProducerIdRequest(TRANSACTION, 60_000, -1, -1, True, False)

    lab.line.send(ApiKey.INIT_PRODUCER_ID, wanted, 6)
    lab.run(1)

    assert not lab.line.is_open
    (event,) = lab.events(RequestRejected)
    assert "transaction.two.phase.commit.enable" in event.reason


def test_a_time_out_is_not_looked_at_where_there_is_none_but_has_to_be_one() -> None:
    lab = TwoPhaseLab()

    assert lab.ask(timeout_ms=NO_TIMEOUT_MS).code is Code.NONE
    assert lab.ask(timeout_ms=0).code is Code.INVALID_TRANSACTION_TIMEOUT
    assert lab.ask(timeout_ms=NO_TIMEOUT_MS, two_phase=False).code is Code.INVALID_TRANSACTION_TIMEOUT


def test_who_goes_on_with_its_identity_has_nothing_to_be_kept() -> None:
    lab = TwoPhaseLab()
    identity = lab.given().identity

    assert lab.ask(keep=True, expected=identity).code is Code.INVALID_REQUEST


def test_nothing_is_kept_where_transactions_have_no_epoch_of_their_own() -> None:
    lab = TwoPhaseLab(transaction_version=1)
    pid, epoch = lab.given().identity
    assert lab.add(pid, epoch) is Code.NONE

    assert lab.ask(keep=True).code is Code.UNSUPPORTED_VERSION
    assert lab.ended(pid, epoch, client_version=0) == (pid, epoch)


# -- no time-out -------------------------------------------------------------------------------------------------------


def test_a_transaction_of_two_phases_never_ends_by_itself_and_is_shown_as_what_it_is() -> None:
    lab = TwoPhaseLab()
    pid, epoch = lab.opened()

    lab.run(PATIENCE_S)

    lab.loaded(1)
    told = lab.describe()
    assert (told.transaction_state, told.transaction_timeout_ms) == ("Ongoing", NO_TIMEOUT_MS)
    assert (told.producer_id, told.producer_epoch) == (pid, epoch)
    assert lab.listed(state_filters=("Ongoing",), duration_filter=1_000_000) == [(TRANSACTION, "Ongoing")]
    assert lab.events(TransactionFenced) == []
    assert lab.ended(pid, epoch) == (pid, epoch + 1)


def test_one_without_two_phases_does_on_the_same_brokers() -> None:
    lab = TwoPhaseLab()
    lab.opened(two_phase=False)

    lab.run(90)

    assert lab.state == "CompleteAbort"
    assert [event.reason for event in lab.events(TransactionFenced)] == ["timed out"]


def test_a_next_coordinator_knows_that_it_has_none() -> None:
    lab = TwoPhaseLab()
    pid, epoch = lab.opened()
    lab.cluster.crash(1)
    lab.loaded(2)

    lab.run(90)

    assert lab.state == "Ongoing"
    assert lab.ended(pid, epoch) == (pid, epoch + 1)


# -- kept --------------------------------------------------------------------------------------------------------------


def test_what_is_open_is_left_to_a_successor_which_is_told_who_wrote_it() -> None:
    lab = TwoPhaseLab()
    pid, epoch = lab.opened()

    told = lab.ask(keep=True)

    assert told == (Code.NONE, (pid, epoch + 1), (pid, epoch))
    assert lab.state == "Ongoing"
    (event,) = lab.events(TransactionKept)
    assert (event.producer_epoch, event.owner_epoch) == (epoch, epoch + 1)


@pytest.mark.parametrize("is_commit", [True, False])
def test_the_successor_ends_it_and_the_markers_are_of_who_wrote_it(is_commit: bool) -> None:
    lab = TwoPhaseLab()
    pid, epoch = lab.opened()
    owner = lab.ask(keep=True).identity

    following = lab.ended(*owner, is_commit=is_commit)

    # Its epoch rises once more: what it asked before, and that comes late, must not end what it begins next.
    assert following == (pid, epoch + 2)
    assert [one.producer_epoch for one in lab.events(MarkersSent)] == [epoch + 1]
    assert (fetched(lab).aborted == []) is is_commit
    assert written(lab.client.connect(3), *following, 0) is Code.NONE


def test_each_successor_shuts_out_the_one_before() -> None:
    lab = TwoPhaseLab()
    pid, epoch = lab.opened()

    told = [lab.ask(keep=True) for _ in range(3)]

    assert [one.identity for one in told] == [(pid, epoch + 1), (pid, epoch + 2), (pid, epoch + 3)]
    assert {one.ongoing for one in told} == {(pid, epoch)}
    assert [lab.end(*one.identity)[0] for one in told] == [Code.PRODUCER_FENCED, Code.PRODUCER_FENCED, Code.NONE]


def test_who_wrote_it_has_no_say_in_it_any_more() -> None:
    lab = TwoPhaseLab()
    pid, epoch = lab.opened()
    lab.ask(keep=True)

    assert lab.end(pid, epoch)[0] is Code.PRODUCER_FENCED
    assert lab.end(pid, epoch, client_version=0)[0] is Code.PRODUCER_FENCED
    assert lab.add(pid, epoch) is Code.PRODUCER_FENCED


def test_nothing_joins_what_is_kept_whoever_asks() -> None:
    lab = TwoPhaseLab()
    lab.opened()
    owner = lab.ask(keep=True).identity

    assert lab.add(*owner) is Code.INVALID_TXN_STATE
    lab.cluster.pause(3)
    code, next_pid, next_epoch = lab.end(*owner)
    # While it is being ended, the owner's next transaction has to wait, as anybody's has.
    assert code is Code.NONE
    assert lab.add(next_pid, next_epoch) is Code.CONCURRENT_TRANSACTIONS


def test_a_leader_knows_of_no_successor_so_a_zombie_still_writes_where_the_transaction_is() -> None:
    lab = TwoPhaseLab()
    pid, epoch = lab.opened()
    owner = lab.ask(keep=True).identity

    late = written(lab.client.connect(3), pid, epoch, 1)
    lab.ended(*owner)

    # The transaction's epoch is the zombie's, by design: KIP-939 counts on it that who has prepared writes no more.
    assert late is Code.NONE
    assert fetched(lab).offsets == [0, 1, 2]
    assert written(lab.client.connect(3), pid, epoch, 2) is Code.INVALID_PRODUCER_EPOCH


@pytest.mark.parametrize("is_commit", [True, False])
def test_an_end_that_is_asked_for_again_is_told_the_same_and_another_end_is_refused(is_commit: bool) -> None:
    lab = TwoPhaseLab()
    lab.opened()
    owner = lab.ask(keep=True).identity
    following = lab.ended(*owner, is_commit=is_commit)

    assert lab.end(*owner, is_commit=is_commit) == (Code.NONE, *following)
    assert lab.end(*owner, is_commit=not is_commit)[0] is Code.INVALID_TXN_STATE


def test_a_successor_that_does_not_ask_for_it_to_be_kept_has_it_aborted() -> None:
    lab = TwoPhaseLab()
    pid, epoch = lab.opened()
    owner = lab.ask(keep=True).identity

    told = lab.given()

    assert told.ongoing == NOBODY
    assert lab.state == "Empty"
    assert fetched(lab).aborted == [(pid, 0)]
    assert [one.producer_epoch for one in lab.events(MarkersSent)] == [epoch + 1]
    assert told.identity == (pid, owner[1] + 2), "one epoch shuts the owner out, the next is given"
    assert lab.end(*owner)[0] is Code.PRODUCER_FENCED


def test_where_nothing_is_open_nothing_is_kept_and_an_identity_is_given_all_the_same() -> None:
    lab = TwoPhaseLab()
    assert lab.ask(keep=True).ongoing == NOBODY
    pid, epoch = lab.opened()
    lab.ended(pid, epoch)

    assert lab.given(keep=True) == (Code.NONE, (pid, epoch + 2), NOBODY)


def test_while_it_is_being_ended_a_successor_waits_and_finds_nothing_open() -> None:
    lab = TwoPhaseLab()
    pid, epoch = lab.opened()
    lab.cluster.pause(3)
    lab.end(pid, epoch)

    assert lab.ask(keep=True).code is Code.CONCURRENT_TRANSACTIONS
    lab.cluster.resume(3)
    assert lab.given(keep=True).ongoing == NOBODY


def test_a_successor_without_two_phases_brings_no_time_out_back() -> None:
    lab = TwoPhaseLab()
    lab.opened()
    owner = lab.ask(keep=True, two_phase=False).identity

    lab.run(90)

    assert lab.ended(*owner)


def test_what_had_a_time_out_has_none_any_more_once_a_successor_with_two_phases_has_it() -> None:
    lab = TwoPhaseLab()
    lab.opened(two_phase=False)
    owner = lab.ask(keep=True).identity

    lab.run(90)

    assert lab.ended(*owner)


def test_what_is_kept_without_two_phases_ends_by_its_time_out_and_against_the_owner() -> None:
    lab = TwoPhaseLab()
    lab.opened(two_phase=False)
    owner = lab.ask(keep=True, two_phase=False).identity

    lab.run(90)

    assert lab.state == "CompleteAbort"
    assert lab.end(*owner)[0] is Code.INVALID_TXN_STATE


def test_a_next_coordinator_knows_for_whom_it_was_kept() -> None:
    lab = TwoPhaseLab()
    pid, epoch = lab.opened()
    owner = lab.ask(keep=True).identity
    lab.cluster.crash(1)
    lab.loaded(2)

    assert lab.end(pid, epoch)[0] is Code.PRODUCER_FENCED
    assert lab.ask(keep=True) == (Code.NONE, (pid, epoch + 2), (pid, epoch))
    assert lab.end(*owner)[0] is Code.PRODUCER_FENCED
    assert lab.ended(pid, epoch + 2) == (pid, epoch + 3)
    assert fetched(lab).aborted == []


@pytest.mark.parametrize("is_commit", [True, False])
def test_the_owner_goes_on_under_another_id_when_its_epochs_run_out_while_the_transaction_waits(
    is_commit: bool,
) -> None:
    lab = TwoPhaseLab()
    pid, epoch = lab.opened()
    known = lab.known()
    first = lab.ask(keep=True).identity
    known.metadata = known.metadata._replace(next_producer_epoch=LAST_EPOCH)

    told = lab.ask(keep=True)

    assert told.identity[0] != pid
    assert told.identity[1] == 0
    assert told.ongoing == (pid, epoch)
    assert lab.end(*first)[0] is not Code.NONE
    following = lab.ended(*told.identity, is_commit=is_commit)
    assert following == (told.identity[0], 1)
    assert lab.end(*told.identity, is_commit=is_commit) == (Code.NONE, *following)


@pytest.mark.parametrize("is_commit", [True, False])
def test_the_owner_goes_on_under_another_id_when_its_epochs_run_out_with_the_end(is_commit: bool) -> None:
    lab = TwoPhaseLab()
    pid, epoch = lab.opened()
    lab.ask(keep=True)
    known = lab.known()
    known.metadata = known.metadata._replace(next_producer_epoch=LAST_EPOCH)

    following = lab.ended(pid, LAST_EPOCH, is_commit=is_commit)

    assert following[0] != pid
    assert following[1] == 0
    assert [one.producer_epoch for one in lab.events(MarkersSent)] == [epoch + 1]
    # Made again, under the identity of before, it is recognised.
    assert lab.end(pid, LAST_EPOCH, is_commit=is_commit) == (Code.NONE, *following)


def test_a_successor_that_aborts_what_is_kept_is_not_stopped_by_epochs_that_have_run_out() -> None:
    lab = TwoPhaseLab()
    pid, _ = lab.opened()
    lab.ask(keep=True)
    known = lab.known()
    known.metadata = known.metadata._replace(next_producer_epoch=LAST_EPOCH)

    told = lab.given()

    assert told.identity[0] != pid
    assert fetched(lab).aborted == [(pid, 0)]
