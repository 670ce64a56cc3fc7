"""One client's connection as a function (sans-IO), by h11: bytes in, requests out; replies in, bytes out; one after the other."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import h11

from sim.registry.core.errors import RegistryCode, RegistryError
from sim.registry.rest.messages import BODY_BYTES_MAX, Reply, Request, refusal

HEAD_BYTES_MAX = 65_536
FORWARDED = "x-forward"
"""The header by which registries tell each other that a request was passed on."""


class Connection:
    """Feed it what comes in, answer each request that it gives, and write what it wants written."""

    def __init__(self) -> None:
        """Nothing was received yet."""
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES_MAX)
        self._head: h11.Request | None = None
        self._body = bytearray()
        self._out: list[bytes] = []
        self._is_answering = False
        self.is_over = False
        """Whether it is to be closed, behind what is to be written."""

    @property
    def is_idle(self) -> bool:
        """Whether no request has begun, nor waits for its answer."""
        return self._http.their_state is h11.IDLE and not self._http.trailing_data[0]

    def receive(self, data: bytes) -> Request | None:
        """Take bytes, b"" for the end of them; give the next request once it is whole. Call `advance` after its answer."""
        if self.is_over:
            return None
        self._http.receive_data(data)
        return self.advance()

    def advance(self) -> Request | None:
        """Give the next request, if it is there already and the one before is answered."""
        if self._is_answering or self.is_over:
            return None
        try:
            return self._next()
        except h11.RemoteProtocolError as error:
            code = HTTPStatus(error.error_status_hint)
            self._refuse(RegistryError(RegistryCode.BAD_REQUEST, f"this is no HTTP request: {error}"), code)
        except RegistryError as error:
            self._refuse(error)
        return None

    def answer(self, reply: Reply) -> None:
        """Answer the request that was given last."""
        assert self._is_answering, "nothing was asked"
        assert self._head is not None
        self._send(reply, wants_body=self._head.method != b"HEAD")
        self._is_answering = False
        self._head = None
        self._body.clear()
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
        else:
            self.is_over = True

    def time_out(self) -> None:
        """Give up on a client that began a request and does not end it."""
        if not self.is_over and not self._is_answering:
            self._refuse(RegistryError(RegistryCode.TIMED_OUT, "no whole request within the time"))

    def take_output(self) -> bytes:
        """Take what is to be written."""
        out, self._out = b"".join(self._out), []
        return out

    def _next(self) -> Request | None:
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                if self._http.they_are_waiting_for_100_continue:
                    self._write(h11.InformationalResponse(status_code=HTTPStatus.CONTINUE, headers=[]))
                return None
            if isinstance(event, h11.Request):
                self._begin(event)
            elif isinstance(event, h11.Data):
                self._body += event.data
                self._check_size(len(self._body))
            elif isinstance(event, h11.EndOfMessage):
                return self._whole()
            else:
                # The client has closed, in the middle of a request or between two.
                self.is_over = True
                return None

    def _begin(self, head: h11.Request) -> None:
        self._head = head
        for name, value in head.headers:
            if name == b"content-length":
                self._check_size(int(value))

    def _check_size(self, size: int) -> None:
        if size > BODY_BYTES_MAX:
            raise RegistryError(
                RegistryCode.BODY_TOO_LARGE, f"the body has {size} bytes, at most {BODY_BYTES_MAX} are read"
            )

    def _whole(self) -> Request:
        assert self._head is not None
        self._is_answering = True
        fields = {bytes(name).decode("ascii"): bytes(value).decode("latin-1") for name, value in self._head.headers}
        return Request(
            bytes(self._head.method).decode("ascii"),
            bytes(self._head.target).decode("ascii"),
            bytes(self._body),
            fields.get("content-type", ""),
            fields.get(FORWARDED, "").lower() == "true",
        )

    def _refuse(self, error: RegistryError, status: HTTPStatus | None = None) -> None:
        """Answer what was not read, and end: what is left of it is no next request."""
        self.is_over = True
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            reply = refusal(error)
            self._send(reply._replace(status=status or reply.status), wants_body=True, closes=True)

    def _send(self, reply: Reply, *, wants_body: bool, closes: bool = False) -> None:
        headers = [("Content-Type", reply.content_type), ("Content-Length", str(len(reply.body)))]
        if closes:
            headers.append(("Connection", "close"))
        self._write(h11.Response(status_code=reply.status, headers=headers, reason=reply.status.phrase.encode()))
        if wants_body:
            self._write(h11.Data(data=reply.body))
        self._write(h11.EndOfMessage())

    def _write(self, event: Any) -> None:
        self._out.append(self._http.send(event) or b"")
