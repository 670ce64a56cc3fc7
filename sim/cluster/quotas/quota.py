"""One limit of one entity, as a story states it and a person writes it: `client-id=noisy producer_byte_rate=1048576`."""

from __future__ import annotations

import re
from typing import NamedTuple

from sim.cluster.envelope import RefusedError
from sim.cluster.quotas.entity import NAME, QuotaEntity, parse_entity
from sim.cluster.quotas.limits import check_entity, check_limit

ENTITY = rf"(?:[a-z-]+=(?:{NAME}) )*[a-z-]+=(?:{NAME})"
LIMIT = r"[a-z_]+"
_QUOTA = re.compile(rf"(?P<entity>{ENTITY}) (?P<limit>{LIMIT})=(?P<value>\S+)")


class Quota(NamedTuple):
    """An entity is allowed so much."""

    entity: QuotaEntity
    limit: str
    """By Kafka's name, as in `limits`."""
    value: float

    def __str__(self) -> str:
        return f"{self.entity} {self.limit}={limit_text(self.value)}"


def limit_text(value: float) -> str:
    """Write a limit's value: whole numbers without a point."""
    return str(int(value)) if value.is_integer() else str(value)


def checked_quota(entity: str, limit: str, value: str | None) -> Quota:
    """Read an entity, a limit's name and its value, None for one that is to go. Raises ValueError, worded as Kafka refuses it."""
    parsed = parse_entity(entity)
    try:
        number = 1.0 if value is None else float(value)
    except ValueError as error:
        msg = f"{limit} is {value!r}, must be a number"
        raise ValueError(msg) from error
    try:
        check_limit(check_entity(parsed), limit, number)
    except RefusedError as error:
        raise ValueError(error.refusal.message) from error
    return Quota(parsed, limit, number)


def parse_quota(text: str) -> Quota:
    """Read what `str` of a quota writes. Raises ValueError."""
    match = _QUOTA.fullmatch(" ".join(text.split()))
    if match is None:
        msg = f"{text!r} is no quota: expected it as in 'client-id=noisy producer_byte_rate=1048576'"
        raise ValueError(msg)
    return checked_quota(match["entity"], match["limit"], match["value"])
