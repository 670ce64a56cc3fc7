"""A broker of the tests' own that says what it is told to of brokers and topics, and takes every record: for either producer."""

from __future__ import annotations

import itertools
import socketserver
import threading
from collections.abc import Callable
from typing import Self

from producer.errors import Code
from producer.wire.api import SUPPORTED, ApiKey, RequestHeader, decode_request_header, encode_response
from producer.wire.codec import decode, encode
from producer.wire.frames import FrameReader
from producer.wire.messages import api_versions, metadata, produce

RECEIVE_BYTES = 1 << 16
SPOKEN = (ApiKey.PRODUCE, ApiKey.METADATA, ApiKey.API_VERSIONS)
API_VERSIONS_MAX = 4

Says = Callable[[metadata.MetadataBroker], metadata.MetadataResponse]
"""What it says, given who it is."""


class OddBroker:
    """Listens on 127.0.0.1 as long as the `with` block lasts."""

    def __init__(self, says: Says) -> None:
        self.asked = 0
        """Questions for metadata."""
        self.connections = 0
        self._says = says
        self._offsets = itertools.count()
        broker = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                broker.connections += 1
                reader = FrameReader()
                while data := self.request.recv(RECEIVE_BYTES):
                    for payload in reader.feed(data):
                        self.request.sendall(broker.answer(payload))

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def answer(self, payload: bytes) -> bytes:
        """Give the frame that answers a request."""
        header, position = decode_request_header(payload)
        version, body = header.api_version, payload[position:]
        match header.api_key:
            case ApiKey.API_VERSIONS:
                return self._tell_versions(header)
            case ApiKey.METADATA:
                answer = encode(self._tell_metadata(decode(metadata.MetadataRequest, body, version)), version)
            case _:
                answer = encode(self._take(decode(produce.ProduceRequest, body, version)), version)
        return encode_response(header.api_key, version, header.correlation_id, answer)

    def _tell_versions(self, header: RequestHeader) -> bytes:
        ranges = tuple(api_versions.ApiVersion(key, *SUPPORTED[key]) for key in SPOKEN)
        is_too_new = header.api_version > API_VERSIONS_MAX
        version = 0 if is_too_new else header.api_version
        told = api_versions.ApiVersionsResponse(Code.UNSUPPORTED_VERSION if is_too_new else Code.NONE, ranges)
        return encode_response(header.api_key, version, header.correlation_id, encode(told, version))

    def _tell_metadata(self, request: metadata.MetadataRequest) -> metadata.MetadataResponse:
        self.asked += 1
        wanted = [topic.name for topic in request.topics or ()]
        host, port = self._server.server_address[:2]
        told = self._says(metadata.MetadataBroker(1, str(host), port))
        return told._replace(topics=tuple(topic for topic in told.topics if topic.name in wanted))

    def _take(self, request: produce.ProduceRequest) -> produce.ProduceResponse:
        return produce.ProduceResponse(
            responses=tuple(
                produce.ProduceTopicResponse(
                    topic.name,
                    topic.topic_id,
                    tuple(
                        produce.ProducePartitionResponse(index, Code.NONE, next(self._offsets))
                        for index, _ in topic.partition_data
                    ),
                )
                for topic in request.topic_data
            )
        )
