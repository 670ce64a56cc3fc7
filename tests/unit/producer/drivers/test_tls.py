"""TLS on real sockets of 127.0.0.1 against the standard library's server: who is trusted, who is not, and why."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from producer import Producer
from producer.commands import Connect, Disconnect, Write
from producer.config.config import ProducerConfig
from producer.drivers.sockets import SocketDriver
from producer.drivers.tls import client_context, openssl_name
from producer.errors import AuthenticationError, ConfigError
from tests.unit.producer.drivers.test_sockets import WAIT_S, Notes

CERTIFICATES = Path(__file__).parents[3] / "certificates"
LARGE = bytes(range(256)) * 20_000
PASSWORD = "open-sesame"


def pem(name: str) -> str:
    return str(CERTIFICATES / f"{name}.pem")


def text(name: str) -> str:
    return (CERTIFICATES / f"{name}.pem").read_text()


def blocks(name: str) -> tuple[str, str]:
    """Key and certificate of a file that has one of each."""
    key, begin, certificate = text(name).partition("-----BEGIN CERTIFICATE-----")
    return key, begin + certificate


def config(**properties: Any) -> ProducerConfig:
    given = {name.replace("_", "."): value for name, value in properties.items()}
    trusted = {} if "ssl.truststore.certificates" in given else {"ssl.truststore.location": pem("ca")}
    return ProducerConfig.from_properties(
        {"bootstrap.servers": "localhost:1", "security.protocol": "SSL"} | trusted | given
    )


class TlsServer:
    """Echoes what its clients send, until they end."""

    def __init__(
        self, certificate: str = "server", *, wants_certificate: bool = False, newest: str = "TLSv1_3"
    ) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pem(certificate))
        self.context.maximum_version = ssl.TLSVersion[newest]
        if wants_certificate:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations(pem("ca"))
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


def talk(port: int, *, host: str = "localhost", sends: bytes = b"hello", **properties: Any) -> Notes:
    """Connect, send, and wait for the echo, or for the end."""
    machine = Notes(Connect(1, host, port))
    driver = SocketDriver(machine, tls=client_context(config(**properties)))
    has_sent = False
    for _ in range(400):
        driver.poll(50_000)
        words = [word for word, _, _ in machine.heard]
        if "connected" in words and not has_sent:
            machine.commands = [Write(1, sends)]
            has_sent = True
        if {"refused", "disconnected"} & set(words) or (len(received(machine)) >= len(sends) > 0):
            break
    machine.commands = [Disconnect(1)]
    driver.close()
    return machine


def received(machine: Notes) -> bytes:
    return b"".join(data for word, _, data in machine.heard if word == "bytes" and isinstance(data, bytes))


def refusal(machine: Notes) -> str:
    assert [word for word, _, _ in machine.heard if word != "connected"] == ["refused"], machine.heard
    return str(machine.heard[-1][2])


# -- trusted -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sends", [b"hello", LARGE], ids=["small", "large"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_what_is_sent_comes_back_through_tls(host: str, sends: bytes) -> None:
    with serving() as server:
        machine = talk(server.port, host=host, sends=sends)

    assert received(machine) == sends
    assert server.met == [("TLSv1.3", None)]


def test_authorities_may_be_text_on_one_line() -> None:
    authority = " ".join(text("ca").split("\n"))

    with serving() as server:
        machine = talk(server.port, ssl_truststore_certificates=authority)

    assert received(machine) == b"hello"


@pytest.mark.parametrize(
    "properties",
    [
        {"ssl_enabled_protocols": "TLSv1.2"},
        {"ssl_protocol": "TLSv1.2"},
        {"ssl_cipher_suites": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
        {"ssl_cipher_suites": "ECDHE-ECDSA-CHACHA20-POLY1305"},
    ],
)
def test_the_older_version_is_spoken_where_the_newer_is_not_enabled(properties: dict[str, Any]) -> None:
    with serving() as server:
        machine = talk(server.port, **properties)

    assert received(machine) == b"hello"
    assert server.met == [("TLSv1.2", None)]


def test_a_name_that_does_not_match_passes_when_nobody_asks_for_it() -> None:
    with serving("elsewhere") as server:
        machine = talk(server.port, ssl_endpoint_identification_algorithm="")

    assert received(machine) == b"hello"


@pytest.mark.parametrize("newest", ["TLSv1_2", "TLSv1_3"])
@pytest.mark.parametrize(
    "properties",
    [
        {"ssl_keystore_location": pem("client")},
        {"ssl_keystore_location": pem("client-encrypted"), "ssl_key_password": PASSWORD},
        {"ssl_keystore_key": blocks("client")[0], "ssl_keystore_certificate_chain": blocks("client")[1]},
        {
            "ssl_keystore_key": blocks("client-encrypted")[0].replace("\n", " "),
            "ssl_keystore_certificate_chain": blocks("client-encrypted")[1].replace("\n", " "),
            "ssl_key_password": PASSWORD,
        },
    ],
    ids=["file", "encrypted file", "text", "encrypted text on one line"],
)
def test_a_broker_that_asks_hears_who_we_are(properties: dict[str, Any], newest: str) -> None:
    with serving(wants_certificate=True, newest=newest) as server:
        machine = talk(server.port, **properties)

    assert received(machine) == b"hello"
    assert [name for _, name in server.met] == ["alice"]


# -- not trusted -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("certificate", "properties", "says"),
    [
        (
            "server",
            {"ssl_truststore_location": pem("stranger")},
            "certificate is not accepted: unable to get local issuer",
        ),
        ("elsewhere", {}, "certificate is not accepted: Hostname mismatch, .* not valid for 'localhost'"),
        ("expired", {}, "certificate is not accepted: certificate has expired"),
        ("expired", {"ssl_endpoint_identification_algorithm": ""}, "certificate has expired"),
    ],
)
def test_a_bad_certificate_is_refused_with_the_reason(certificate: str, properties: dict[str, Any], says: str) -> None:
    with serving(certificate) as server:
        machine = talk(server.port, **properties)

    with pytest.raises(AssertionError, match=says):
        raise AssertionError(refusal(machine))
    assert server.met == []


@pytest.mark.parametrize("newest", ["TLSv1_2", "TLSv1_3"])
def test_a_broker_that_asks_in_vain_refuses_us(newest: str) -> None:
    with serving(wants_certificate=True, newest=newest) as server:
        machine = talk(server.port)

    assert "it ended the TLS handshake with the alert" in refusal(machine)


def test_no_version_in_common_is_a_refusal() -> None:
    with serving(newest="TLSv1_2") as server:
        machine = talk(server.port, ssl_enabled_protocols="TLSv1.3")

    assert "protocol version" in refusal(machine)


def answering(reply: bytes) -> tuple[socket.socket, threading.Thread]:
    """A server that gives one reply, whatever it is sent, and ends."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        client, _ = listener.accept()
        with client:
            client.recv(65_536)
            client.sendall(reply)

    thread = threading.Thread(target=serve)
    thread.start()
    return listener, thread


