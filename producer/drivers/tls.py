"""TLS for a driver's sockets: a context from the configuration, and a channel that turns bytes into bytes.

The channel owns no socket, so it serves a selector and an event loop alike, and two of them can be joined in a test.
"""

from __future__ import annotations

import re
import ssl
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from producer.errors import ConfigError

if TYPE_CHECKING:
    from producer.config.security import SecurityConfig

PLAINTEXT_BYTES = 1 << 18
"""How much is asked of OpenSSL at once; it gives a TLS record, 16 KiB at most."""

_VERSIONS = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}

_SUITES_1_3 = frozenset(("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"))
_SUITE = re.compile(r"TLS_(?:(\w+)_WITH_)(AES)_(128|256)_(GCM|CBC)_(SHA\d*)|TLS_(\w+)_WITH_(CHACHA20_POLY1305)_SHA256")

_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_CERTIFICATE = "CERTIFICATE"
_LINE = 64


class TlsRefusedError(Exception):
    """The two sides do not trust each other, or agree on no way to encrypt; the message says why."""


class TlsChannel:
    """One client's end of one TLS connection: ciphertext in and out on one side, plaintext on the other.

    After every call, what `take_outgoing` gives is to be sent.
    """

    __slots__ = ("_incoming", "_outgoing", "_tls", "has_read", "is_open", "is_over")

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        """Begin a handshake with `host`, whose certificate must be for that name. Raises TlsRefusedError."""
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self.is_open = False
        """Whether the handshake is done."""
        self.is_over = False
        """Whether the peer said that it will send no more."""
        self.has_read = False
        """Whether the peer ever sent plaintext: a server of TLS 1.3 can refuse a client after the handshake only."""
        try:
            self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        except ValueError as error:
            msg = f"{host!r} is no name that a certificate could be for: {error}"
            raise TlsRefusedError(msg) from error
        self._shake_hands()

    @property
    def cipher(self) -> tuple[str, str]:
        """The cipher and the protocol agreed on, by OpenSSL's names, once it is open."""
        agreed = self._tls.cipher()
        assert agreed is not None, "no cipher before the end of the handshake"
        return agreed[0], agreed[1]

    def receive(self, ciphertext: bytes) -> bytes:
        """Take what the socket gave; give the plaintext in it, nothing during the handshake.

        Raises TlsRefusedError if the peer is not trusted, or does not trust us.
        """
        self._incoming.write(ciphertext)
        if not self.is_open:
            self._shake_hands()
        return self._read() if self.is_open else b""

    def send(self, plaintext: bytes) -> None:
        """Encrypt: an open channel takes everything at once."""
        assert self.is_open, "plaintext before the end of the handshake"
        sent = self._tls.write(plaintext)
        assert sent == len(plaintext), "a memory buffer takes all"

    def take_outgoing(self) -> bytes:
        """Take the bytes that are to be sent."""
        return self._outgoing.read()

    def farewell(self) -> bytes:
        """Say that no more will be sent; give the last bytes to send."""
        # It waits for the peer's farewell in vain: what it had to say is written all the same.
        with suppress(ssl.SSLError, ValueError):
            self._tls.unwrap()
        return self.take_outgoing()

    def _shake_hands(self) -> None:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return
        except ssl.SSLError as error:
            raise TlsRefusedError(say(error)) from error
        self.is_open = True

    def _read(self) -> bytes:
        parts: list[bytes] = []
        try:
            while part := self._tls.read(PLAINTEXT_BYTES):
                parts.append(part)
            self.is_over = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.is_over = True
        except ssl.SSLError as error:
            if not parts:
                raise TlsRefusedError(say(error)) from error
            # What came before it counts; the socket ends soon, or the next read says it again.
            self.is_over = True
        if parts:
            self.has_read = True
        return b"".join(parts)


