"""A batch over the broker's limit is split; a record over a limit fails alone, and takes no other with it."""

from producer.errors import Code
from tests.interop.side_by_side import Stage

LIMITED = {"max.message.bytes": "10000"}
FULL_BATCHES = {"batch.size": 65_536, "linger.ms": 10_000}
"""Enough records to a batch that the topic does not take it."""
OVER_TOPIC_BYTES = 12_000
OVER_REQUEST_BYTES = 1_100_000


def test_a_batch_over_the_topics_limit_is_split_and_everything_arrives(stage: Stage) -> None:
    both = stage.start(FULL_BATCHES, topic_config=LIMITED)

    for _ in range(50):
        both.send(partition=0, value_bytes=1_000)
    both.flush()

    both.wait_metric("batch-split-total")
    both.judge()
    both.assert_alike()
    assert both.ours.producer.acknowledged == both.sent


def test_a_record_over_the_topics_limit_fails_and_the_others_of_its_batch_arrive(stage: Stage) -> None:
    both = stage.start(FULL_BATCHES, topic_config=LIMITED)

    for _ in range(5):
        both.send(partition=0, value_bytes=1_000)
    large = both.send(partition=0, value_bytes=OVER_TOPIC_BYTES)
    for _ in range(5):
        both.send(partition=0, value_bytes=1_000)
    both.flush()
    both.send(partition=0)

    both.judge()
    both.assert_alike()
    assert both.codes(large) == {Code.MESSAGE_TOO_LARGE.name}
    assert both.ours.producer.acknowledged == both.sent - 1


def test_a_record_over_max_request_size_is_refused_before_it_leaves(stage: Stage) -> None:
    both = stage.start({})

    large = both.send(partition=0, value_bytes=OVER_REQUEST_BYTES)
    both.send(partition=0)

    both.judge()
    both.assert_alike()
    assert both.codes(large) == {Code.MESSAGE_TOO_LARGE.name}
    assert both.ours.producer.acknowledged == 1
