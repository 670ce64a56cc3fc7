"""Messages to bytes and back: Produce and Fetch of 2 topics x 6 partitions of 16 KB, Metadata of 10 x 6; kio for comparison.

µs a message are the processor seconds a million. `first use` is what compiling one (message, version) costs, once a process.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.bench.case import Case, Measured, stopwatch

MESSAGES = 20_000
WARM_UP = 100
RECORDS = b"r" * 16_000
NAMES = [f"orders-{number}" for number in range(10)]


def measured(call: Callable[[], object], amount: int = MESSAGES) -> Measured:
    for _ in range(WARM_UP):
        call()
    with stopwatch() as watch:
        for _ in range(amount):
            call()
    return watch.measured(amount)


def produce_request() -> Any:
    from producer.wire.messages.produce import ProducePartition, ProduceRequest, ProduceTopic

    partitions = tuple(ProducePartition(index, RECORDS) for index in range(6))
    return ProduceRequest(None, -1, 30_000, tuple(ProduceTopic(name, partition_data=partitions) for name in NAMES[:2]))


def produce_response() -> Any:
    from producer.wire.messages.produce import ProducePartitionResponse, ProduceResponse, ProduceTopicResponse

    partitions = tuple(ProducePartitionResponse(index, 0, 77, -1, 0) for index in range(6))
    return ProduceResponse(tuple(ProduceTopicResponse(name, partition_responses=partitions) for name in NAMES[:2]))


def fetch_request() -> Any:
    from producer.wire.messages.fetch import FetchPartition, FetchRequest, FetchTopic

    partitions = tuple(FetchPartition(index, 4, 77, partition_max_bytes=1 << 20) for index in range(6))
    topics = tuple(FetchTopic(name, partitions=partitions) for name in NAMES[:2])
    return FetchRequest(max_wait_ms=500, min_bytes=1, topics=topics)


def fetch_response() -> Any:
    from producer.wire.messages.fetch import FetchPartitionResponse, FetchResponse, FetchTopicResponse

    partitions = tuple(FetchPartitionResponse(index, 0, 88, 88, 0, records=RECORDS) for index in range(6))
    return FetchResponse(responses=tuple(FetchTopicResponse(name, partitions=partitions) for name in NAMES[:2]))


def metadata_response() -> Any:
    from producer.wire.messages.metadata import MetadataBroker, MetadataPartition, MetadataResponse, MetadataTopic

    partitions = tuple(MetadataPartition(0, index, index % 3, 4, (0, 1, 2), (0, 1, 2)) for index in range(6))
    topics = tuple(MetadataTopic(0, name, bytes([7]) * 16, partitions=partitions) for name in NAMES)
    brokers = tuple(MetadataBroker(index, f"broker-{index}.example", 9092) for index in range(3))
    return MetadataResponse(brokers=brokers, cluster_id="cluster", controller_id=1, topics=topics)


def encoding(value: Callable[[], Any], version: int) -> Measured:
    from producer.wire.codec import encode

    message = value()
    return measured(lambda: encode(message, version))


def decoding(value: Callable[[], Any], version: int) -> Measured:
    from producer.wire.codec import decode, encode

    message = type(value())
    body = encode(value(), version)
    return measured(lambda: decode(message, body, version))


def kio_metadata(*, reads: bool) -> Measured:
    from kio.index import load_response_schema
    from kio.serial import entity_reader, entity_writer

    from producer.wire.codec import encode

    schema = load_response_schema(3, 12)
    body = encode(metadata_response(), 12)
    read, write = entity_reader(schema), entity_writer(schema)
    entity, _ = read(body, 0)
    return measured(lambda: read(body, 0) if reads else write(io.BytesIO(), entity), MESSAGES // 10)


def first_use() -> Measured:
    from producer.wire.api import ApiKey
    from producer.wire.codec import decode, encode

    messages = [api.message(kind) for api in ApiKey for kind in ("request", "response")]
    assert len(messages) == 2 * len(ApiKey)
    compiled = 0
    with stopwatch() as watch:
        for api in ApiKey:
            for kind in ("request", "response"):
                message = api.message(kind)
                for version in range(api.versions.lowest, api.versions.highest + 1):
                    decode(message, encode(message(), version), version)
                    compiled += 1
    return watch.measured(compiled)


def both_ways(name: str, value: Callable[[], Any], version: int) -> tuple[Case, Case]:
    return (
        Case(f"{name} {version}, encode", "messages", partial(encoding, value, version)),
        Case(f"{name} {version}, decode", "messages", partial(decoding, value, version)),
    )


CASES = (
    *both_ways("Produce request", produce_request, 12),
    *both_ways("Produce response", produce_response, 12),
    *both_ways("Fetch request", fetch_request, 17),
    *both_ways("Fetch response", fetch_response, 17),
    *both_ways("Metadata response", metadata_response, 12),
    Case("Metadata response 12, encode, kio", "messages", partial(kio_metadata, reads=False), reference=True),
    Case("Metadata response 12, decode, kio", "messages", partial(kio_metadata, reads=True)),
    Case("first use, both ways", "messages", first_use),
)
