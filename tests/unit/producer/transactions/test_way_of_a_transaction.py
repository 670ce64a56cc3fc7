"""What a transaction asks of whom, in which order and version: V1 partition by partition, V2 by Produce alone (KIP-890)."""

import pytest

from producer.errors import Code, Outcome, TransactionAbortedError
from producer.events import ProducerTransactionMoved
from producer.records import ProducerIdentity, TopicPartition
from producer.transactions.state import TransactionState
from producer.wire.api import ApiKey
from producer.wire.record_batch import read_header
from tests.unit.producer.scripted_cluster import SECOND_US
from tests.unit.producer.transactions.coordinated_cluster import GROUP, OFFSETS, CoordinatedCluster

LEVELS = pytest.mark.parametrize("level", [1, 2], ids=["V1", "V2"])


@LEVELS
def test_the_id_comes_from_the_coordinator_of_the_transactional_id_with_its_time_out(level: int) -> None:
    cluster = CoordinatedCluster(level=level, brokers=3, transaction_timeout_ms=7_000)
    cluster.coordinator = 2

    cluster.init().hear()

    asked = cluster.last(ApiKey.INIT_PRODUCER_ID)
    assert asked.broker == 2
    assert asked.request[:4] == ("t", 7_000, -1, -1)
    assert cluster.last(ApiKey.FIND_COORDINATOR).request.key_type == 1
    assert cluster.state is TransactionState.READY
    assert cluster.transactions.is_v2 is (level == 2)


def test_v1_asks_the_coordinator_before_the_first_produce_to_a_partition_and_speaks_produce_11() -> None:
    cluster = CoordinatedCluster(partitions=2)
    cluster.begun()
    cluster.keeps = [ApiKey.ADD_PARTITIONS_TO_TXN]
    cluster.send(b"a", partition=1)
    cluster.engine.flush(cluster.now_us)
    cluster.settle()
    assert cluster.waiting == [], "not before it is added"

    cluster.answer_kept()

    (topic,) = cluster.last(ApiKey.ADD_PARTITIONS_TO_TXN).request.v3_and_below_topics
    assert topic == ("orders", (1,))
    assert cluster.last(ApiKey.ADD_PARTITIONS_TO_TXN).version == 3
    (produced,) = cluster.waiting
    assert produced.header.api_version == 11
    assert produced.request.transactional_id == "t"
    assert produced.only.is_transactional
    assert (produced.only.producer_id, produced.only.producer_epoch, produced.only.base_sequence) == (7_000, 0, 0)


def test_v1_adds_each_partition_once_a_transaction_and_again_in_the_next() -> None:
    cluster = CoordinatedCluster(partitions=2)
    cluster.begun()
    for value, partition in ((b"a", 0), (b"b", 0), (b"c", 1)):
        cluster.send(value, partition=partition)
    call = cluster.commit()
    cluster.answer_all()
    call.hear()
    cluster.begin()
    cluster.send(b"d", partition=0)
    cluster.advance(SECOND_US)

    asked = [one.request.v3_and_below_topics for one in cluster.asked_of if one.api is ApiKey.ADD_PARTITIONS_TO_TXN]
    assert [number for topics in asked for topic in topics for number in topic.partitions] == [0, 1, 0]
    assert cluster.waiting[-1].only.base_sequence == 2, "the epoch is the same, so sequences go on"


def test_v2_asks_nobody_for_a_partition_and_takes_the_epoch_that_the_end_brings() -> None:
    cluster = CoordinatedCluster(level=2).begun(b"a")
    assert cluster.waiting[0].header.api_version == 13

    call = cluster.commit()
    cluster.answer_all()
    call.hear()
    cluster.begin()
    cluster.send(b"b")
    cluster.advance(SECOND_US)

    assert cluster.apis == [ApiKey.INIT_PRODUCER_ID, ApiKey.END_TXN]
    ended = cluster.last(ApiKey.END_TXN)
    assert (ended.version, ended.request) == (5, ("t", 7_000, 0, True))
    header = cluster.waiting[0].only
    assert (header.producer_epoch, header.base_sequence) == (1, 0)


