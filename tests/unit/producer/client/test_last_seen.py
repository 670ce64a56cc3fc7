"""Who was once seen to lead in some epoch is not replaced by a leader of an older one, whatever was forgotten in between."""

import pytest

from producer.client.cluster_view import ClusterView
from producer.client.last_seen import NOBODY, Leader
from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.messages.leaders import NodeEndpoint
from producer.wire.messages.metadata import MetadataBroker, MetadataPartition, MetadataResponse, MetadataTopic

ORDERS, ORDERS_MADE_ANEW, USERS = b"orders".ljust(16), b"orders again".ljust(16), b"users".ljust(16)
NO_ID = bytes(16)
HERE = "here"
ZERO = TopicPartition("orders", 0)
NEW, OLD = Leader(2, 6), Leader(1, 5)


def answer(*topics: MetadataTopic, cluster_id: str | None = HERE) -> MetadataResponse:
    brokers = tuple(MetadataBroker(node, f"b{node}", 9092) for node in (1, 2, 3))
    return MetadataResponse(brokers=brokers, cluster_id=cluster_id, topics=topics)


def orders(*leaders: Leader, topic_id: bytes = ORDERS, name: str = "orders") -> MetadataTopic:
    partitions = tuple(MetadataPartition(0, index, *leader) for index, leader in enumerate(leaders))
    return MetadataTopic(0, name, topic_id, partitions=partitions)


def unknown(name: str = "orders", topic_id: bytes = NO_ID) -> MetadataTopic:
    return MetadataTopic(Code.UNKNOWN_TOPIC_OR_PARTITION, name, topic_id)


def told(*answers: MetadataResponse, remembers_leaders: bool = True) -> ClusterView:
    view = ClusterView(remembers_leaders=remembers_leaders)
    for one in answers:
        view.update(one)
    return view


# -- what is forgotten in between --------------------------------------------------------------------------------------


def test_after_a_rebootstrap() -> None:
    view = told(answer(orders(NEW)))
    view.forget_all()

    view.update(answer(orders(OLD)))

    assert view.leader(ZERO) == NEW


@pytest.mark.parametrize("topic_id", [NO_ID, ORDERS], ids=["without an id", "with its id"])
@pytest.mark.parametrize("times", [1, 2])
def test_after_a_rebootstrap_whose_first_answers_are_an_error(times: int, topic_id: bytes) -> None:
    view = told(answer(orders(NEW)))
    view.forget_all()

    for _ in range(times):
        view.update(answer(unknown(topic_id=topic_id)))
    view.update(answer(orders(OLD)))

    assert view.leader(ZERO) == NEW


def test_after_rebootstraps_in_a_row_with_stale_answers_between_them() -> None:
    view = told(answer(orders(NEW)))

    for _ in range(3):
        view.forget_all()
        view.update(answer(orders(OLD)))
        assert view.leader(ZERO) == NEW


def test_after_the_topic_was_left_idle() -> None:
    view = told(answer(orders(NEW)))
    view.retain([])
    assert view.leader(ZERO) == NOBODY

    view.update(answer(orders(OLD)))

    assert view.leader(ZERO) == NEW


def test_after_the_topic_was_left_idle_and_a_rebootstrap_that_never_heard_of_it() -> None:
    view = told(answer(orders(NEW), orders(NEW, name="users", topic_id=USERS)))
    view.retain(["users"])
    view.forget_all()
    view.update(answer(orders(OLD, name="users", topic_id=USERS)))

    view.update(answer(orders(OLD), orders(OLD, name="users", topic_id=USERS)))

    assert view.leader(ZERO) == view.leader(TopicPartition("users", 0)) == NEW


def test_after_a_hint_that_was_the_only_one_to_tell_of_the_new_leader() -> None:
    view = told(answer(orders(OLD)))
    assert view.learn_leader(ZERO, NEW, NodeEndpoint(2, "b2", 9092))
    view.forget_all()

    view.update(answer(orders(OLD)))

    assert view.leader(ZERO) == NEW


def test_after_an_answer_in_which_the_partition_has_neither_leader_nor_epoch() -> None:
    view = told(answer(orders(NEW)), answer(orders(NOBODY)))
    assert view.leader(ZERO) == NOBODY

    assert not view.learn_leader(ZERO, OLD, None)
    view.update(answer(orders(OLD)))

    assert view.leader(ZERO) == NEW


