"""What can go wrong with a large payload.

LargePayloadError
|-- ClaimError
|   |-- ClaimStoreError        the store does not keep what was written, or cannot be reached
|   |-- ClaimMissingError      the reference leads nowhere
|   |-- ClaimCorruptError      the object is not what the reference says
|   `-- ClaimMalformedError    the record's headers are no reference
`-- ChunkError
    |-- ChunkMalformedError    the record's headers are those of no chunk
    `-- ChunkCorruptError      chunks contradict each other, or the whole is not what they promised
"""

from __future__ import annotations

from producer.errors import ProducerError


class LargePayloadError(ProducerError):
    """A large payload could not be sent, or not be put together again."""


class ClaimError(LargePayloadError):
    """About an object in the store."""


class ClaimStoreError(ClaimError):
    """The store could not be written or read, or does not give back what was written. No reference was sent."""


class ClaimMissingError(ClaimError):
    """There is no object where the reference leads: deleted, or another store."""


class ClaimCorruptError(ClaimError):
    """The object's size or SHA-256 is not what the reference says."""


class ClaimMalformedError(ClaimError):
    """The headers say that this is a reference, and are none."""


class ChunkError(LargePayloadError):
    """About chunks."""


class ChunkMalformedError(ChunkError):
    """The headers say that this is a chunk, and are none."""


class ChunkCorruptError(ChunkError):
    """Chunks of one payload contradict each other, or together are not what they promised."""
