"""The second judge of secrets: the files on the disks as they are, searched for texts that the story has in plain."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping

from producer.wire.record_batch import decode_records
from sim.cluster.broker.log_directory import logs_on
from sim.cluster.cluster import Cluster
from sim.stories.secrets import Secret

Place = tuple[str, int, int]
"""Topic, partition, offset."""


def lying(cluster: Cluster, secrets: tuple[Secret, ...]) -> set[Place]:
    """Where some secret lies on some disk."""
    found = set()
    for broker in cluster.brokers.values():
        for tp, file in logs_on(broker.disk):
            for stored in file.entries:
                for one in decode_records(stored.data):
                    if any(_is_in(secret.text.encode(), repr(one).encode()) for secret in secrets):
                        found.add((tp.topic, tp.partition, one.offset))
    return found


def _is_in(text: bytes, shown: bytes) -> bool:
    whole = len(text) - len(text) % 3
    return any(one in shown for one in (text, text.hex().encode(), base64.b64encode(text[:whole])))


def late(cluster: Cluster, rotated_us: Mapping[str, int], sent_us: Mapping[Place, int]) -> set[Place]:
    """Where a field lies under the first key of a tenant, sent after it was replaced."""
    found = set()
    for broker in cluster.brokers.values():
        for tp, file in logs_on(broker.disk):
            for stored in file.entries:
                for one in decode_records(stored.data):
                    place = (tp.topic, tp.partition, one.offset)
                    for field in re.findall(rb'"enc1:([^"]+)"', one.value or b""):
                        # A varint of one byte, two of the tenant's size, the tenant, four of the version.
                        data = base64.urlsafe_b64decode(field + b"=" * (-len(field) % 4))[1:]
                        size = data[1]
                        tenant, version = data[2 : 2 + size].decode(), data[2 + size : 6 + size]
                        if version == b"\0\0\0\1" and sent_us.get(place, -1) > rotated_us.get(tenant, 1 << 62):
                            found.add(place)
    return found


JUDGES: Mapping[str, Callable[..., set[Place]]] = {"disclosed": lying}
"""Promise -> who looks for its breaches."""