def test_v2_takes_another_id_when_its_epochs_have_run_out() -> None:
    cluster = CoordinatedCluster(level=2).begun(b"a")
    cluster.identity = [8_000, -1]
    call = cluster.commit()
    cluster.answer_all()

    call.hear()

    assert cluster.transactions.identity.current == ProducerIdentity(8_000, 0)


@LEVELS
def test_the_end_waits_for_every_record_s_answer_and_lets_none_linger(level: int) -> None:
    cluster = CoordinatedCluster(level=level, linger_ms=60_000, max_block_ms=60_000)
    cluster.begun()
    cluster.send(b"a")

    call = cluster.commit()

    assert len(cluster.waiting) == 1, "it does not linger"
    assert ApiKey.END_TXN not in cluster.apis
    cluster.answer(code=Code.NOT_ENOUGH_REPLICAS)
    cluster.advance(SECOND_US)
    assert ApiKey.END_TXN not in cluster.apis
    cluster.answer()
    call.hear()
    assert cluster.last(ApiKey.END_TXN).request.committed
    assert cluster.delivered == [b"a"]


@LEVELS
def test_an_abort_drops_what_has_not_left_and_waits_for_what_has(level: int) -> None:
    cluster = CoordinatedCluster(level=level).begun(b"sent")
    cluster.send(b"unsent")

    call = cluster.abort()

    error = cluster.failed[b"unsent"]
    assert isinstance(error, TransactionAbortedError)
    assert error.outcome is Outcome.FAILED
    assert not call.is_over
    cluster.answer_all()
    call.hear()
    assert cluster.delivered == [b"sent"]
    assert not cluster.last(ApiKey.END_TXN).request.committed
    assert cluster.state is TransactionState.READY


@LEVELS
def test_a_transaction_without_anything_in_it_ends_without_a_word_to_anybody(level: int) -> None:
    cluster = CoordinatedCluster(level=level)
    cluster.begun()
    cluster.commit().hear()
    cluster.begin()
    cluster.abort().hear()

    assert cluster.apis == [ApiKey.INIT_PRODUCER_ID]
    assert cluster.state is TransactionState.READY


@LEVELS
def test_a_record_that_was_dropped_before_its_partition_joined_leaves_nothing_to_end(level: int) -> None:
    cluster = CoordinatedCluster(level=level)
    cluster.begun()
    if level == 1:
        cluster.codes[ApiKey.ADD_PARTITIONS_TO_TXN] = [Code.TOPIC_AUTHORIZATION_FAILED]
    cluster.send(b"a")
    cluster.abort().hear()

    # V2's coordinator takes an abort of what it has not heard of (KIP-890); V1's does not.
    assert (ApiKey.END_TXN in cluster.apis) is (level == 2)


def test_v1_offsets_go_to_the_transaction_s_coordinator_first_and_then_to_the_group_s() -> None:
    cluster = CoordinatedCluster()
    cluster.begun()

    cluster.send_offsets().hear()

    assert cluster.apis[1:] == [ApiKey.ADD_OFFSETS_TO_TXN, ApiKey.TXN_OFFSET_COMMIT]
    assert cluster.last(ApiKey.ADD_OFFSETS_TO_TXN).request == ("t", 7_000, 0, "readers")
    committed = cluster.last(ApiKey.TXN_OFFSET_COMMIT)
    assert committed.version == 4
    assert committed.request[:7] == ("t", "readers", 7_000, 0, 3, "member-1", None)
    assert committed.request.topics == (("inputs", ((0, 17, -1, ""),)),)
    assert [one.request.coordinator_keys for one in cluster.asked_of if one.api is ApiKey.FIND_COORDINATOR] == [
        ("t",),
        ("readers",),
    ]
    cluster.commit().hear()
    assert cluster.apis[-1] is ApiKey.END_TXN


def test_v2_offsets_go_to_the_group_s_coordinator_alone() -> None:
    cluster = CoordinatedCluster(level=2)
    cluster.begun()

    cluster.send_offsets().hear()
    cluster.commit().hear()

    assert cluster.apis == [ApiKey.INIT_PRODUCER_ID, ApiKey.TXN_OFFSET_COMMIT, ApiKey.END_TXN]
    assert cluster.last(ApiKey.TXN_OFFSET_COMMIT).version == 5


