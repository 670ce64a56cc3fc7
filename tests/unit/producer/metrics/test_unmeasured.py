"""A producer that is not measured counts nothing, says so when asked, and does all else as before."""

from collections.abc import Generator
from typing import Any

import pytest

from producer.config.config import ProducerConfig
from producer.metrics import ProducerMetrics
from producer.metrics.unmeasured import Unmeasured
from producer.records import Record
from sim.clients.drivers import SimProducer
from sim.cluster.topic_config import TopicConfig
from tests.unit.sim.raw_client import Lab


def test_everything_that_would_be_counted_is_forgotten() -> None:
    told = {name for name, value in vars(ProducerMetrics).items() if callable(value) and not name.startswith("_")}

    assert told <= set(vars(Unmeasured))


def test_asked_for_metrics_it_raises_and_its_records_are_written() -> None:
    lab = Lab(TopicConfig("orders"))
    lab.settle()
    servers = ",".join(f"{host}:{port}" for host, port in lab.cluster.bootstrap)
    config = ProducerConfig.from_properties({"bootstrap.servers": servers})
    producer = SimProducer(lab.cluster, config, is_measured=False)

    def application() -> Generator[Any, Any, None]:
        yield from producer.send(Record("orders", b"v"), 1)
        yield from producer.flush()

    lab.world.story(application())
    lab.run(1)

    assert lab.client.read() != []
    with pytest.raises(ValueError, match="made without them"):
        producer.metrics()
