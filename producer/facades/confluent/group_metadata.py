"""What `confluent_kafka.Consumer.consumer_group_metadata()` gives: bytes that are nobody's business but librdkafka's, read here.

`CGMDv2:`, the generation as the machine writes an int, the group and the member each ended by a null byte, whether there is no
static name, and that name (rd_kafka_consumer_group_metadata_write).
"""

from __future__ import annotations

import sys

from producer.facades.confluent.errors import KafkaError, KafkaException
from producer.records import ConsumerGroupMetadata

MAGIC = b"CGMDv2:"
GENERATION_BYTES = 4


def read_group_metadata(data: bytes) -> ConsumerGroupMetadata:
    """Read who a consumer is in its group. Raises KafkaException, `_BAD_MSG`."""
    if len(data) < len(MAGIC) + GENERATION_BYTES + 3:
        raise _bad("Input buffer is too short")
    if not data.startswith(MAGIC):
        raise _bad("Input buffer is not a serialized consumer group metadata object")
    generation_id = int.from_bytes(data[len(MAGIC) :][:GENERATION_BYTES], sys.byteorder, signed=True)
    try:
        group_id, member_id, rest = data[len(MAGIC) + GENERATION_BYTES :].split(b"\0", 2)
        is_dynamic, instance_id = bool(rest[0]), rest[1:].removesuffix(b"\0").decode()
        return ConsumerGroupMetadata(
            group_id.decode(), generation_id, member_id.decode(), None if is_dynamic else instance_id
        )
    except (ValueError, IndexError) as error:
        raise _bad("Input buffer is not a serialized consumer group metadata object") from error


def _bad(told: str) -> KafkaException:
    return KafkaException(KafkaError(KafkaError._BAD_MSG, told))
