"""A quota slows a producer down, and that is all it does."""

import time

from tests.interop.apache_kafka import ApacheKafka
from tests.interop.side_by_side import SideBySide, Stage

QUOTA_BYTES_PER_S = 20_000
BATCH_BYTES = 5_000
BATCHES = 12
BATCHES_UNTHROTTLED_MAX = 50
"""A broker averages over the last seconds, so it lets some pass before it slows anybody down."""
THROTTLE_METRIC = "produce-throttle-time-max"


def send_batch(both: SideBySide) -> None:
    both.send(partition=0, value_bytes=BATCH_BYTES)
    both.wait_told()


def are_throttled(both: SideBySide) -> bool:
    return all(side.producer.metrics()[THROTTLE_METRIC] > 0 for side in both.sides)


def test_a_quota_slows_down_and_loses_nothing(kafka: ApacheKafka, stage: Stage) -> None:
    both = stage.start({"batch.size": BATCH_BYTES})
    for topic in both.topics:
        kafka.admin.set_quota(client_id=topic, producer_byte_rate=QUOTA_BYTES_PER_S)

    while not are_throttled(both):
        assert both.sent < BATCHES_UNTHROTTLED_MAX
        send_batch(both)
    began_s = time.monotonic()
    for _ in range(BATCHES):
        both.send(partition=0, value_bytes=BATCH_BYTES)
    both.wait_told()
    took_s = time.monotonic() - began_s

    both.judge()
    both.assert_alike()
    assert both.ours.producer.acknowledged == both.sent
    # Half of what the quota says: what is in flight when an answer asks for a pause is not held back.
    assert took_s > BATCHES * BATCH_BYTES / QUOTA_BYTES_PER_S / 2
