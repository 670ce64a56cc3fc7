"""Sequences: counted, wrapped, and never reused while their fate is open."""

from producer.client.identity import EPOCH_MAX, IdentityInput, IdentityState
from producer.engine.batch import Batch
from producer.engine.idempotence import Idempotence
from producer.engine.sequence import SEQUENCE_COUNT, PartitionSequences, precedes, sequence_after
from producer.errors import Code, ErrorCode, error_code
from producer.records import ProducerIdentity, TopicPartition

PARTITION = TopicPartition("t", 0)
FIRST = ProducerIdentity(7, 0)


def batch_of(count: int, number: int = 1) -> Batch:
    batch = Batch(number=number, partition=PARTITION, created_us=0, reserved_bytes=1_000_000, first_timestamp_ms=0)
    for _ in range(count):
        batch.append(None, b"v", (), 0, None)
    return batch


def assigned() -> Idempotence:
    idempotence = Idempotence()
    idempotence.identity.feed(IdentityInput.ASK)
    idempotence.identity.assign(FIRST)
    return idempotence


def test_a_sequence_wraps_from_its_maximum_to_zero() -> None:
    assert sequence_after(2**31 - 1, 1) == 0
    assert sequence_after(2**31 - 3, 5) == 2


def test_order_survives_the_wrap() -> None:
    assert precedes(2**31 - 1, 0)
    assert not precedes(0, 2**31 - 1)
    assert not precedes(5, 5)


def test_an_acknowledgement_across_the_wrap_counts_as_progress() -> None:
    sequences = PartitionSequences()
    sequences.restart(FIRST)
    sequences.next_sequence = SEQUENCE_COUNT - 2
    sequences.last_acked_sequence = SEQUENCE_COUNT - 3
    batch = batch_of(4)

    sequences.assign(batch, FIRST)
    sequences.acknowledged(batch, 100)

    assert sequences.next_sequence == 2
    assert sequences.last_acked_sequence == 1
    assert sequences.is_next(2)


def test_a_new_epoch_is_taken_up_once_nothing_of_the_old_one_is_in_flight() -> None:
    sequences = PartitionSequences()
    first, second = batch_of(3), batch_of(2, 2)
    sequences.assign(first, FIRST)
    sequences.acknowledged(first, 0)

    sequences.assign(second, ProducerIdentity(7, 1))

    assert (second.identity.producer_epoch, second.base_sequence) == (1, 0)


def test_batches_without_a_verdict_are_numbered_anew_in_their_order() -> None:
    idempotence = assigned()
    first, second = batch_of(3), batch_of(2, 2)
    idempotence.assign(first)
    idempotence.assign(second)
    idempotence.failed(batch_of(1), _error("OUT_OF_ORDER_SEQUENCE_NUMBER"), leaves_gap=False)

    renumbered = idempotence.settle()

    assert renumbered == [first, second]
    assert [(one.identity.producer_epoch, one.base_sequence) for one in renumbered] == [(1, 0), (1, 3)]


def test_an_unresolved_sequence_lets_nothing_new_leave() -> None:
    idempotence = assigned()
    sent, expired, fresh = batch_of(1), batch_of(1, 2), batch_of(1, 3)
    idempotence.assign(sent)
    idempotence.assign(expired)
    idempotence.failed(expired, _error("REQUEST_TIMED_OUT"), leaves_gap=False)
    idempotence.left_unresolved(expired)
    idempotence.settle()

    assert not idempotence.may_leave(fresh)


def test_an_unresolved_sequence_is_settled_by_an_epoch_once_nothing_is_in_flight() -> None:
    idempotence = assigned()
    expired, fresh = batch_of(1), batch_of(1, 2)
    idempotence.assign(expired)
    idempotence.failed(expired, _error("REQUEST_TIMED_OUT"), leaves_gap=False)
    idempotence.left_unresolved(expired)

    idempotence.settle()

    assert idempotence.identity.current == ProducerIdentity(7, 1)
    assert idempotence.may_leave(fresh)


def test_the_last_epoch_is_followed_by_a_new_producer_id() -> None:
    idempotence = assigned()
    idempotence.identity.current = ProducerIdentity(7, EPOCH_MAX)
    idempotence.failed(batch_of(1), _error("MESSAGE_TOO_LARGE"), leaves_gap=True)

    idempotence.settle()

    assert idempotence.identity.state is IdentityState.NONE
    assert not idempotence.may_leave(batch_of(1))


def _error(name: str) -> ErrorCode:
    return error_code(Code[name])
