"""Our own producer under a quota: it waits as it is told, its metrics say so, and it is never found sending meanwhile."""

from collections.abc import Generator
from typing import Any

import pytest

from producer.config.config import ProducerConfig
from producer.metrics.registry import MetricName
from producer.records import Record
from sim.clients.drivers import SimProducer
from sim.trace.events import ClientThrottled, RequestReceived
from sim.world.units import MILLISECOND_US
from tests.unit.sim.raw_client import Lab

TAGS = (("client-id", "producer-1"),)
AVERAGE, MAXIMUM = (MetricName("producer-metrics", f"produce-throttle-time-{kind}", TAGS) for kind in ("avg", "max"))


def written(lab: Lab, *, records: int = 8, **properties: str) -> SimProducer:
    """Let a producer write records of 5,000 bytes, each by itself."""
    servers = ",".join(f"{host}:{port}" for host, port in lab.cluster.bootstrap)
    given = {"bootstrap.servers": servers, "batch.size": "5000", "linger.ms": "0"}
    given |= {name.replace("_", "."): value for name, value in properties.items()}
    producer = SimProducer(lab.cluster, ProducerConfig.from_properties(given))

    def story() -> Generator[Any, Any, None]:
        for number in range(records):
            yield from producer.send(Record("orders", bytes(5_000)), number)
        yield from producer.flush()

    process = lab.world.story(story())
    assert lab.world.run_while(lambda: not process.triggered, until_us=lab.world.now_us + 10**9, events_max=10**7)
    return producer


def test_metrics_tell_how_long_it_was_asked_to_wait() -> None:
    lab = Lab(quotas=("client-id=producer-1 producer_byte_rate=2000",))

    metrics = written(lab).metrics()

    waits_ms = [event.throttle_us / MILLISECOND_US for event in lab.trace if isinstance(event, ClientThrottled)]
    assert metrics[MAXIMUM] == max(waits_ms)
    assert 0 < metrics[AVERAGE] < metrics[MAXIMUM]


def test_without_a_quota_they_stay_at_nothing() -> None:
    assert written(Lab()).metrics()[MAXIMUM] == pytest.approx(0)


def test_nothing_reaches_a_broker_that_asked_for_a_pause_but_what_was_on_its_way() -> None:
    lab = Lab(quotas=("client-id=producer-1 producer_byte_rate=2000",))

    written(lab, max_in_flight_requests_per_connection="1")

    pauses = [(one.at_us, one.at_us + one.throttle_us) for one in lab.trace if isinstance(one, ClientThrottled)]
    received = [one.at_us for one in lab.trace if isinstance(one, RequestReceived) and one.api == "Produce"]
    assert pauses
    assert not [at_us for at_us in received for began_us, ends_us in pauses if began_us < at_us < ends_us]
