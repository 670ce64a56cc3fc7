"""Brokers, in a process of their own, that read acks=0 requests as fast as they come, and keep nothing.

librdkafka's mock cluster answers what asks for no answer, and a client ends such a connection.
"""

from __future__ import annotations

import socket
import sys
import threading
from contextlib import AbstractContextManager, suppress

from producer.wire.api import SUPPORTED, ApiKey, decode_request_header, encode_response
from producer.wire.codec import encode
from producer.wire.messages import api_versions, metadata
from tests.bench.mock_cluster import BROKERS, PARTITIONS, TOPIC
from tests.bench.processes import running

TOPIC_ID = bytes(range(16))
SIZE_BYTES = 4
READ_BYTES = 1 << 20
PRODUCE = ApiKey.PRODUCE.to_bytes(2)


def sink() -> AbstractContextManager[str]:
    """Give the bootstrap addresses of BROKERS brokers that lead the PARTITIONS partitions of TOPIC."""
    return running("tests.bench.sink", what="the sink")


def accept(listener: socket.socket, ports: list[int]) -> None:
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, ports), daemon=True).start()


def serve(client: socket.socket, ports: list[int]) -> None:
    """Read one connection to its end: Produce is thrown away, everything else answered."""
    with client, suppress(ConnectionError), client.makefile("rb", buffering=READ_BYTES) as stream:
        while begin := stream.read(SIZE_BYTES + len(PRODUCE)):
            size, api_key = begin[:SIZE_BYTES], begin[SIZE_BYTES:]
            rest = stream.read(int.from_bytes(size) - len(api_key))
            if api_key != PRODUCE:
                client.sendall(answer(api_key + rest, ports))


def answer(request: bytes, ports: list[int]) -> bytes:
    header, _ = decode_request_header(request)
    version = header.api_version
    if header.api_key == ApiKey.API_VERSIONS:
        ranges = tuple(api_versions.ApiVersion(key, *spoken) for key, spoken in SUPPORTED.items())
        body = encode(api_versions.ApiVersionsResponse(0, ranges), version)
    else:
        assert header.api_key == ApiKey.METADATA, header
        partitions = tuple(
            metadata.MetadataPartition(0, number, number % BROKERS + 1, 1) for number in range(PARTITIONS)
        )
        body = encode(
            metadata.MetadataResponse(
                brokers=tuple(
                    metadata.MetadataBroker(place + 1, "127.0.0.1", port) for place, port in enumerate(ports)
                ),
                topics=(metadata.MetadataTopic(0, TOPIC, TOPIC_ID, partitions=partitions),),
            ),
            version,
        )
    return encode_response(header.api_key, version, header.correlation_id, body)


def main() -> None:
    """Listen until stdin ends."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(BROKERS)]
    ports = [one.getsockname()[1] for one in listeners]
    for one in listeners:
        threading.Thread(target=accept, args=(one, ports), daemon=True).start()
    print(",".join(f"127.0.0.1:{port}" for port in ports), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
