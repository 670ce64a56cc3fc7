"""One connection to a schema registry: requests out, answers in, one after the other, as h11 has HTTP/1.1."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any, NamedTuple

import h11

from producer.errors import MalformedError

if TYPE_CHECKING:
    from producer.serialization.registry.calls import Call
    from producer.serialization.registry.settings import Place

HEAD_BYTES_MAX = 1 << 16
BODY_BYTES_MAX = 8 << 20
"""A schema of a megabyte, escaped, with what it refers to named."""

CONTENT_TYPE = "application/vnd.schemaregistry.v1+json"


class Answer(NamedTuple):
    """What a registry said."""

    status: int
    told: Any
    """The JSON in it."""


class Exchange:
    """The HTTP of one connection."""

    __slots__ = ("_body", "_http", "_place", "_size", "_status", "was_used")

    def __init__(self, place: Place) -> None:
        self._place = place
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_BYTES_MAX)
        self._status = 0
        self._body: list[bytes] = []
        self._size = 0
        self.was_used = False
        """Whether an answer came on it: its peer may have ended it since."""

    def request(self, call: Call) -> bytes:
        """Give the bytes of a request."""
        body = call.body or b""
        headers = [
            ("Host", f"{self._place.host}:{self._place.port}"),
            ("Accept", CONTENT_TYPE),
            ("User-Agent", "acklab"),
        ]
        if call.body is not None:
            headers += [("Content-Type", CONTENT_TYPE), ("Content-Length", str(len(body)))]
        if self._place.user_info:
            headers.append(("Authorization", f"Basic {b64encode(self._place.user_info.encode()).decode()}"))
        head = h11.Request(method=call.method, target=self._place.path + call.path, headers=headers)
        return b"".join(
            self._http.send(event) or b""
            for event in ((head, h11.Data(data=body), h11.EndOfMessage()) if body else (head, h11.EndOfMessage()))
        )

    def received(self, data: bytes) -> Answer | None:
        """Take bytes, none for the end of the connection; give the answer once it is whole. Raises MalformedError."""
        try:
            self._http.receive_data(data)
            while True:
                event = self._http.next_event()
                if event is h11.NEED_DATA or event is h11.PAUSED:
                    return None
                if isinstance(event, h11.Response):
                    self._status = event.status_code
                elif isinstance(event, h11.Data):
                    self._size += len(event.data)
                    if self._size > BODY_BYTES_MAX:
                        raise MalformedError(f"answered more than {BODY_BYTES_MAX} bytes")
                    self._body.append(bytes(event.data))
                elif isinstance(event, h11.EndOfMessage):
                    return self._whole()
                elif isinstance(event, h11.ConnectionClosed):
                    return None
        except h11.RemoteProtocolError as error:
            raise MalformedError(f"answered what is no HTTP: {error}") from error

    @property
    def may_go_on(self) -> bool:
        """Whether another request may be made on it."""
        return self._http.our_state is h11.IDLE

    def _whole(self) -> Answer:
        body, self._body, self._size = b"".join(self._body), [], 0
        self.was_used = True
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
        if not body:
            return Answer(self._status, None)
        try:
            return Answer(self._status, json.loads(body))
        except (ValueError, RecursionError) as error:
            raise MalformedError(f"answered HTTP {self._status} with what is no JSON: {body[:60]!r}") from error
