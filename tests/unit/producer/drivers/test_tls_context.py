"""What of `ssl.*` OpenSSL can use, and what it cannot, named."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest

from producer.config.config import ProducerConfig
from producer.drivers.tls import client_context, openssl_name
from producer.errors import ConfigError
from tests.unit.producer.drivers.tls_peers import blocks, config, pem, text


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
