"""Claim check: a large value goes to an object store, and the record carries a reference with a checksum.

The object's name is its SHA-256, so the same value is kept once, and writing it again does no harm. It is written *and
read back* before the reference leaves, so whoever reads the reference finds the object. Nothing here deletes: let the
store's life cycle outlast the topic's retention.
"""

from __future__ import annotations

import itertools
import os
import platform
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from producer.large_payloads.errors import (
    ClaimCorruptError,
    ClaimMalformedError,
    ClaimMissingError,
    ClaimStoreError,
)
from producer.records import Headers, Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fsspec import AbstractFileSystem

PREFIX = "acklab.claim."
KEY_HEADER = PREFIX + "key"
"""The object's name below the store's root."""
SHA256_HEADER = PREFIX + "sha256"
BYTES_HEADER = PREFIX + "bytes"

THRESHOLD_BYTES = 900_000
"""Larger values go to the store: with key and headers, the rest fits Kafka's default limit of 1 MiB."""
OBJECT_BYTES_MAX = 1 << 30
"""What a consumer reads into memory, unless it says otherwise."""

WHOLE_OBJECT_STORES = frozenset(("abfs", "abfss", "az", "gcs", "gs", "memory", "oss", "r2", "s3", "s3a"))
"""Stores in which an object appears whole or not at all; elsewhere it is written under another name and moved."""

_parts = itertools.count(1)


class ClaimCheck:
    """One place in an object store, by fsspec's URL: `s3://bucket/claims`, `file:///var/claims`, `memory://claims`.

    Calls block: with `AsyncProducer` use `asyncio.to_thread`. Safe to use from many threads and processes.
    """

    def __init__(
        self,
        url: str,
        *,
        threshold_bytes: int = THRESHOLD_BYTES,
        object_bytes_max: int = OBJECT_BYTES_MAX,
        **storage_options: Any,
    ) -> None:
        """Open the store. Raises ClaimStoreError if fsspec, or its driver for this URL, is missing."""
        try:
            from fsspec.core import url_to_fs

            self._files: AbstractFileSystem
            self._files, root = url_to_fs(url, **storage_options)
        except (ImportError, ValueError) as error:
            raise ClaimStoreError(f"{url}: {error} (pip install 'acklab[objects]' brings fsspec)") from error
        self._root = root.rstrip("/")
        self._threshold_bytes = threshold_bytes
        self._object_bytes_max = object_bytes_max
        protocol = self._files.protocol
        protocols = (protocol,) if isinstance(protocol, str) else tuple(protocol)
        self._is_whole = not WHOLE_OBJECT_STORES.isdisjoint(protocols)

    # -- the producer's side -----------------------------------------------------------------------------------------

    def check_in(self, record: Record) -> Record:
        """Give the record to send: the same one if its value is small, else a reference to an object that is there.

        Raises ClaimStoreError; nothing may be sent then.
        """
        value = record.value
        if value is None or len(value) <= self._threshold_bytes:
            return record
        digest = sha256(value).hexdigest()
        key = _key(digest)
        self._keep(key, value, digest)
        headers = (
            *record.headers,
            (KEY_HEADER, key.encode()),
            (SHA256_HEADER, digest.encode()),
            (BYTES_HEADER, b"%d" % len(value)),
        )
        # Not null: a compacted topic would take that for a deletion.
        return record._replace(value=key.encode(), headers=headers)

    def _keep(self, key: str, value: bytes, digest: str) -> None:
        path = f"{self._root}/{key}"
        try:
            if self._holds(path, value, digest):
                return
            self._write(path, value)
            is_kept = self._holds(path, value, digest)
        except Exception as error:
            raise ClaimStoreError(f"{path} could not be written: {type(error).__name__}: {error}") from error
        if not is_kept:
            raise ClaimStoreError(f"{path} does not give back what was written to it")

    def _holds(self, path: str, value: bytes, digest: str) -> bool:
        # Some filesystems keep lists of what they saw; only the store itself counts.
        self._files.invalidate_cache()
        try:
            size_bytes = self._files.info(path)["size"]
            return size_bytes == len(value) and sha256(self._files.cat_file(path)).hexdigest() == digest
        except FileNotFoundError:
            return False

    def _write(self, path: str, value: bytes) -> None:
        self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
        if self._is_whole:
            self._files.pipe_file(path, value)
            return
        # Nobody may read half an object, and no two writers share a name.
        part = f"{path}.{platform.node()}-{os.getpid()}-{next(_parts)}.part"
        try:
            self._files.pipe_file(part, value)
            self._files.mv(part, path)
        except BaseException:
            if self._files.exists(part):
                self._files.rm(part)
            raise

    # -- the consumer's side -----------------------------------------------------------------------------------------

    def redeem(self, headers: Iterable[tuple[str, bytes | None]], value: bytes | None) -> bytes | None:
        """Give the value that was sent: the object behind a reference, or `value` itself if the record is none.

        Raises ClaimMalformedError, ClaimMissingError, ClaimCorruptError, or ClaimStoreError if the store cannot be read.
        """
        said = {name: text for name, text in headers if name.startswith(PREFIX)}
        if not said:
            return value
        digest, size_bytes = _checked(said)
        if size_bytes > self._object_bytes_max:
            raise ClaimMalformedError(f"an object of {size_bytes} bytes, but at most {self._object_bytes_max} are read")
        path = f"{self._root}/{_key(digest)}"
        try:
            found_bytes = self._files.info(path)["size"]
            if found_bytes != size_bytes:
                raise ClaimCorruptError(f"{path} has {found_bytes} bytes, the record says {size_bytes}")
            content: bytes = self._files.cat_file(path)
        except FileNotFoundError as error:
            raise ClaimMissingError(f"{path} is not in the store") from error
        except ClaimCorruptError:
            raise
        except Exception as error:
            raise ClaimStoreError(f"{path} could not be read: {type(error).__name__}: {error}") from error
        if sha256(content).hexdigest() != digest:
            raise ClaimCorruptError(f"{path} has another SHA-256 than its name and the record say")
        return content


def is_reference(headers: Iterable[tuple[str, bytes | None]]) -> bool:
    """Whether a record carries a reference in place of its value."""
    return any(name.startswith(PREFIX) for name, _ in headers)


def without_reference(headers: Iterable[tuple[str, bytes | None]]) -> Headers:
    """Give the headers that the application had sent."""
    return tuple(header for header in headers if not header[0].startswith(PREFIX))


def _key(digest: str) -> str:
    return f"sha256/{digest[:2]}/{digest}"


def _checked(said: dict[str, bytes | None]) -> tuple[str, int]:
    """Read the headers. The path is made from the digest alone: a record must not choose which file is read."""
    digest, key, size = (said.get(name) for name in (SHA256_HEADER, KEY_HEADER, BYTES_HEADER))
    if digest is None or len(digest) != 64 or not set(digest) <= set(b"0123456789abcdef"):
        raise ClaimMalformedError(f"{SHA256_HEADER} is {digest!r}, must be 64 hexadecimal digits")
    text = digest.decode()
    if key != _key(text).encode():
        raise ClaimMalformedError(f"{KEY_HEADER} is {key!r}, must be {_key(text)}")
    # isdigit alone would let through a size too long to be one.
    if size is None or not size.isdigit() or len(size) > 18:
        raise ClaimMalformedError(f"{BYTES_HEADER} is {size!r}, must be a number of bytes")
    return text, int(size)