@pytest.mark.parametrize(
    ("reply", "word", "says"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "refused", "what it sends is no TLS"),
        (b"", "disconnected", "closed by peer in the TLS handshake"),
    ],
)
def test_a_peer_without_tls_is_told_apart(reply: bytes, word: str, says: str) -> None:
    listener, thread = answering(reply)

    machine = talk(listener.getsockname()[1])
    thread.join(WAIT_S)
    listener.close()

    assert machine.heard[0][0] == word
    assert says in str(machine.heard[0][2])


def test_a_host_that_can_have_no_certificate_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as server:
        # Some resolvers take such a name.
        found = socket.getaddrinfo("127.0.0.1", server.port, type=socket.SOCK_STREAM)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        machine = talk(server.port, host=".localhost")

    assert "'.localhost' is no name that a certificate could be for" in refusal(machine)


def test_a_connection_ended_within_the_handshake_is_closed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        machine = Notes(Connect(1, "127.0.0.1", listener.getsockname()[1]))
        driver = SocketDriver(machine, tls=client_context(config()))
        for _ in range(3):
            driver.poll(20_000)
        machine.commands = [Disconnect(1)]
        driver.poll(0)
        peer, _ = listener.accept()
        with peer:
            peer.settimeout(WAIT_S)
            while peer.recv(65_536):
                pass
        driver.close()

    assert machine.heard == []


