"""An answer lost with its connection: the retry is known to be one with idempotence, and written again without."""

import pytest

from tests.interop.reading import read_topic
from tests.interop.side_by_side import Stage


@pytest.mark.parametrize(("idempotence", "left"), [(True, [0, 1, 2]), (False, [0, 1, 1, 2])])
def test_a_record_whose_answer_is_lost(stage: Stage, idempotence: bool, left: list[int]) -> None:
    both = stage.start({"linger.ms": 0, "enable.idempotence": idempotence}, is_proxied=True)
    both.send(partition=0)
    both.wait_told()

    for proxy in both.proxies:
        proxy.hold()
    both.send(partition=0)
    for proxy in both.proxies:
        proxy.wait_held(1)
        proxy.lose_next_answer()
        proxy.release()
        proxy.wait_lost()
    # Not before: on the connection that is being cut a second record could be lost too, and then be retried first.
    both.wait_told()
    both.send(partition=0)
    both.wait_told()

    for side in both.sides:
        assert [int(record.value) for record in read_topic(stage.kafka.bootstrap, side.topic)] == left
    assert both.ours.producer.acknowledged == both.java.producer.acknowledged == both.sent
    both.assert_alike()
