"""A leader that stands still and goes on costs nothing, whether or not another one was elected meanwhile."""

import time

import pytest

from tests.interop.apache_kafka import ApacheKafka
from tests.interop.reading import read_topic
from tests.interop.side_by_side import Stage

SHORT_S = 2
"""Well below the time after which a broker counts as dead here (6 s)."""
TIMEOUTS = pytest.mark.parametrize("request_timeout_ms", [30_000, 1_000], ids=["waits", "times out"])


@TIMEOUTS
def test_a_short_pause_loses_and_repeats_nothing(kafka: ApacheKafka, stage: Stage, request_timeout_ms: int) -> None:
    both = stage.start({"request.timeout.ms": request_timeout_ms}, partitions=3)
    leader = both.leader_of(0)

    with both.load():
        both.wait_acknowledged(200)
        kafka.pause(leader)
        time.sleep(SHORT_S)
        kafka.resume(leader)
        both.wait_acknowledged(500)

    both.judge()
    both.assert_alike()
    assert both.leader_of(0) == leader


def test_without_idempotence_a_short_pause_repeats_records(kafka: ApacheKafka, stage: Stage) -> None:
    both = stage.start({"request.timeout.ms": 1_000, "enable.idempotence": False})
    leader = both.leader_of(0)

    both.send(partition=0)
    both.wait_told()
    kafka.pause(leader)
    twice = both.send(partition=0)
    both.wait_metric("record-retry-total")
    kafka.resume(leader)
    both.wait_told()

    # The paused leader finds the record in its socket more than once, and nothing tells it that it is the same.
    for side in both.sides:
        values = [record.value for record in read_topic(kafka.bootstrap, side.topic)]
        assert values.count(f"{twice}") > 1


@TIMEOUTS
def test_a_pause_past_the_session_loses_and_repeats_nothing(
    kafka: ApacheKafka, stage: Stage, request_timeout_ms: int
) -> None:
    both = stage.start({"request.timeout.ms": request_timeout_ms}, partitions=3)
    leader = both.leader_of(0)

    with both.load():
        both.wait_acknowledged(200)
        kafka.pause(leader)
        both.wait_new_leader(0, after=leader)
        kafka.resume(leader)
        both.wait_acknowledged(500)

    both.judge()
    both.assert_alike()
