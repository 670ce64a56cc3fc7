"""One request over a stream of its own, and its answer: how a registry asks another one, and whoever else asks a registry."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import h11

from sim.registry.rest.connection import FORWARDED
from sim.registry.rest.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.registry.rest.messages import Request
    from sim.world.network import Endpoint, Host, Network


class Exchange:
    """It is under way from its making on; one of the two callbacks follows, unless its host ends."""

    def __init__(
        self,
        network: Network,
        host: Host,
        address: tuple[str, int],
        request: Request,
        *,
        connection: int,
        timeout_us: int,
        on_reply: Callable[[Reply], object],
        on_failed: Callable[[str], object],
    ) -> None:
        """`connection` is this host's number for it."""
        self._request = request
        self._address = address
        self._on_reply = on_reply
        self._on_failed = on_failed
        self._http = h11.Connection(h11.CLIENT)
        self._endpoint: Endpoint | None = None
        self._status = HTTPStatus.OK
        self._content_type = ""
        self._body = bytearray()
        self._is_over = False
        self._alarm = host.call_in(timeout_us, self._fail, f"no answer within {timeout_us} us")
        self._attempt = network.connect(
            host, network.name_at(address), connection=connection, on_open=self._opened, on_failed=self._fail
        )

    def _opened(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        endpoint.on_received = self._received
        endpoint.on_closed = self._fail
        endpoint.send(self._bytes())

    def _bytes(self) -> bytes:
        request, (host, port) = self._request, self._address
        headers = [("Host", f"{host}:{port}"), ("Content-Length", str(len(request.body))), ("Connection", "close")]
        if request.content_type:
            headers.append(("Content-Type", request.content_type))
        if request.is_forwarded:
            headers.append((FORWARDED, "true"))
        events = (
            h11.Request(method=request.method, target=request.target, headers=headers),
            h11.Data(data=request.body),
            h11.EndOfMessage(),
        )
        return b"".join(self._http.send(event) or b"" for event in events)

    def _received(self, data: bytes) -> None:
        if self._is_over:
            return
        try:
            self._http.receive_data(data)
            self._read()
        except h11.RemoteProtocolError as error:
            self._fail(f"no HTTP: {error}")

    def _read(self) -> None:
        while (event := self._http.next_event()) is not h11.NEED_DATA:
            if isinstance(event, h11.Response):
                self._status = HTTPStatus(event.status_code)
                types = [bytes(value) for name, value in event.headers if name == b"content-type"]
                self._content_type = (types or [b""])[-1].decode("latin-1")
            elif isinstance(event, h11.Data):
                self._body += event.data
            elif isinstance(event, h11.EndOfMessage):
                self._end()
                self._on_reply(Reply(self._status, bytes(self._body), self._content_type))
                return
            elif isinstance(event, h11.ConnectionClosed):
                self._fail("closed in the middle of an answer")
                return

    def _fail(self, reason: str) -> None:
        if not self._is_over:
            self._end()
            self._on_failed(reason)

    def _end(self) -> None:
        self._is_over = True
        self._alarm.cancel()
        self._attempt.abandon()
        if self._endpoint is not None:
            self._endpoint.close()