def test_offsets_that_were_not_taken_for_the_moment_are_sent_again_alone() -> None:
    cluster = CoordinatedCluster(level=2)
    cluster.begun()
    cluster.codes[ApiKey.TXN_OFFSET_COMMIT] = [Code.COORDINATOR_LOAD_IN_PROGRESS]

    call = cluster.send_offsets({**OFFSETS, TopicPartition("inputs", 1): OFFSETS[TopicPartition("inputs", 0)]}, GROUP)
    assert not call.is_over
    cluster.advance(SECOND_US)
    call.hear()

    # Both partitions were refused, so both are asked for again; who it is was not in doubt.
    asked = [one.request.topics for one in cluster.asked_of if one.api is ApiKey.TXN_OFFSET_COMMIT]
    assert [len(topics[0].partitions) for topics in asked] == [2, 2]
    assert len([one for one in cluster.asked_of if one.api is ApiKey.FIND_COORDINATOR]) == 2


def test_a_cluster_that_goes_over_to_v2_gives_the_next_transaction_an_epoch_of_its_own() -> None:
    cluster = CoordinatedCluster().begun(b"a")
    cluster.level, cluster.features_epoch = 2, 11
    # The next connection tells of it.
    cluster.disconnect_all()
    cluster.advance(SECOND_US)

    call = cluster.commit()
    cluster.advance(SECOND_US)
    cluster.answer_all()
    call.hear()

    assert cluster.last(ApiKey.END_TXN).version == 4, "it ends as it began"
    assert cluster.apis[-1] is ApiKey.INIT_PRODUCER_ID
    assert cluster.last(ApiKey.INIT_PRODUCER_ID).request[2:4] == (7_000, 0)
    assert cluster.transactions.is_v2
    cluster.begin()
    cluster.send(b"b")
    cluster.advance(SECOND_US)
    assert cluster.waiting[0].header.api_version == 13
    assert cluster.waiting[0].only.producer_epoch == 1


@LEVELS
def test_the_previous_transaction_s_end_is_waited_for_a_fiftieth_of_a_second_at_a_time(level: int) -> None:
    cluster = CoordinatedCluster(level=level)
    cluster.begun()
    if level == 2:
        # A V2 leader waits for it by itself, and says so only when it took too long.
        cluster.send(b"a")
        cluster.advance(SECOND_US)
        cluster.answer(code=Code.CONCURRENT_TRANSACTIONS)
    else:
        cluster.codes[ApiKey.ADD_PARTITIONS_TO_TXN] = [Code.CONCURRENT_TRANSACTIONS] * 3
        cluster.send(b"a")
        cluster.advance(60_000)
        times = [one.at_us for one in cluster.asked_of if one.api is ApiKey.ADD_PARTITIONS_TO_TXN]
        assert times == [0, 20_000, 40_000, 60_000]
    cluster.advance(SECOND_US)

    cluster.answer()
    assert cluster.delivered == [b"a"]


def test_whoever_observes_hears_of_each_state() -> None:
    cluster = CoordinatedCluster(level=2).begun(b"a")
    call = cluster.commit()
    cluster.answer_all()
    call.hear()

    told = [one for one in cluster.observed if isinstance(one, ProducerTransactionMoved)]
    assert [one.state for one in told] == ["initializing", "ready", "in transaction", "committing transaction", "ready"]
    assert {one.transactional_id for one in told} == {"t"}
    assert told[-1].is_v2


def test_batches_of_a_transaction_are_marked_and_those_of_others_are_not() -> None:
    cluster = CoordinatedCluster(transactional_id=None)
    cluster.send(b"a")
    cluster.advance(SECOND_US)

    (produced,) = cluster.waiting
    (batch,) = produced.batches.values()
    assert not read_header(batch).is_transactional
    assert produced.request.transactional_id is None
    assert produced.header.api_version == 13
