"""What is found out about sequences, apart from what is done about it."""

from producer.client.identity import IdentityInput
from producer.engine.batch import Batch
from producer.engine.idempotence import BumpEpoch, Finding, Gap, Idempotence, Settled
from producer.errors import Code, error_code
from producer.records import ProducerIdentity, TopicPartition
from tests.builds import pure_only

pytestmark = pure_only("it derives a policy from one that is compiled")

FIRST, SECOND = TopicPartition("t", 0), TopicPartition("t", 1)


class Noting(BumpEpoch):
    """Takes note of what is found, too."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Finding] = []

    def take(self, finding: Finding) -> None:
        self.found.append(finding)
        super().take(finding)


def with_an_id() -> tuple[Idempotence, Noting]:
    idempotence, policy = Idempotence(), Noting()
    idempotence.policy = policy
    idempotence.identity.feed(IdentityInput.ASK)
    idempotence.identity.assign(ProducerIdentity(7, 0))
    return idempotence, policy


def sent(idempotence: Idempotence, partition: TopicPartition = FIRST) -> Batch:
    batch = Batch(number=1, partition=partition, created_us=0, reserved_bytes=1_000, first_timestamp_ms=0)
    batch.append(None, b"value", (), 0, None)
    idempotence.assign(batch)
    return batch


def given_up(idempotence: Idempotence, batch: Batch) -> None:
    idempotence.failed(batch, error_code(Code.REQUEST_TIMED_OUT), leaves_gap=False)
    idempotence.left_unresolved(batch)


def test_a_batch_of_unknown_fate_is_a_gap_once_nothing_is_in_flight_any_more() -> None:
    idempotence, policy = with_an_id()
    lost, behind = sent(idempotence), sent(idempotence)
    given_up(idempotence, lost)

    assert idempotence.settle() == []
    assert policy.found == [], "one behind it may still tell"
    given_up(idempotence, behind)
    idempotence.settle()

    assert policy.found == [Gap(FIRST, 2)]


def test_a_late_acknowledgement_settles_it() -> None:
    idempotence, policy = with_an_id()
    lost = sent(idempotence)
    given_up(idempotence, lost)
    idempotence.acknowledged(lost, 5)

    assert idempotence.settle() == []

    assert policy.found == [Settled(FIRST)]
    assert idempotence.identity.current.producer_epoch == 0


def test_gaps_are_found_in_the_order_in_which_partitions_were_first_sent_to_and_one_epoch_closes_them() -> None:
    idempotence, policy = with_an_id()
    first, second = sent(idempotence, FIRST), sent(idempotence, SECOND)
    given_up(idempotence, second)
    given_up(idempotence, first)

    idempotence.settle()
    idempotence.settle()

    assert policy.found == [Gap(FIRST, 1), Gap(SECOND, 1)]
    assert idempotence.identity.current.producer_epoch == 1


def test_a_partition_that_began_again_meanwhile_is_not_looked_at_any_more() -> None:
    idempotence, policy = with_an_id()
    given_up(idempotence, sent(idempotence))
    behind = sent(idempotence)
    assert idempotence.may_retry(behind, error_code(Code.UNKNOWN_PRODUCER_ID), log_start_offset=9)
    assert idempotence.settle() == [behind], "numbered anew in an epoch of its own"
    idempotence.acknowledged(behind, 0)

    idempotence.settle()

    assert policy.found == [Gap(FIRST, 1)]
