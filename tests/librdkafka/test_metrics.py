"""What a real producer measures of its own sockets, in real time."""

import asyncio
import itertools
import re

import pytest

from producer import AsyncProducer, Producer
from producer.metrics import prometheus_text

RECORDS = 500
WAIT_S = 30

names = itertools.count(1)


@pytest.fixture
def topic() -> str:
    return f"measured-{next(names)}"


def test_a_producer_measures_what_it_sent_waited_and_worked(bootstrap: str, topic: str) -> None:
    with Producer({"bootstrap.servers": bootstrap, "client.id": "here"}) as producer:
        for index in range(RECORDS):
            producer.send(topic, b"x" * 100, key=b"%d" % index)
        producer.flush(WAIT_S)
        measured = producer.metrics()
    closed = producer.metrics()

    value = measured.value
    assert value("record-send-total") == value("record-send-total", topic=topic) == RECORDS
    assert value("record-error-total") == value("record-retry-total") == value("requests-in-flight") == 0
    assert value("byte-total", topic=topic) > RECORDS * 100
    assert value("outgoing-byte-total") > value("byte-total", topic=topic)
    assert 0 < value("request-latency-p50") <= value("request-latency-p99") <= value("request-latency-max")
    assert value("record-latency-max") >= value("request-latency-max")
    assert value("flush-time-ns-total") > 0
    assert value("metadata-wait-time-ns-total") > 0
    assert value("buffer-available-bytes") == value("buffer-total-bytes")
    assert value("select-total") > 0
    assert 0 < value("io-time-ns-total") < WAIT_S * 1e9
    assert 0 < value("io-wait-time-ns-total") < WAIT_S * 1e9
    assert value("io-ratio") + value("io-wait-ratio") <= 1
    assert value("connection-count") == value("connection-creation-total") >= 2
    assert value("request-total") == value("response-total")
    assert closed.value("connection-count") == 0
    assert closed.value("connection-close-total") == closed.value("connection-creation-total")


def test_its_prometheus_text_is_made_of_comments_and_samples(bootstrap: str, topic: str) -> None:
    with Producer({"bootstrap.servers": bootstrap, "client.id": "here"}) as producer:
        producer.send(topic, b"x").result(WAIT_S)
        text = prometheus_text(producer.metrics())

    sample = re.compile(r'[a-z_0-9]+\{client_id="here"(,[a-z_]+="[^"]*")?\} (NaN|[-+.e0-9]+)')
    comment = re.compile(r"# (HELP|TYPE) [a-z_0-9]+ .+")
    assert all(sample.fullmatch(line) or comment.fullmatch(line) for line in text.splitlines())
    assert f'kafka_producer_topic_record_send_total{{client_id="here",topic="{topic}"}} 1\n' in text


def test_an_async_producer_measures_the_same_but_for_the_sockets(bootstrap: str, topic: str) -> None:
    async def run() -> None:
        async with AsyncProducer({"bootstrap.servers": bootstrap}) as producer:
            for _ in range(RECORDS):
                await producer.send(topic, b"x" * 100)
            await producer.flush(WAIT_S)
            measured = producer.metrics()

        assert measured.value("record-send-total", topic=topic) == RECORDS
        assert measured.value("record-latency-p99") > 0
        assert measured.value("flush-time-ns-total") > 0
        assert measured.value("select-total") == 0

    asyncio.run(run())
