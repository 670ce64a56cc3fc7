"""Certificates of a served cluster: an authority of its own, one for the brokers, one for each user (the extra `security`)."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cluster.security.listeners import ClientAuth

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

AUTHORITY = "ca.pem"
"""Whom clients are to trust."""
BROKERS = "server.pem"
LIFE = timedelta(days=3_650)
_SKEW = timedelta(days=1)
"""Clients' clocks may be behind."""
_VERIFY = {
    ClientAuth.NONE: ssl.CERT_NONE,
    ClientAuth.REQUESTED: ssl.CERT_OPTIONAL,
    ClientAuth.REQUIRED: ssl.CERT_REQUIRED,
}


class CertificatesError(Exception):
    """There are none to be had; the message says why."""


def make_certificates(folder: Path, host: str, users: Sequence[str]) -> None:
    """Write ca.pem, server.pem and one USER.pem for each user, keys among them, readable by their owner alone.

    A folder that holds them stays as it is, so that clients can go on trusting it. Raises CertificatesError.
    """
    names = [AUTHORITY, BROKERS, *(f"{user}.pem" for user in users)]
    odd = next((name for name in names if Path(name).name != name), None)
    if odd is not None:
        raise CertificatesError(f"a user's name becomes a file's, and {odd!r} is none")
    present = [name for name in names if (folder / name).exists()]
    if len(present) == len(names):
        return
    if present:
        absent = ", ".join(name for name in names if name not in present)
        raise CertificatesError(
            f"{folder} holds {', '.join(present)}, but not {absent}: give another folder, or an empty one"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_all(folder, host, users)
    except OSError as error:
        raise CertificatesError(f"cannot write to {folder}: {error.strerror}") from error
    except ImportError as error:
        raise CertificatesError(
            "certificates are made with the library cryptography: pip install acklab[security]"
        ) from error


def server_context(folder: Path, client_auth: ClientAuth) -> ssl.SSLContext:
    """Give what a listener shows and asks for. Raises CertificatesError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = _VERIFY[client_auth]
    try:
        context.load_cert_chain(folder / BROKERS)
        context.load_verify_locations(folder / AUTHORITY)
    except (OSError, ssl.SSLError) as error:
        raise CertificatesError(f"{folder} holds no certificates of a cluster: {error}") from error
    return context


def distinguished_name(certificate: bytes | None) -> str:
    """Give the name in a certificate (DER) as Kafka's principals have it (RFC 4514, as X500Principal.getName writes it); empty for none."""
    if not certificate:
        return ""
    from cryptography import x509

    return x509.load_der_x509_certificate(certificate).subject.rfc4514_string()


# -- making them -------------------------------------------------------------------------------------------------------


def _write_all(folder: Path, host: str, users: Iterable[str]) -> None:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    authority_key, authority = _certified("acklab authority", (x509.BasicConstraints(ca=True, path_length=0),))
    issuer = authority.subject, authority_key
    alternatives: list[x509.GeneralName] = [x509.DNSName("localhost")]
    alternatives.append(_general_name(host))
    shown = (
        x509.SubjectAlternativeName(alternatives),
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
    )
    for_clients = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]),)
    _write(folder / BROKERS, *_certified("acklab brokers", shown, issuer))
    for user in users:
        _write(folder / f"{user}.pem", *_certified(user, for_clients, issuer))
    # Last: a folder with it is whole. Its key is gone with this process, so nobody certifies anything else.
    _write(folder / AUTHORITY, None, authority)


def _general_name(host: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _certified(
    name: str,
    extensions: Iterable[x509.ExtensionType],
    issuer: tuple[x509.Name, EllipticCurvePrivateKey] | None = None,
) -> tuple[EllipticCurvePrivateKey, x509.Certificate]:
    """Make a key and a certificate for it; without an issuer it vouches for itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    by, signing = (subject, key) if issuer is None else issuer
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    return key, builder.sign(signing, SHA256())


def _write(path: Path, key: EllipticCurvePrivateKey | None, certificate: x509.Certificate) -> None:
    from cryptography.hazmat.primitives import serialization

    text = certificate.public_bytes(serialization.Encoding.PEM)
    if key is not None:
        text = (
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + text
        )
    path.touch(mode=0o600 if key is not None else 0o644)
    path.write_bytes(text)
