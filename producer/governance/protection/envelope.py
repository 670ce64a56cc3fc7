"""A value encrypted by a data key, with all that a reader needs to ask for that key: AES-256-GCM.

A whole value is laid out as Kroxylicious' record encryption has it (parcel version 1, wrapper version 2): the header
`kroxylicious.io/encryption` says 2, the value is cipher 0 (AES-256-GCM, tag of 128 bits), the length of the encrypted data key as an
unsigned varint, that key, 0 (nothing authenticated besides), 12 bytes of nonce, and the encrypted parcel: the value behind its length and
-2 for headers that are not in it. What the encrypted data key holds is the key service's own matter there, and here: tenant, version, key.

A field is a text: `enc1:` and in base64 the encrypted data key behind its length, nonce, and the field's JSON, authenticated with the
tenant and the field's path, so that it means nothing in another field.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from producer.errors import MalformedError
from producer.governance.errors import ProtectionError
from producer.governance.protection.key_material import KeyMaterial
from producer.governance.protection.key_ring import NONCE_BYTES, Writing
from producer.governance.protection.key_service import UnwrapDataKey
from producer.wire.varint import decode_unsigned, decode_zigzag, encode_unsigned, encode_zigzag

HEADER = "kroxylicious.io/encryption"
VERSION = bytes((2,))
AES_256_GCM_128 = 0
NO_AAD = 0
ABSENT = -2
"""In a parcel: not in it, so it is as it stands outside."""
FIELD = "enc1:"
"""What an encrypted field begins with."""
TENANT_BYTES_MAX = 1_000


class Sealed(NamedTuple):
    """An envelope taken apart, and not opened yet."""

    request: UnwrapDataKey
    """Which key opens it."""
    nonce: bytes
    data: bytes


def seal_value(value: bytes, by: Writing) -> bytes:
    """Encrypt a whole value."""
    parcel = encode_zigzag(len(value)) + value + encode_zigzag(ABSENT)
    edek = _edek(by)
    return b"".join(
        (
            bytes((AES_256_GCM_128,)),
            encode_unsigned(len(edek)),
            edek,
            bytes((NO_AAD,)),
            by.nonce,
            _encrypted(by, parcel, b""),
        )
    )


def sealed_value(data: bytes) -> Sealed:
    """Take a whole value's envelope apart. Raises ProtectionError."""
    try:
        if data[:1] != bytes((AES_256_GCM_128,)):
            raise ProtectionError("value", f"cipher {data[0] if data else 'of no byte'} is not known")
        size, at = decode_unsigned(data, 1)
        request = _request(data[at : at + size])
        at += size
        if data[at : at + 1] != bytes((NO_AAD,)) or len(data) < at + 1 + NONCE_BYTES:
            raise ProtectionError("value", "the envelope is broken")
    except MalformedError as error:
        raise ProtectionError("value", "the envelope is broken") from error
    return Sealed(request, data[at + 1 : at + 1 + NONCE_BYTES], data[at + 1 + NONCE_BYTES :])


def open_value(sealed: Sealed, key: KeyMaterial) -> bytes | None:
    """Decrypt a whole value. Raises ProtectionError."""
    parcel = _decrypted(sealed, key, b"", "value")
    try:
        size, at = decode_zigzag(parcel, 0)
        if size < -1 or len(parcel) < at + max(0, size):
            raise ProtectionError("value", "the parcel is broken")
    except MalformedError as error:
        raise ProtectionError("value", "the parcel is broken") from error
    return None if size == -1 else parcel[at : at + size]


def seal_field(value: Any, path: str, by: Writing) -> str:
    """Encrypt one field: whatever JSON has words for."""
    edek = _edek(by)
    plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    data = encode_unsigned(len(edek)) + edek + by.nonce + _encrypted(by, plain, _aad(by.key.tenant, path))
    return FIELD + urlsafe_b64encode(data).decode().rstrip("=")


def sealed_field(text: str, path: str) -> Sealed:
    """Take a field's envelope apart. Raises ProtectionError."""
    try:
        said = text.removeprefix(FIELD)
        data = urlsafe_b64decode(said + "=" * (-len(said) % 4))
        size, at = decode_unsigned(data, 0)
        request = _request(data[at : at + size])
    except (ValueError, MalformedError) as error:
        raise ProtectionError(path, "the envelope is broken") from error
    at += size
    return Sealed(request, data[at : at + NONCE_BYTES], data[at + NONCE_BYTES :])


def open_field(sealed: Sealed, path: str, key: KeyMaterial) -> Any:
    """Decrypt one field. Raises ProtectionError."""
    plain = _decrypted(sealed, key, _aad(sealed.request.tenant, path), path)
    try:
        return json.loads(plain)
    except (ValueError, RecursionError):
        # Whoever encrypted it had the key, and is none of ours.
        raise ProtectionError(path, "was encrypted, and is no JSON") from None


def _encrypted(by: Writing, plain: bytes, aad: bytes) -> bytes:
    return AESGCM(by.key.material.reveal()).encrypt(by.nonce, plain, aad or None)


def _decrypted(sealed: Sealed, key: KeyMaterial, aad: bytes, path: str) -> bytes:
    try:
        return AESGCM(key.reveal()).decrypt(sealed.nonce, sealed.data, aad or None)
    except (InvalidTag, ValueError):
        raise ProtectionError(path, f"is not what {sealed.request} has encrypted there") from None


def _aad(tenant: str, path: str) -> bytes:
    return b"\0".join((b"acklab field", tenant.encode(), path.encode()))


def _edek(by: Writing) -> bytes:
    tenant = by.key.tenant.encode()
    return len(tenant).to_bytes(2) + tenant + by.key.version.to_bytes(4) + by.key.wrapped


def _request(edek: bytes) -> UnwrapDataKey:
    size = int.from_bytes(edek[:2])
    tenant, rest = edek[2 : 2 + size], edek[2 + size :]
    if size > TENANT_BYTES_MAX or len(tenant) < size or len(rest) <= 4:
        raise MalformedError("an encrypted data key ends early")
    try:
        return UnwrapDataKey(tenant.decode(), int.from_bytes(rest[:4]), rest[4:])
    except UnicodeDecodeError as error:
        raise MalformedError("an encrypted data key names nobody") from error
