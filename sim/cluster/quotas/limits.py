"""The limits that there are, for whom, and of which values (Kafka's QuotaConfig, ClientQuotaControlManager)."""

from __future__ import annotations

import math
from ipaddress import ip_address
from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.envelope import RefusedError
from sim.cluster.quotas.entity import CLIENT_ID, IP, USER

if TYPE_CHECKING:
    from sim.cluster.quotas.entity import QuotaEntity

PRODUCER_BYTE_RATE = "producer_byte_rate"
"""Bytes of Produce requests in a second, of each broker."""
CONSUMER_BYTE_RATE = "consumer_byte_rate"
"""Bytes of answers to Fetch in a second, of each broker."""
REQUEST_PERCENTAGE = "request_percentage"
"""Of one thread's time, of each broker; two threads at work are 200."""
CONTROLLER_MUTATION_RATE = "controller_mutation_rate"
"""Partitions created or deleted in a second."""
CONNECTION_CREATION_RATE = "connection_creation_rate"
"""Connections from one address in a second, at each broker."""

_LONG_MAX, _INT_MAX = float((1 << 63) - 1), float((1 << 31) - 1)
_WHOLE_MAX: dict[str, tuple[float, str]] = {
    PRODUCER_BYTE_RATE: (_LONG_MAX, "LONG"),
    CONSUMER_BYTE_RATE: (_LONG_MAX, "LONG"),
    CONNECTION_CREATION_RATE: (_INT_MAX, "INT"),
}
"""Those that are whole numbers: the greatest, and what Java calls the type."""
_FRACTION_MAX = 1e-6

OF_CLIENTS = (CONSUMER_BYTE_RATE, CONTROLLER_MUTATION_RATE, PRODUCER_BYTE_RATE, REQUEST_PERCENTAGE)
"""For users and client ids."""
OF_ADDRESSES = (CONNECTION_CREATION_RATE,)


def check_entity(entity: QuotaEntity) -> tuple[str, ...]:
    """Make sure that an entity can have quotas, and give the names of those. Raises RefusedError, worded as Kafka does."""
    if not entity.parts:
        raise _refused("Invalid empty client quota entity")
    for kind, name in entity.parts:
        if kind not in {USER, CLIENT_ID, IP}:
            raise _refused(f"Unhandled client quota entity type: {kind}")
        if not name and name is not None:
            raise _refused(f"Empty {kind} not supported")
    if not entity.has(IP):
        return OF_CLIENTS
    if entity.has(USER) or entity.has(CLIENT_ID):
        raise _refused("Invalid quota entity combination, IP entity should not be combined with User or ClientId")
    address = entity.name_of(IP)
    if address is not None and not _is_address(address):
        raise _refused(f"{address} is not a valid IP or resolvable host.")
    return OF_ADDRESSES


def check_limit(names: tuple[str, ...], name: str, value: float) -> None:
    """Make sure that a limit is one of `names`, and can have that value. Raises RefusedError, worded as Kafka does."""
    if name not in names:
        raise _refused(f"Invalid configuration key {name}")
    if value <= 0:
        raise _refused(f"Quota {name} must be greater than 0")
    if name in _WHOLE_MAX:
        highest, kind = _WHOLE_MAX[name]
        if value > highest:
            raise _refused(f"Proposed value for {name} is too large for a {kind}.")
        if math.fmod(value, 1.0) > _FRACTION_MAX:
            raise _refused(f"{name} cannot be a fractional value.")


def _is_address(text: str) -> bool:
    """Whether it is an address. Kafka takes any name that resolves; here no name does but that of the machine itself."""
    try:
        ip_address(text)
    except ValueError:
        return text == "localhost"
    return True


def _refused(message: str) -> RefusedError:
    return RefusedError(Code.INVALID_REQUEST, message)
