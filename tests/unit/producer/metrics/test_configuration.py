"""The three properties that metrics have, and the one that is refused."""

from typing import Any

import pytest

from producer.config.config import ProducerConfig
from producer.errors import ConfigError


def config(**properties: Any) -> ProducerConfig:
    given = {name.replace("_", "."): value for name, value in properties.items()}
    return ProducerConfig.from_properties({"bootstrap.servers": "b1:9092"} | given)


def test_the_defaults_are_kafka_s() -> None:
    made = config()

    assert made.metrics_sample_window_ms == 30_000
    assert made.metrics_num_samples == 2
    assert made.metrics_recording_level == "INFO"


@pytest.mark.parametrize(
    "name, value",
    [
        ("metrics.sample.window.ms", 0),
        ("metrics.sample.window.ms", "soon"),
        ("metrics.num.samples", 0),
        ("metrics.num.samples", 2**31),
        ("metrics.recording.level", "WARN"),
        ("metrics.recording.level", "info"),
    ],
)
def test_a_value_out_of_range_is_named(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=name):
        config(**{name: value})


def test_reporters_are_refused_with_what_to_do_instead() -> None:
    with pytest.raises(
        ConfigError, match=r"metric\.reporters is .*, can only be empty here: nothing is pushed.*prometheus_text"
    ):
        config(metric_reporters="org.apache.kafka.common.metrics.JmxReporter")
