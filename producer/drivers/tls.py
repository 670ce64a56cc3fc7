"""What a TLS channel needs, made of `ssl.*`: whom to trust, what to show, which versions and suites to speak."""

from __future__ import annotations

import re
import ssl
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from producer.errors import ConfigError

if TYPE_CHECKING:
    from producer.config.security import SecurityConfig

_VERSIONS = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}

_SUITES_1_3 = frozenset(("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"))
_SUITE = re.compile(r"TLS_(?:(\w+)_WITH_)(AES)_(128|256)_(GCM|CBC)_(SHA\d*)|TLS_(\w+)_WITH_(CHACHA20_POLY1305)_SHA256")

_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_CERTIFICATE = "CERTIFICATE"
_LINE = 64


def client_context(config: SecurityConfig) -> ssl.SSLContext | None:
    """Make of `ssl.*` what a channel needs; None where `security.protocol` is without TLS. Raises ConfigError."""
    if not config.uses_tls:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = config.ssl_endpoint_identification_algorithm == "https"
    context.verify_mode = ssl.CERT_REQUIRED
    # As in Java, whoever stands in the store is trusted for itself, whether somebody vouches for it or not.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
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