def test_after_an_answer_of_a_broker_that_does_not_know_the_newer_partitions_yet() -> None:
    view = told(answer(orders(NEW, NEW)), answer(orders(NEW)))
    assert view.partition_count("orders") == 1

    view.update(answer(orders(NEW, OLD)))

    assert view.leader(TopicPartition("orders", 1)) == NEW


def test_each_partition_keeps_its_own_epoch() -> None:
    view = told(answer(orders(NEW, OLD)))
    view.forget_all()

    view.update(answer(orders(OLD, NEW)))

    assert [view.leader(TopicPartition("orders", index)) for index in (0, 1)] == [NEW, NEW]


def test_by_brokers_that_give_no_ids() -> None:
    view = told(answer(orders(NEW, topic_id=NO_ID)))
    view.forget_all()

    view.update(answer(orders(OLD, topic_id=NO_ID)))

    assert view.leader(ZERO) == NEW


def test_by_a_broker_that_gives_no_ids_yet_where_others_do() -> None:
    view = told(answer(orders(NEW)))

    view.update(answer(orders(OLD, topic_id=NO_ID)))

    assert view.leader(ZERO) == NEW


def test_by_a_broker_that_slept_through_the_deletion_of_a_topic() -> None:
    view = told(answer(orders(Leader(1, 9), topic_id=ORDERS)), answer(orders(NEW, topic_id=ORDERS_MADE_ANEW)))

    for forgets in (False, True):
        if forgets:
            view.forget_all()
        view.update(answer(orders(Leader(1, 9), Leader(1, 9), topic_id=ORDERS)))

        assert view.leader(ZERO) == NEW
        assert view.partition_count("orders") == 1
        assert view.topics["orders"].topic_id == ORDERS_MADE_ANEW


# -- who is believed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_a_topic_that_was_made_anew_begins_with_its_first_epoch(is_forgotten: bool) -> None:
    view = told(answer(orders(NEW)))
    if is_forgotten:
        view.forget_all()
        view.update(answer(unknown()))

    view.update(answer(orders(Leader(3, 0), topic_id=ORDERS_MADE_ANEW)))

    assert view.leader(ZERO) == Leader(3, 0)


@pytest.mark.parametrize("leader", [NEW, Leader(3, 6), Leader(1, 7)])
def test_the_same_epoch_and_a_newer_one_are_believed(leader: Leader) -> None:
    view = told(answer(orders(NEW)))
    view.forget_all()
    view.update(answer(orders(OLD)))

    view.update(answer(orders(leader)))

    assert view.leader(ZERO) == leader


def test_a_hint_at_the_leader_that_was_seen_last_is_taken_where_none_is_known() -> None:
    view = told(answer(orders(NEW)), answer(orders(NOBODY)))

    assert view.learn_leader(ZERO, NEW, None)


@pytest.mark.parametrize("topic_id", [NO_ID, ORDERS])
def test_another_cluster_begins_with_its_own_epochs(topic_id: bytes) -> None:
    view = told(answer(orders(NEW, topic_id=topic_id)))
    view.forget_all()

    view.update(answer(orders(OLD, topic_id=topic_id), cluster_id="elsewhere"))

    assert view.leader(ZERO) == OLD


def test_a_topic_whose_id_becomes_known_is_believed_as_kafka_does() -> None:
    view = told(answer(orders(NEW, topic_id=NO_ID)))

    view.update(answer(orders(OLD, topic_id=ORDERS)))

    assert view.leader(ZERO) == OLD


# -- Java's way --------------------------------------------------------------------------------------------------------


def test_java_believes_anybody_after_a_rebootstrap() -> None:
    view = told(answer(orders(NEW)), remembers_leaders=False)
    view.update(answer(orders(OLD)))
    assert view.leader(ZERO) == NEW

    view.forget_all()
    view.update(answer(orders(OLD)))

    assert view.leader(ZERO) == OLD


def test_java_keeps_the_epochs_of_brokers_that_give_no_ids() -> None:
    view = told(answer(orders(NEW, topic_id=NO_ID)), remembers_leaders=False)
    view.forget_all()

    view.update(answer(orders(OLD, topic_id=NO_ID)))

    assert view.leader(ZERO) == NEW


def test_java_takes_back_the_id_of_a_topic_that_was_deleted() -> None:
    view = told(answer(orders(NEW, topic_id=ORDERS_MADE_ANEW)), answer(orders(OLD)), remembers_leaders=False)

    assert view.leader(ZERO) == OLD
