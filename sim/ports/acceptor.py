"""Who knocks at a listening socket is let in or turned away, and never forgotten.

asyncio's own server forgets whom it was just accepting when it is closed, or its loop ends: that client waits at a socket which stays
open until a collector finds it.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LOG = logging.getLogger(__name__)

BACKLOG = 1_024
"""Connections that the kernel keeps until they are accepted."""
ACCEPTED_AT_ONCE = 100
"""Connections that are accepted before others have their turn."""
HANDSHAKE_S_MAX = 10.0
"""How long a client may take to shake hands in TLS."""
NO_DESCRIPTORS_S = 0.1
"""How long nobody is accepted where the process has no file descriptors left."""


class Acceptor:
    """Accepts from `begin` to `end`, and may begin again, at another socket."""

    def __init__(self, make: Callable[[], asyncio.Protocol], tls: ssl.SSLContext | None = None) -> None:
        """Each client is one of `make`'s, behind TLS if there is some."""
        self._make = make
        self._tls = tls
        self._socket: socket.socket | None = None
        self._pause: asyncio.TimerHandle | None = None
        self._entering: dict[asyncio.Task[None], _Entrant] = {}

    @property
    def is_accepting(self) -> bool:
        """Whether whoever knocks is let in."""
        return self._socket is not None

    def begin(self, bound: socket.socket) -> None:
        """Accept at a socket that is bound, and closed by `end`, in the running loop."""
        assert self._socket is None, "it accepts at another socket"
        bound.listen(BACKLOG)
        self._socket = bound
        asyncio.get_running_loop().add_reader(bound, self._knocked)

    def end(self) -> None:
        """Accept nobody any more: whom the kernel has accepted is refused, and who is half way in turned away. Twice is once."""
        if self._socket is None:
            return
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
        self._socket = None
        # Who has yet to shake hands may never do so.
        for entering in tuple(self._entering):
            entering.cancel()

    async def emptied(self) -> None:
        """Wait, after `end`, until nobody is half way in."""
        await asyncio.gather(*self._entering, return_exceptions=True)

    # -- inside ------------------------------------------------------------------------------------------------------------

    def _knocked(self) -> None:
        # Not by `loop.sock_accept`: cancelled at the wrong moment it loses a connection that it has accepted.
        assert self._socket is not None, "nobody listens for who knocks after the end"
        loop = asyncio.get_running_loop()
        for _ in range(ACCEPTED_AT_ONCE):
            try:
                accepted, _address = self._socket.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                LOG.warning("nobody is accepted for a while: %s", error.strerror)
                loop.remove_reader(self._socket)
                self._pause = loop.call_later(NO_DESCRIPTORS_S, self._go_on)
                return
            accepted.setblocking(False)
            entrant = _Entrant(accepted)
            entering = loop.create_task(self._let_in(entrant), name="a client comes in")
            self._entering[entering] = entrant
            entering.add_done_callback(self._entered)

    def _go_on(self) -> None:
        self._pause = None
        if self._socket is not None:
            asyncio.get_running_loop().add_reader(self._socket, self._knocked)

    async def _let_in(self, entrant: _Entrant) -> None:
        def make() -> asyncio.Protocol:
            made = self._make()
            entrant.has_transport = True
            return made

        limit_s = None if self._tls is None else HANDSHAKE_S_MAX
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                make, entrant.accepted, ssl=self._tls, ssl_handshake_timeout=limit_s
            )
        except OSError as error:
            # ssl.SSLError is one: no certificate, or none that is trusted. Kafka's broker says no more of it, either.
            LOG.info("somebody did not come in: %s", str(error) or type(error).__name__)
            entrant.turn_away()
        except BaseException:
            entrant.turn_away()
            raise

    def _entered(self, entering: asyncio.Task[None]) -> None:
        entrant = self._entering.pop(entering)
        if entering.cancelled():
            # It may never have taken its first step.
            entrant.turn_away()


class _Entrant:
    """Who was accepted, and is on the way in."""

    def __init__(self, accepted: socket.socket) -> None:
        self.accepted = accepted
        self.has_transport = False
        """From then on the transport closes the socket, whose number it has: closed beneath it, that might be somebody else's."""

    def turn_away(self) -> None:
        """End the connection. Twice is once."""
        if self.has_transport:
            # What asyncio's transport for TLS forgets before its first step, it notices by this.
            with suppress(OSError):
                self.accepted.shutdown(socket.SHUT_RDWR)
        else:
            self.accepted.close()
