"""One kind of limit for every entity, and which of them holds for a client (Kafka's ClientQuotaManager, DefaultQuotaCallback).

Eight levels, the most specific first: user and client id, user and any client id, user; any user and client id, any user and any
client id, any user; client id, any client id. Who is counted together is said by tags: a user's name and a client id, of which
an empty one stands for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sim.cluster.quotas.entity import CLIENT_ID, USER

if TYPE_CHECKING:
    from sim.cluster.quotas.entity import QuotaEntity

UNLIMITED = float((1 << 63) - 1)

_BY_CLIENT_ID, _BY_USER, _BY_BOTH = 1, 2, 4
"""Kinds of entities that have limits, as bits."""


class Tags(NamedTuple):
    """Who is counted together."""

    user: str
    """Empty: whoever it is."""
    client_id: str
    """Empty: whatever it calls itself."""


class _Level(NamedTuple):
    """Parts of an entity: a name, None for the default, `_ABSENT` for no such part."""

    user: str | None
    client_id: str | None


_ABSENT = "\0absent"
"""Of a part that an entity does not have; nobody is called so."""


class ClientLimits:
    """The limits of one kind."""

    __slots__ = ("_levels", "_limits")

    def __init__(self) -> None:
        self._limits: dict[_Level, float] = {}
        self._levels = 0

    @property
    def is_empty(self) -> bool:
        """Whether nobody has one, so that nothing needs counting."""
        return not self._levels

    def put(self, entity: QuotaEntity, limit: float | None) -> None:
        """Set the limit of an entity, or take it away for None."""
        level = _Level(*(entity.name_of(kind) if entity.has(kind) else _ABSENT for kind in (USER, CLIENT_ID)))
        if limit is None:
            self._limits.pop(level, None)
        else:
            self._limits[level] = limit
        self._levels = 0
        for one in self._limits:
            self._levels |= _kind(one)

    def tags(self, user: str, client_id: str) -> Tags:
        """Say as who a client is counted."""
        if self._levels in {0, _BY_CLIENT_ID}:
            return Tags("", client_id)
        if self._levels == _BY_USER:
            return Tags(user, "")
        if self._levels == _BY_BOTH:
            return Tags(user, client_id)
        limits = self._limits
        if _Level(user, client_id) in limits or _Level(user, None) in limits:
            return Tags(user, client_id)
        if _Level(user, _ABSENT) in limits:
            return Tags(user, "")
        if _Level(None, client_id) in limits or _Level(None, None) in limits:
            return Tags(user, client_id)
        if _Level(None, _ABSENT) in limits:
            return Tags(user, "")
        return Tags("", client_id)

    def limit(self, tags: Tags) -> float:
        """Give the limit of who is counted so."""
        user, client_id = tags
        levels: tuple[_Level, ...] = ()
        if user and client_id:
            levels = (_Level(user, client_id), _Level(user, None), _Level(None, client_id), _Level(None, None))
        elif user:
            levels = (_Level(user, _ABSENT), _Level(None, _ABSENT))
        elif client_id:
            levels = (_Level(_ABSENT, client_id), _Level(_ABSENT, None))
        for level in levels:
            found = self._limits.get(level)
            if found is not None:
                return found
        return UNLIMITED


def _kind(level: _Level) -> int:
    if level.user == _ABSENT:
        return _BY_CLIENT_ID
    return _BY_USER if level.client_id == _ABSENT else _BY_BOTH
