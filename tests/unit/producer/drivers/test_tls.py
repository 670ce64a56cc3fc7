"""TLS on real sockets of 127.0.0.1 against the standard library's server: who is trusted, who is not, and why. Both drivers."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from producer import Producer
from producer.commands import Connect, Disconnect, Write
from producer.drivers.sockets import SocketDriver
from producer.drivers.tls import client_context
from producer.drivers.tls_channel import certified_name
from producer.errors import AuthenticationError
from tests.unit.producer.drivers.driving import both
from tests.unit.producer.drivers.notes import WAIT_S, Notes
from tests.unit.producer.drivers.tls_peers import PASSWORD, blocks, certificates, client_tls, config, pem, serving, text

LARGE = bytes(range(256)) * 20_000


def talk(drive: Any, port: int, *, host: str = "localhost", sends: bytes = b"hello", **properties: Any) -> Notes:
    """Connect, send, and wait for the echo, or for the end."""
    with drive(Connect(1, host, port), tls=client_tls(**properties)) as driving:
        machine: Notes = driving.machine
        driving.drive_until(lambda: machine.heard)
        if "connected" in machine.words:
            driving.do(Write(1, sends))
        driving.drive_until(
            lambda: {"refused", "disconnected"} & set(machine.words) or len(machine.received) >= len(sends) > 0
        )
        driving.do(Disconnect(1))
    return machine


def refusal(machine: Notes) -> str:
    assert [word for word, _, _ in machine.heard if word != "connected"] == ["refused"], machine.heard
    return str(machine.heard[-1][2])


@both
@pytest.mark.parametrize("sends", [b"hello", LARGE], ids=["small", "large"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_what_is_sent_comes_back_through_tls(drive: Any, host: str, sends: bytes) -> None:
    with serving() as server:
        machine = talk(drive, server.port, host=host, sends=sends)

    assert machine.received == sends
    assert server.met == [("TLSv1.3", None)]


@both
def test_authorities_may_be_text_on_one_line(drive: Any) -> None:
    authority = " ".join(text("ca").split("\n"))

    with serving() as server:
        machine = talk(drive, server.port, ssl_truststore_certificates=authority)

    assert machine.received == b"hello"


LEAF, INTERMEDIATE = certificates("chained")


@both
@pytest.mark.parametrize(
    "trusted",
    [text("ca"), INTERMEDIATE, LEAF, text("stranger") + INTERMEDIATE],
    ids=["root", "intermediate", "leaf", "a stranger and the intermediate"],
)
def test_whoever_stands_in_the_trust_store_is_trusted_for_itself(drive: Any, trusted: str) -> None:
    with serving("chained") as server:
        machine = talk(drive, server.port, ssl_truststore_certificates=trusted)

    assert machine.received == b"hello"


@both
@pytest.mark.parametrize(
    ("certificate", "trusted", "says"),
    [
        ("server", LEAF, "unable to get local issuer"),
        ("server", INTERMEDIATE, "unable to get local issuer"),
        ("elsewhere", certificates("elsewhere")[0], "not valid for 'localhost'"),
        # Java takes this one.
        ("expired", certificates("expired")[0], "certificate has expired"),
    ],
    ids=["another leaf", "another authority's", "another name", "expired"],
)
def test_trust_in_one_certificate_is_no_trust_in_another(drive: Any, certificate: str, trusted: str, says: str) -> None:
    with serving(certificate) as server:
        machine = talk(drive, server.port, ssl_truststore_certificates=trusted)

    assert says in refusal(machine)


def resolving_to_here(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """Resolve every name to 127.0.0.1, as a domain name server would that knows it."""
    found = socket.getaddrinfo("127.0.0.1", port, type=socket.SOCK_STREAM)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


@both
def test_a_whole_domain_name_ends_with_a_dot_that_no_certificate_has(
    drive: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as server:
        resolving_to_here(monkeypatch, server.port)
        machine = talk(drive, server.port, host="localhost.")

    assert machine.received == b"hello"
    assert server.named == ["localhost"]


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("b1.example.", "b1.example"),
        ("b1.example", "b1.example"),
        ("fe80::1%eth0", "fe80::1"),
        ("::1", "::1"),
        ("127.0.0.1", "127.0.0.1"),
        ("100%.example", "100%.example"),
    ],
)
def test_a_certificate_is_asked_for_the_name_alone(host: str, name: str) -> None:
    assert certified_name(host) == name


@both
@pytest.mark.parametrize(
    "properties",
    [
        {"ssl_enabled_protocols": "TLSv1.2"},
        {"ssl_protocol": "TLSv1.2"},
        {"ssl_cipher_suites": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
        {"ssl_cipher_suites": "ECDHE-ECDSA-CHACHA20-POLY1305"},
    ],
)
def test_the_older_version_is_spoken_where_the_newer_is_not_enabled(drive: Any, properties: dict[str, Any]) -> None:
    with serving() as server:
        machine = talk(drive, server.port, **properties)

    assert machine.received == b"hello"
    assert server.met == [("TLSv1.2", None)]


@both
def test_a_name_that_does_not_match_passes_when_nobody_asks_for_it(drive: Any) -> None:
    with serving("elsewhere") as server:
        machine = talk(drive, server.port, ssl_endpoint_identification_algorithm="")

    assert machine.received == b"hello"


@both
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
def test_a_broker_that_asks_hears_who_we_are(drive: Any, properties: dict[str, Any], newest: str) -> None:
    with serving(wants_certificate=True, newest=newest) as server:
        machine = talk(drive, server.port, **properties)

    assert machine.received == b"hello"
    assert [name for _, name in server.met] == ["alice"]


@both
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
def test_a_bad_certificate_is_refused_with_the_reason(
    drive: Any, certificate: str, properties: dict[str, Any], says: str
) -> None:
    with serving(certificate) as server:
        machine = talk(drive, server.port, **properties)

    with pytest.raises(AssertionError, match=says):
        raise AssertionError(refusal(machine))
    assert server.met == []


@both
def test_an_address_that_the_certificate_does_not_name_is_refused(drive: Any) -> None:
    with serving("elsewhere") as server:
        machine = talk(drive, server.port, host="127.0.0.1")

    assert "its certificate is not accepted: IP address mismatch" in refusal(machine)


@both
@pytest.mark.parametrize("newest", ["TLSv1_2", "TLSv1_3"])
def test_a_broker_that_asks_in_vain_refuses_us(drive: Any, newest: str) -> None:
    with serving(wants_certificate=True, newest=newest) as server:
        machine = talk(drive, server.port)

    assert "it ended the TLS handshake with the alert" in refusal(machine)


@both
def test_no_version_in_common_is_a_refusal(drive: Any) -> None:
    with serving(newest="TLSv1_2") as server:
        machine = talk(drive, server.port, ssl_enabled_protocols="TLSv1.3")

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


@both
@pytest.mark.parametrize(
    ("reply", "word", "says"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "refused", "what it sends is no TLS"),
        (b"", "disconnected", "closed by peer in the TLS handshake"),
    ],
)
def test_a_peer_without_tls_is_told_apart(drive: Any, reply: bytes, word: str, says: str) -> None:
    listener, thread = answering(reply)

    machine = talk(drive, listener.getsockname()[1])
    thread.join(WAIT_S)
    listener.close()

    assert machine.heard[0][0] == word
    assert says in str(machine.heard[0][2])


@both
def test_a_host_that_can_have_no_certificate_is_a_refusal(drive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as server:
        # Some resolvers take such a name.
        resolving_to_here(monkeypatch, server.port)
        machine = talk(drive, server.port, host=".localhost")

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
