"""A simulated producer's metrics: exact, and the same whenever the same run is run again."""

import math
from typing import Any

import pytest

from producer.metrics import Measured
from producer.records import Record
from sim.world.units import SECOND_US
from tests.unit.sim.clients.test_drivers import Stage


def run(*, seed: int = 1, **properties: Any) -> tuple[Measured, Measured]:
    """send 200 records; give the metrics amid and at the end."""
    stage = Stage(seed=seed, **properties)

    def story() -> Any:
        for number in range(200):
            yield from stage.producer.send(Record("orders", b"v" * 200, b"k%d" % (number % 7)), number)
            yield stage.world.timeout(1_000)
        amid = stage.producer.metrics()
        yield from stage.producer.flush()
        return amid

    amid = stage.play(story())
    stage.world.run_until(stage.world.now_us + SECOND_US)
    return amid, stage.producer.metrics()


@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
def test_the_same_seed_measures_the_same_to_the_last_bit(level: str) -> None:
    first, again = run(metrics_recording_level=level), run(metrics_recording_level=level)

    for one, other in zip(first, again, strict=True):
        assert list(one) == list(other)
        # As text, for NaN is not equal to itself.
        assert [repr(value) for value in one.values()] == [repr(value) for value in other.values()]


def test_another_seed_measures_other_latencies() -> None:
    (_, first), (_, other) = run(seed=1), run(seed=2)

    assert first.value("request-latency-avg") != other.value("request-latency-avg")


def test_what_is_measured_adds_up() -> None:
    amid, at_end = run()

    assert amid.value("record-send-total") <= at_end.value("record-send-total") == 200
    assert at_end.value("record-error-total") == at_end.value("record-retry-total") == 0
    assert at_end.value("requests-in-flight") == 0
    assert at_end.value("request-total") == at_end.value("response-total")
    assert at_end.value("buffer-available-bytes") == at_end.value("buffer-total-bytes")
    assert 0 < at_end.value("request-latency-p50") <= at_end.value("request-latency-max")
    assert at_end.value("record-latency-avg") >= at_end.value("request-latency-avg")
    assert at_end.value("record-queue-time-max") >= 5
    by_node = [
        value
        for name, value in at_end.items()
        if name.group == "producer-node-metrics" and name.name == "request-total"
    ]
    assert sum(by_node) == at_end.value("request-total")


def test_nobody_measures_sockets_that_do_not_exist() -> None:
    _, at_end = run()

    assert at_end.value("select-total") == 0
    assert math.isnan(at_end.value("io-time-ns-avg"))
