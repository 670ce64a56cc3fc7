"""TLS peers from the standard library, and what a client needs to meet them."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from producer.config.config import ProducerConfig
from producer.drivers.tls import client_context
from tests.unit.producer.drivers.notes import WAIT_S

CERTIFICATES = Path(__file__).parents[3] / "certificates"
PASSWORD = "open-sesame"


def pem(name: str) -> str:
    return str(CERTIFICATES / f"{name}.pem")


def text(name: str) -> str:
    return (CERTIFICATES / f"{name}.pem").read_text()


def blocks(name: str) -> tuple[str, str]:
    """Key and certificate of a file that has one of each."""
    key, begin, certificate = text(name).partition("-----BEGIN CERTIFICATE-----")
    return key, begin + certificate


def certificates(name: str) -> list[str]:
    """The certificates of a file, in their order: that of whom it is about comes first."""
    begin = "-----BEGIN CERTIFICATE-----"
    return [begin + certificate for certificate in text(name).split(begin)[1:]]


def config(**properties: Any) -> ProducerConfig:
    given = {name.replace("_", "."): value for name, value in properties.items()}
    trusted = {} if "ssl.truststore.certificates" in given else {"ssl.truststore.location": pem("ca")}
    return ProducerConfig.from_properties(
        {"bootstrap.servers": "localhost:1", "security.protocol": "SSL"} | trusted | given
    )


def client_tls(**properties: Any) -> ssl.SSLContext:
    made = client_context(config(**properties))
    assert made is not None
    return made


def server_tls(
    certificate: str = "server", *, wants_certificate: bool = False, newest: str = "TLSv1_3"
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem(certificate))
    context.maximum_version = ssl.TLSVersion[newest]
    if wants_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(pem("ca"))
    return context


class TlsServer:
    """Echoes what its clients send, until they end."""

    def __init__(
        self, certificate: str = "server", *, wants_certificate: bool = False, newest: str = "TLSv1_3"
    ) -> None:
        self.context = server_tls(certificate, wants_certificate=wants_certificate, newest=newest)
        self.named: list[str | None] = []
        """The name by which each client asked for us (SNI)."""
        self.context.sni_callback = lambda _, name, __: self.named.append(name)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.met: list[tuple[str | None, str | None]] = []
        """Version and common name of each client that was let in."""
        self.is_over = False
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            client, _ = self.socket.accept()
            if self.is_over:
                client.close()
                return
            client.settimeout(WAIT_S)
            with contextlib.suppress(OSError), self.context.wrap_socket(client, server_side=True) as channel:
                shown: Any = channel.getpeercert() or {}
                names = [value for part in shown.get("subject", ()) for name, value in part if name == "commonName"]
                self.met.append((channel.version(), names[0] if names else None))
                while data := channel.recv(65_536):
                    channel.sendall(data)
            client.close()

    def close(self) -> None:
        self.is_over = True
        socket.create_connection(("127.0.0.1", self.port)).close()
        self.thread.join(WAIT_S)
        self.socket.close()
        assert not self.thread.is_alive()


@contextlib.contextmanager
def serving(certificate: str = "server", **how: Any) -> Iterator[TlsServer]:
    server = TlsServer(certificate, **how)
    try:
        yield server
    finally:
        server.close()


@contextlib.contextmanager
def on_a_thread(serve: Callable[[], object]) -> Iterator[None]:
    def run() -> None:
        with contextlib.suppress(OSError):
            serve()

    thread = threading.Thread(target=run)
    thread.start()
    yield
    thread.join(WAIT_S)
    assert not thread.is_alive()


@contextlib.contextmanager
def accept_tls(accept: Callable[[], socket.socket], *, says: bytes = b"") -> Iterator[list[bytes]]:
    """Accept one client on a thread. What is given fills with what it sent, if it said that this was all.

    With `says`, the client hears that and that nothing more comes, and its end is waited for.
    """
    told: list[bytes] = []

    def serve() -> None:
        with server_tls().wrap_socket(accept(), server_side=True, suppress_ragged_eofs=False) as channel:
            if says:
                channel.sendall(says)
                channel.unwrap()
                return
            received = bytearray()
            while data := channel.recv(65_536):
                received += data
            told.append(bytes(received))

    with on_a_thread(serve):
        yield told


def refusing_tls(accept: Callable[[], socket.socket]) -> contextlib.AbstractContextManager[None]:
    """Accept one client on a thread, and close as it shows no certificate, with what it has written meanwhile unread."""
    return on_a_thread(lambda: server_tls(wants_certificate=True).wrap_socket(accept(), server_side=True))


def hanging_up(accept: Callable[[], socket.socket]) -> contextlib.AbstractContextManager[None]:
    """Accept one client on a thread, wait for its first word, and close."""

    def serve() -> None:
        with accept() as client:
            client.recv(65_536)

    return on_a_thread(serve)
