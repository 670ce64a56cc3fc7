"""How old metadata may grow, when it is asked for again, and topics that come and go."""

import itertools
from typing import Any

import pytest

from producer.errors import Code
from producer.events import MetadataLearned
from producer.records import Record
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster

MS_US = 1_000
MINUTE_US = 60 * SECOND_US


def assert_near(found_us: list[int], nominal_us: list[int], *, longest_us: int) -> None:
    """Within a fifth, and never above the longest (ExponentialBackoff)."""
    for found, nominal in zip(found_us, nominal_us, strict=False):
        assert 0.8 * nominal <= found <= min(1.2 * nominal, longest_us)


def delivering(**properties: Any) -> ScriptedCluster:
    cluster = ScriptedCluster(**properties)
    cluster.send_alone(b"first")
    cluster.answer()
    return cluster


# -- metadata ----------------------------------------------------------------------------------------------------------


def test_metadata_is_asked_for_again_when_it_is_old() -> None:
    cluster = ScriptedCluster(metadata_max_age_ms=20_000)
    cluster.send_alone(b"first")
    cluster.answer()

    for _ in range(6):
        cluster.advance(10 * SECOND_US)
        cluster.send_alone(b"in use")
        cluster.answer()

    assert [asked.at_us // SECOND_US for asked in cluster.asked] == [0, 20, 40, 60]


def test_an_age_of_zero_asks_again_after_each_back_off() -> None:
    cluster = delivering(metadata_max_age_ms=0)

    cluster.advance(2 * SECOND_US)

    assert 15 <= len(cluster.asked) <= 26


def test_a_topic_that_nobody_sends_to_is_forgotten() -> None:
    cluster = delivering(metadata_max_age_ms=60_000, metadata_max_idle_ms=150_000)
    cluster.advance(130 * SECOND_US)
    assert cluster.engine.partition_count("orders") == 1
    assert len(cluster.asked) == 3

    cluster.advance(60 * SECOND_US)
    assert cluster.engine.partition_count("orders") == 0

    cluster.advance(10 * MINUTE_US)
    assert len(cluster.asked) == 4, "there is nothing more to ask about"
    cluster.send_alone(b"second")
    cluster.answer()
    assert len(cluster.asked) == 5
    assert cluster.delivered == [b"first", b"second"]


def test_a_topic_in_use_is_not_forgotten() -> None:
    cluster = delivering(metadata_max_age_ms=60_000, metadata_max_idle_ms=90_000)

    for _ in range(10):
        cluster.advance(MINUTE_US)
        cluster.send_alone(b"in use")
        cluster.answer()

    learned = [event for event in cluster.observed if isinstance(event, MetadataLearned)]
    assert all(event.leaders for event in learned)
    assert len(learned) == 11


def test_a_batch_that_waits_longer_than_its_topic_is_remembered_goes_on() -> None:
    cluster = delivering(metadata_max_age_ms=10_000, metadata_max_idle_ms=20_000, delivery_timeout_ms=300_000)
    cluster.send_alone(b"second")
    for _ in range(8):
        cluster.answer(code=Code.NOT_ENOUGH_REPLICAS)
        cluster.advance(10 * SECOND_US)

    cluster.answer()

    assert cluster.delivered == [b"first", b"second"]


def test_answers_that_tell_nothing_new_are_asked_for_with_growing_pauses() -> None:
    cluster = ScriptedCluster(enable_idempotence=False)
    cluster.leaders[0] = (-1, 5)
    cluster.send(b"a", partition=0)

    cluster.advance(10 * SECOND_US)

    times = [asked.at_us for asked in cluster.asked]
    found = [after - before for before, after in itertools.pairwise(times)]
    nominal = [100, 100, 200, 400, 800] + [1_000] * 4
    assert_near(found, [pause * MS_US for pause in nominal], longest_us=SECOND_US)
    before = len(cluster.asked)
    cluster.leaders[0] = (1, 6)
    cluster.advance(2 * SECOND_US)
    assert len(cluster.asked) == before + 1
    assert cluster.waiting


def test_a_topic_that_is_new_is_asked_for_as_if_nothing_had_been_asked_before() -> None:
    cluster = ScriptedCluster(enable_idempotence=False)
    cluster.leaders[0] = (-1, 5)
    cluster.send(b"a", partition=0)
    cluster.advance(10 * SECOND_US)
    before = len(cluster.asked)

    cluster.engine.send(Record("other", b"a"), 1, now_us=cluster.now_us)
    cluster.advance(350 * MS_US)

    assert [asked.topics for asked in cluster.asked[before:]] == [("orders", "other")] * 3


# -- a topic deleted and made anew -------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [Code.UNKNOWN_TOPIC_ID, Code.INCONSISTENT_TOPIC_ID, Code.UNKNOWN_TOPIC_OR_PARTITION])
def test_records_go_on_to_a_topic_that_was_deleted_and_made_anew(code: Code) -> None:
    cluster = delivering()
    request = cluster.send_alone(b"second")
    assert request.request.topic_data[0].topic_id == cluster.topic_id
    cluster.topic_id, cluster.leaders[0] = bytes(16)[:-1] + b"\x07", (1, 0)

    cluster.answer(request, code)
    cluster.advance(SECOND_US)

    (again,) = cluster.waiting
    assert again.request.topic_data[0].topic_id == cluster.topic_id
    assert again.batches == request.batches, "under the same sequence"
    cluster.answer(again)
    assert cluster.delivered == [b"first", b"second"]


def test_a_topic_that_is_gone_for_a_while_is_waited_for() -> None:
    cluster = delivering(linger_ms=0)
    cluster.topic_error = Code.UNKNOWN_TOPIC_OR_PARTITION
    cluster.send(b"second")
    for _ in range(5):
        cluster.answer(code=Code.UNKNOWN_TOPIC_ID)
        cluster.advance(2 * SECOND_US)
    cluster.topic_error, cluster.topic_id = Code.NONE, bytes(15) + b"\x08"
    cluster.answer(code=Code.UNKNOWN_TOPIC_ID)
    cluster.advance(2 * SECOND_US)

    assert cluster.waiting[0].request.topic_data[0].topic_id == cluster.topic_id
    cluster.answer()
    assert cluster.delivered == [b"first", b"second"]


def test_an_answer_under_the_old_id_is_still_understood() -> None:
    cluster = delivering(linger_ms=0)
    request = cluster.send_alone(b"second")
    cluster.topic_id = bytes(15) + b"\x09"
    cluster.want_metadata()
    cluster.advance(SECOND_US)

    cluster.answer(request)

    assert cluster.delivered == [b"first", b"second"]
