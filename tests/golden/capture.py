"""Capture what librdkafka says on the wire: `python -m tests.golden.capture` writes `librdkafka/*.frames` anew.

A librdkafka producer talks to librdkafka's own mock cluster through a proxy on 127.0.0.1 that notes each frame. Nobody's
code but librdkafka's writes these bytes, so that our codecs are held to another implementation than ourselves.

One file a story, one line a frame: `request` or `response`, the API's name, its version, and the whole frame in hex,
length prefix included. Responses are noted as the mock cluster sent them. Nothing of this machine goes in but port numbers;
a new capture differs from an old one in ports, producer ids and correlation ids alone.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

from confluent_kafka import Producer

from producer.wire.api import SUPPORTED, ApiKey, decode_request_header, read_correlation_id
from producer.wire.compression import Codec
from producer.wire.frames import FrameReader, frame

HERE = Path(__file__).parent / "librdkafka"
TOPIC = "golden"
TIMESTAMP_MS = 1_700_000_000_000
WAIT_S = 30.0
CHUNK_BYTES = 65_536

# Enough alike to be compressed, and one of each kind: keyed, without key, without value, with headers.
RECORDS: list[tuple[bytes | None, bytes | None, list[tuple[str, str | bytes | None]]]] = [
    (b"key-0", b"golden value " * 12, []),
    (None, b"golden value " * 12, []),
    (b"key-2", None, []),
    (b"key-3", b"golden value " * 12, [("trace", b"one"), ("empty", b""), ("null", None)]),
    (b"key-4", b"", []),
]

COMMON = {
    "client.id": "golden",
    "linger.ms": 50,
    "enable.metrics.push": False,
}


class Proxy:
    """Between one client and one broker: carries bytes both ways, notes frames, and stays in between.

    The broker's Metadata answers name its port; the client must read the proxy's in its place.
    """

    def __init__(self, broker_port: int) -> None:
        """Listen on a free port of 127.0.0.1."""
        self.broker_port = broker_port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.lines: list[tuple[str, ApiKey, int, bytes]] = []
        self.sockets: list[socket.socket] = [self.listener]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        """Join each client's connection to one of its own at the broker."""
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            broker = socket.create_connection(("127.0.0.1", self.broker_port))
            self.sockets += (client, broker)
            asked: dict[int, tuple[ApiKey, int]] = {}
            threading.Thread(target=self.carry_requests, args=(client, broker, asked), daemon=True).start()
            threading.Thread(target=self.carry_responses, args=(broker, client, asked), daemon=True).start()

    def carry_requests(
        self, client: socket.socket, broker: socket.socket, asked: dict[int, tuple[ApiKey, int]]
    ) -> None:
        """Carry requests on as they are."""
        for payload in frames_of(client):
            header, _ = decode_request_header(payload)
            if header.api_key in SUPPORTED:
                api_key = ApiKey(header.api_key)
                asked[header.correlation_id] = (api_key, header.api_version)
                self.lines.append(("request", api_key, header.api_version, frame(payload)))
            broker.sendall(frame(payload))

    def carry_responses(
        self, broker: socket.socket, client: socket.socket, asked: dict[int, tuple[ApiKey, int]]
    ) -> None:
        """Carry responses back, the broker's port in them changed to the proxy's."""
        theirs, ours = (port.to_bytes(4, "big") for port in (self.broker_port, self.port))
        for payload in frames_of(broker):
            known = asked.pop(read_correlation_id(payload), None)
            carried = payload
            if known is not None:
                self.lines.append(("response", *known, frame(payload)))
                if known[0] is ApiKey.METADATA:
                    carried = payload.replace(theirs, ours)
            client.sendall(frame(carried))

    def close(self) -> None:
        """Hang up everywhere."""
        for each in self.sockets:
            each.close()


def frames_of(source: socket.socket) -> Iterator[bytes]:
    """Give the payloads a socket brings, as they come."""
    reader = FrameReader()
    while True:
        try:
            data = source.recv(CHUNK_BYTES)
        except OSError:
            return
        if not data:
            return
        yield from reader.feed(data)


def capture(broker_port: int, config: dict[str, object]) -> list[tuple[str, ApiKey, int, bytes]]:
    """Send the records once with this configuration; give what was said."""
    proxy = Proxy(broker_port)
    producer = Producer(COMMON | {"bootstrap.servers": f"127.0.0.1:{proxy.port}"} | config)
    for key, value, headers in RECORDS:
        producer.produce(TOPIC, value, key, partition=0, timestamp=TIMESTAMP_MS, headers=headers)
    left = producer.flush(WAIT_S)
    del producer
    proxy.close()
    if left:
        msg = f"{left} records were not acknowledged within {WAIT_S} s"
        raise SystemExit(msg)
    return proxy.lines


def write(name: str, lines: list[tuple[str, ApiKey, int, bytes]], wanted: set[ApiKey]) -> None:
    """Write one story; of frames that repeat, as Metadata, the first of each version."""
    seen: set[tuple[str, ApiKey, int]] = set()
    rows = []
    for kind, api_key, version, whole in lines:
        is_repeated = (kind, api_key, version) in seen and api_key is not ApiKey.PRODUCE
        seen.add((kind, api_key, version))
        if api_key in wanted and not is_repeated:
            rows.append(f"{kind} {api_key.name} {version} {whole.hex()}\n")
    path = HERE / f"{name}.frames"
    path.write_text("".join(rows))
    print(f"{path.name}: {len(rows)} frames, {path.stat().st_size} bytes")


def main() -> None:
    """Start a mock cluster and tell each story."""
    HERE.mkdir(exist_ok=True)
    mock = Producer({"test.mock.num.brokers": 1})
    (broker,) = mock.list_topics(timeout=WAIT_S).brokers.values()
    for codec in Codec:
        name = codec.name.lower()
        lines = capture(broker.port, {"compression.type": name, "enable.idempotence": False})
        first = set(ApiKey) if codec is Codec.NONE else {ApiKey.PRODUCE}
        write(f"plain-{name}", lines, first)
    for name in ("none", "lz4"):
        lines = capture(broker.port, {"compression.type": name, "enable.idempotence": True})
        write(f"idempotent-{name}", lines, {ApiKey.INIT_PRODUCER_ID, ApiKey.PRODUCE})


if __name__ == "__main__":
    main()
