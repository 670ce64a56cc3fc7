"""A broker on a real socket that knows one topic of one partition, and answers Produce as a test tells it to."""

from __future__ import annotations

import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from enum import Enum
from typing import Self

from producer.wire.api import SUPPORTED, ApiKey, RequestHeader, decode_request_header, encode_response
from producer.wire.codec import decode, encode
from producer.wire.frames import FrameReader
from producer.wire.messages import api_versions, init_producer_id, metadata, produce
from producer.wire.record_batch import decode_records

TOPIC = "orders"
TOPIC_ID = bytes(range(16))
RECEIVE_BYTES = 1 << 16
PRODUCE_KEY = ApiKey.PRODUCE.to_bytes(2)
"""What stands behind the size of a frame."""
JOIN_S = 60


class Behaviour(Enum):
    """What becomes of one answer to Produce. The records are taken whatever it is."""

    HONEST = "the whole answer"
    SILENT = "nothing, and nothing more on that connection"
    HALF_AND_SILENT = "half of it, and nothing more on that connection"
    HALF_AND_CLOSED = "half of it, and then the connection ends"
    GARBAGE = "bytes that are no answer"


class OneBroker:
    """Listens on 127.0.0.1 as long as the `with` block lasts. One thread a connection, so that each may hang alone."""

    def __init__(
        self, *behaviours: Behaviour, is_mute: bool = False, hears_ends: bool = True, hears_produce: bool = True
    ) -> None:
        """Answers to Produce follow `behaviours`, and are honest then. One that `is_mute` accepts, and answers nothing at all."""
        self.behaviours = deque(behaviours)
        self.values: list[bytes | None] = []
        """Of the records taken, in order."""
        self.is_mute = is_mute
        self.hears_ends = hears_ends
        """Whether it ends its side of a connection that the client has ended."""
        self.hears_produce = hears_produce
        """Whether it goes on reading a connection when a Produce request begins there."""
        self.when_taken: Callable[[], object] = lambda: None
        """Called before records that were taken are answered, in the thread of their connection."""
        self.tells_metadata: Callable[[], metadata.MetadataResponse] = self._metadata
        """What it says of the cluster: that it is alone, if nobody knows better."""
        self._is_over = False
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        if not hears_produce:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        self.connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    @property
    def address(self) -> str:
        host, port = self._listener.getsockname()
        return f"{host}:{port}"

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._is_over = True
        self._ended.set()
        # An accept that waits is not ended by close.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.end_connections()
        for connection in list(self.connections):
            connection.close()
        for thread in self._threads:
            thread.join(JOIN_S)

    def end_connections(self) -> None:
        """End each of them, and go on listening."""
        for connection in list(self.connections):
            with _gone():
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._is_over:
            # It may also have too few files left to accept.
            with _gone():
                connection, _ = self._listener.accept()
                self.connections.append(connection)
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        reader = FrameReader()
        is_silent = self.is_mute
        with connection if self.hears_ends else nullcontext(), _gone():
            while data := connection.recv(RECEIVE_BYTES):
                if not self.hears_produce and data[4:6] == PRODUCE_KEY:
                    self._ended.wait()
                for payload in reader.feed(data):
                    header, position = decode_request_header(payload)
                    frame = self._answer(header, payload[position:])
                    behaviour = Behaviour.HONEST
                    if header.api_key == ApiKey.PRODUCE and self.behaviours:
                        behaviour = self.behaviours.popleft()
                    if is_silent or behaviour is Behaviour.SILENT:
                        is_silent = True
                        continue
                    half = frame[: len(frame) // 2]
                    match behaviour:
                        case Behaviour.HALF_AND_SILENT:
                            is_silent = True
                            connection.sendall(half)
                        case Behaviour.HALF_AND_CLOSED:
                            connection.sendall(half)
                            return
                        case Behaviour.GARBAGE:
                            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                        case _:
                            connection.sendall(frame)

    def _answer(self, header: RequestHeader, body: bytes) -> bytes:
        version = header.api_version
        match header.api_key:
            case ApiKey.API_VERSIONS:
                ranges = tuple(api_versions.ApiVersion(key, *spoken) for key, spoken in SUPPORTED.items())
                answer = encode(api_versions.ApiVersionsResponse(0, ranges), version)
            case ApiKey.METADATA:
                answer = encode(self.tells_metadata(), version)
            case ApiKey.INIT_PRODUCER_ID:
                answer = encode(init_producer_id.InitProducerIdResponse(0, 0, 7, 0), version)
            case _:
                answer = self._take(decode(produce.ProduceRequest, body, version), version)
                self.when_taken()
        return encode_response(header.api_key, version, header.correlation_id, answer)

    def _metadata(self) -> metadata.MetadataResponse:
        host, port = self._listener.getsockname()
        topic = metadata.MetadataTopic(0, TOPIC, TOPIC_ID, partitions=(metadata.MetadataPartition(0, 0, 1, 1),))
        return metadata.MetadataResponse(brokers=(metadata.MetadataBroker(1, host, port),), topics=(topic,))

    def _take(self, request: produce.ProduceRequest, version: int) -> bytes:
        ((_, topic_id, partitions),) = request.topic_data
        taken = tuple(self._append(index, records) for index, records in partitions)
        return encode(produce.ProduceResponse((produce.ProduceTopicResponse(TOPIC, topic_id, taken),)), version)

    def _append(self, partition: int, records: bytes | None) -> produce.ProducePartitionResponse:
        assert records is not None
        base_offset = len(self.values)
        self.values += [record.value for record in decode_records(records)]
        return produce.ProducePartitionResponse(partition, 0, base_offset)


@contextmanager
def _gone() -> Iterator[None]:
    """Let a socket be gone: the client, or the end of the test, closed it."""
    try:
        yield
    except OSError:
        return