def say(error: ssl.SSLError) -> str:
    """Give what OpenSSL found, without the places in its source."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message}"
    reason = (error.reason or str(error)).lower().replace("_", " ")
    _, is_alert, alert = reason.partition(" alert ")
    if is_alert:
        return f"it ended the TLS handshake with the alert {alert!r}"
    if reason == "wrong version number":
        return f"what it sends is no TLS ({reason})"
    return reason


# -- the context -------------------------------------------------------------------------------------------------------


def client_context(config: SecurityConfig) -> ssl.SSLContext | None:
    """Make of `ssl.*` what a channel needs; None where `security.protocol` is without TLS. Raises ConfigError."""
    if not config.uses_tls:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = config.ssl_endpoint_identification_algorithm == "https"
    context.verify_mode = ssl.CERT_REQUIRED
    _limit_versions(context, config)
    _trust(context, config)
    _show(context, config)
    return context


def _limit_versions(context: ssl.SSLContext, config: SecurityConfig) -> None:
    versions = set(config.ssl_enabled_protocols)
    if config.ssl_protocol == "TLSv1.2":
        # As in Java, the older of the two is the newest to be spoken, whatever is enabled.
        versions.discard("TLSv1.3")
    if config.ssl_cipher_suites:
        versions &= _choose_suites(context, config.ssl_cipher_suites)
        if not versions:
            msg = (
                f"ssl.cipher.suites is {','.join(config.ssl_cipher_suites)}: none of them belongs to "
                f"ssl.enabled.protocols={','.join(config.ssl_enabled_protocols)}"
            )
            raise ConfigError(msg)
    context.minimum_version = _VERSIONS[min(versions)]
    context.maximum_version = _VERSIONS[max(versions)]


def _choose_suites(context: ssl.SSLContext, suites: list[str]) -> set[str]:
    """Enable these suites; give the protocols that they belong to."""
    named = ",".join(suites)
    newer = {suite for suite in suites if suite in _SUITES_1_3}
    older = [suite for suite in suites if suite not in _SUITES_1_3]
    if newer and newer != _SUITES_1_3:
        msg = (
            f"ssl.cipher.suites is {named}: Python cannot choose among the suites of TLSv1.3; name all three "
            f"({','.join(sorted(_SUITES_1_3))}) or none"
        )
        raise ConfigError(msg)
    versions = {"TLSv1.3"} if newer else set()
    if older:
        for suite in older:
            try:
                context.set_ciphers(openssl_name(suite))
            except ssl.SSLError as error:
                msg = f"ssl.cipher.suites has {suite!r}, which OpenSSL does not know"
                raise ConfigError(msg) from error
        context.set_ciphers(":".join(openssl_name(suite) for suite in older))
        versions.add("TLSv1.2")
    return versions


def openssl_name(suite: str) -> str:
    """Give OpenSSL's name for a suite of TLS 1.2 by Java's; one that is no such name is given back."""
    found = _SUITE.fullmatch(suite)
    if found is None:
        return suite
    if found[6] is not None:
        return f"{found[6].replace('_', '-')}-CHACHA20-POLY1305"
    exchange = "" if found[1] == "RSA" else found[1].replace("_", "-") + "-"
    mode = "-GCM" if found[4] == "GCM" else ""
    return f"{exchange}{found[2]}{found[3]}{mode}-{found[5]}"


def _trust(context: ssl.SSLContext, config: SecurityConfig) -> None:
    if config.ssl_truststore_certificates is not None:
        name, text = "ssl.truststore.certificates", config.ssl_truststore_certificates
    elif config.ssl_truststore_location is not None:
        name, text = "ssl.truststore.location", _read("ssl.truststore.location", config.ssl_truststore_location)
    else:
        context.load_default_certs()
        return
    authorities = _blocks(name, text, kind=_CERTIFICATE)
    try:
        context.load_verify_locations(cadata="\n".join(authorities))
    except (ssl.SSLError, ValueError) as error:
        msg = f"{name}: a certificate in it cannot be read: {error}"
        raise ConfigError(msg) from error


def _show(context: ssl.SSLContext, config: SecurityConfig) -> None:
    """Load the certificate that tells brokers who we are."""
    if config.ssl_keystore_location is not None:
        name = "ssl.keystore.location"
        key_text = chain_text = _read(name, config.ssl_keystore_location)
        key_name = chain_name = name
    elif config.ssl_keystore_key is not None:
        assert config.ssl_keystore_certificate_chain is not None, "a key without a chain passes no check"
        key_name, key_text = "ssl.keystore.key", config.ssl_keystore_key
        chain_name, chain_text = "ssl.keystore.certificate.chain", config.ssl_keystore_certificate_chain
    else:
        return
    key = _blocks(key_name, key_text, kind="PRIVATE KEY")[0]
    chain = _blocks(chain_name, chain_text, kind=_CERTIFICATE)
    password = config.ssl_key_password
    if password is None and "ENCRYPTED" in key:
        msg = f"{key_name}: the private key is encrypted, and ssl.key.password is not given"
        raise ConfigError(msg)
    # OpenSSL reads key and chain from a file only. Nobody else may read this one, and it is gone at once.
    with tempfile.TemporaryDirectory(prefix="acklab-") as folder:
        path = Path(folder) / "keystore.pem"
        path.touch(mode=0o600)
        path.write_text("\n".join([key, *chain]))
        try:
            context.load_cert_chain(path, password=password or "")
        except (ssl.SSLError, ValueError) as error:
            what = "ssl.key.password does not open it, or it does not belong to the certificate"
            reason = getattr(error, "reason", None) or error
            msg = f"{key_name}: the private key cannot be used ({reason}): {what}"
            raise ConfigError(msg) from error


def _read(name: str, location: str) -> str:
    try:
        data = Path(location).read_bytes()
    except OSError as error:
        msg = f"{name} is {location!r}: {error.strerror}"
        raise ConfigError(msg) from error
    if data.startswith(b"\xfe\xed\xfe\xed") or (data.startswith(b"\x30") and b"-----BEGIN" not in data):
        kind = "a JKS" if data.startswith(b"\xfe") else "a PKCS#12"
        msg = f"{name} is {location!r}, which is {kind} keystore: only PEM is read here"
        raise ConfigError(msg)
    return data.decode("utf-8", "replace")


def _blocks(name: str, text: str, *, kind: str) -> list[str]:
    """Give the PEM blocks whose label ends in `kind`, each as OpenSSL wants it; lines may have been joined by blanks.

    Raises ConfigError if there is none.
    """
    found = []
    for label, content in _PEM.findall(text):
        if label.endswith(kind):
            found.append(f"-----BEGIN {label}-----\n{_lines(content)}\n-----END {label}-----\n")
    if not found:
        msg = f"{name} has no PEM block -----BEGIN {kind}-----"
        raise ConfigError(msg)
    return found


def _lines(content: str) -> str:
    if ":" in content:
        # The headers of an old encrypted key are lines of their own.
        return content.strip()
    letters = "".join(content.split())
    return "\n".join(letters[start : start + _LINE] for start in range(0, len(letters), _LINE))