# -- the producer ------------------------------------------------------------------------------------------------------


def test_the_producer_raises_what_tls_said_and_does_not_wait_for_max_block_ms() -> None:
    with (
        serving("elsewhere") as server,
        Producer(
            {
                "bootstrap.servers": f"localhost:{server.port}",
                "security.protocol": "SSL",
                "ssl.truststore.location": pem("ca"),
                "max.block.ms": 60_000,
            }
        ) as producer,
        pytest.raises(AuthenticationError, match=f"no TLS with broker localhost:{server.port}: .*Hostname mismatch"),
    ):
        producer.send("orders", b"v")


# -- configuration -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("properties", "says"),
    [
        ({"ssl_truststore_location": "/no/such.pem"}, "ssl.truststore.location is '/no/such.pem': No such file"),
        (
            {"ssl_truststore_certificates": "nothing"},
            "ssl.truststore.certificates has no PEM block -----BEGIN CERTIFICATE",
        ),
        (
            {"ssl_truststore_certificates": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"},
            "cannot be read",
        ),
        ({"ssl_keystore_location": pem("ca")}, "ssl.keystore.location has no PEM block -----BEGIN PRIVATE KEY"),
        ({"ssl_keystore_location": pem("client-encrypted")}, "is encrypted, and ssl.key.password is not given"),
        ({"ssl_keystore_location": pem("client-encrypted"), "ssl_key_password": "wrong"}, "password does not open it"),
        ({"ssl_keystore_key": blocks("client")[0], "ssl_keystore_certificate_chain": text("ca")}, "does not belong to"),
        ({"ssl_cipher_suites": "TLS_AES_128_GCM_SHA256"}, "Python cannot choose among the suites of TLSv1.3"),
        ({"ssl_cipher_suites": "TLS_NO_SUCH_SUITE"}, "has 'TLS_NO_SUCH_SUITE', which OpenSSL does not know"),
        (
            {"ssl_cipher_suites": "ECDHE-RSA-AES256-GCM-SHA384", "ssl_enabled_protocols": "TLSv1.3"},
            "none of them belongs to ssl.enabled.protocols=TLSv1.3",
        ),
    ],
)
def test_what_openssl_cannot_use_is_named(properties: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says) as told:
        client_context(config(**properties))
    assert "wrong" not in str(told.value)


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"\xfe\xed\xfe\xed\x00\x00\x00\x02", "a JKS"), (b"\x30\x82\x0a\x3b\x02\x01\x03", "a PKCS#12")],
)
def test_a_keystore_of_javas_is_told_by_its_first_bytes(tmp_path: Path, content: bytes, kind: str) -> None:
    store = tmp_path / "store"
    store.write_bytes(content)

    with pytest.raises(ConfigError, match=f"which is {kind} keystore: only PEM is read here"):
        client_context(config(ssl_truststore_location=str(store)))


def test_all_suites_of_the_newer_version_leave_out_the_older() -> None:
    suites = "TLS_AES_256_GCM_SHA384,TLS_CHACHA20_POLY1305_SHA256,TLS_AES_128_GCM_SHA256"

    context = client_context(config(ssl_cipher_suites=suites))

    assert context is not None
    assert context.minimum_version is context.maximum_version is ssl.TLSVersion.TLSv1_3


def test_without_a_truststore_the_systems_authorities_are_trusted() -> None:
    context = client_context(
        ProducerConfig.from_properties({"bootstrap.servers": "localhost:1", "security.protocol": "SSL"})
    )

    assert context is not None
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_without_tls_there_is_no_context() -> None:
    assert client_context(ProducerConfig.from_properties({"bootstrap.servers": "localhost:1"})) is None


@pytest.mark.parametrize(
    ("java", "openssl"),
    [
        ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"),
        ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"),
        ("TLS_DHE_RSA_WITH_AES_128_CBC_SHA256", "DHE-RSA-AES128-SHA256"),
        ("TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA"),
        ("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"),
    ],
)
def test_javas_names_of_suites_are_openssls(java: str, openssl: str) -> None:
    assert openssl_name(java) == openssl
    assert ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).set_ciphers(openssl_name(java)) is None  # type: ignore[func-returns-value]
