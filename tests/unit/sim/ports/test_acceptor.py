"""Who knocks at a port is let in, or turned away, whatever happens to it on the way."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sim.ports.acceptor import Acceptor
from sim.ports.listener import Listener, bound
from tests.knocking import TURNS, close_amid_knocks
from tests.unit.producer.drivers.tls_peers import client_tls, server_tls

LIMIT_S = 30
HOST = "127.0.0.1"


class Guest(asyncio.Protocol):
    """Says who it was let in by, and is gone when the client has read that."""

    def __init__(
        self,
        word: bytes = b"in",
    ) -> None:
        self._word = word

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(self._word)
        transport.close()


async def read(port: int, tls: ssl.SSLContext | None = None) -> bytes:
    """Give what is said to who knocks there."""
    reader, writer = await asyncio.open_connection(HOST, port, ssl=tls, server_hostname="localhost" if tls else None)
    try:
        async with asyncio.timeout(LIMIT_S):
            return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()


@contextmanager
def no_descriptors() -> Iterator[None]:
    """This process has no file descriptor left."""
    free = os.dup(0)
    os.close(free)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("has_tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("turns", TURNS)
def test_who_is_half_way_in_at_the_end_is_turned_away(turns: int, has_tls: bool) -> None:
    """In TLS nobody ever is more than half way in: these clients say nothing."""
    port: list[Listener] = []

    async def open_port() -> tuple[str, int]:
        port.append(Listener(HOST, 0))
        port[0].begin(lambda: Guest(b""), server_tls() if has_tls else None)
        return HOST, port[0].port

    async def close_port() -> None:
        await port[0].close()
        await port[0].close()

    close_amid_knocks(open_port, close_port, turns)


def test_whoever_is_let_in_as_the_end_comes_keeps_a_socket_until_the_protocol_hears_of_its_loss() -> None:
    """Its transport has the socket's number: closed beneath it, that could be somebody else's by then."""
    told: list[bool] = []

    class Late(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self._socket: socket.socket = transport.get_extra_info("socket")
            acceptor.end()
            self.look()

        def look(self) -> None:
            told.append(self._socket.fileno() >= 0)
            self._next = asyncio.get_running_loop().call_soon(self.look)

        def connection_lost(self, _: Exception | None) -> None:
            self._next.cancel()
            told.append(self._socket.fileno() >= 0)

    acceptor = Acceptor(Late)

    async def story() -> bytes:
        at = bound(HOST, 0)
        acceptor.begin(at)
        said = await read(at.getsockname()[1])
        await acceptor.emptied()
        return said

    assert asyncio.run(story()) == b""
    assert len(told) >= 2
    assert all(told)


def test_who_comes_before_it_begins_waits_for_that() -> None:
    async def story() -> bytes:
        listener = Listener(HOST, 0)
        reader, writer = await asyncio.open_connection(HOST, listener.port)
        listener.begin(Guest)
        try:
            return await reader.read()
        finally:
            writer.close()
            await writer.wait_closed()
            await listener.close()

    assert asyncio.run(story()) == b"in"


def test_it_may_begin_again_at_another_socket() -> None:
    async def story() -> list[tuple[bool, bytes, bool]]:
        acceptor = Acceptor(Guest)
        told = []
        for _ in range(2):
            at = bound(HOST, 0)
            acceptor.begin(at)
            was_accepting, said = acceptor.is_accepting, await read(at.getsockname()[1])
            acceptor.end()
            told.append((was_accepting, said, acceptor.is_accepting))
            await acceptor.emptied()
        return told

    assert asyncio.run(story()) == [(True, b"in", False)] * 2


@pytest.mark.parametrize("ends", [False, True])
def test_without_descriptors_nobody_is_accepted_for_a_while(ends: bool, caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> bytes | None:
        listener = Listener(HOST, 0)
        listener.begin(Guest)
        with socket.create_connection((HOST, listener.port)) as client:
            with no_descriptors():
                for _ in range(3):
                    await asyncio.sleep(0)
                assert caplog.records
            if ends:
                await listener.close()
                return None
            client.setblocking(False)
            async with asyncio.timeout(LIMIT_S):
                told = await asyncio.get_running_loop().sock_recv(client, 10)
        await listener.close()
        return told

    with caplog.at_level(logging.WARNING):
        assert asyncio.run(story()) == (None if ends else b"in")

    assert [record.message for record in caplog.records] == ["nobody is accepted for a while: Too many open files"]


def test_whose_protocol_cannot_be_made_is_turned_away_and_our_bug_is_told() -> None:
    told: list[BaseException] = []

    def fail() -> asyncio.Protocol:
        raise LookupError("no such guest")

    async def story() -> bytes:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["exception"]))
        listener = Listener(HOST, 0)
        listener.begin(fail)
        try:
            return await read(listener.port)
        finally:
            await listener.close()

    assert asyncio.run(story()) == b""
    assert [str(one) for one in told] == ["no such guest"]


def test_who_does_not_speak_tls_is_turned_away_and_the_next_one_is_let_in(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> bytes:
        listener = Listener(HOST, 0)
        listener.begin(Guest, server_tls())
        try:
            _, writer = await asyncio.open_connection(HOST, listener.port)
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            told = await read(listener.port, client_tls())
            writer.close()
            await writer.wait_closed()
            return told
        finally:
            await listener.close()

    with caplog.at_level(logging.INFO):
        assert asyncio.run(story()) == b"in"

    assert "somebody did not come in" in caplog.text


@pytest.mark.parametrize("port, why", [(None, "Address already in use"), (65_536, "ports end at 65535")])
def test_a_port_that_cannot_be_had_is_named(port: int | None, why: str) -> None:
    with socket.create_server((HOST, 0)) as taken:
        wanted = port or taken.getsockname()[1]
        with pytest.raises(OSError, match=why) as refused:
            Listener(HOST, wanted)

    assert refused.value.filename == f"{HOST}:{wanted}"
