"""A gateway in this process, on ports of its own, before a cluster that is served, for clients that block."""

from __future__ import annotations

import asyncio
from threading import Thread
from typing import TYPE_CHECKING, Self

from sim.gateway.tcp.address import Address
from sim.gateway.tcp.gateway import Gateway

if TYPE_CHECKING:
    import ssl
    from types import TracebackType

    from sim.gateway.tcp.crossing import Answering

READY_S_MAX = 120


class Standing:
    """Passes on from `with` to its end."""

    def __init__(
        self,
        enforcement: Answering,
        bootstrap: str,
        *,
        tls: ssl.SSLContext | None = None,
        upstream_tls: ssl.SSLContext | None = None,
    ) -> None:
        addresses = tuple(
            Address(host, int(port)) for host, port in (one.rsplit(":", 1) for one in bootstrap.split(","))
        )
        self.gateway = Gateway(enforcement, addresses, host="127.0.0.1", port=0, tls=tls, upstream_tls=upstream_tls)
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)

    @property
    def bootstrap(self) -> str:
        return str(self.gateway.address)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.gateway.open(), self._loop).result(READY_S_MAX)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self.gateway.close(), self._loop).result(READY_S_MAX)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(READY_S_MAX)
        self._loop.close()
