"""Which entities a DescribeClientQuotas asks for (Kafka's ClientQuotasImage.describe)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.errors import Code
from sim.cluster.envelope import RefusedError
from sim.cluster.quotas.entity import CLIENT_ID, IP, KINDS, USER

if TYPE_CHECKING:
    from producer.wire.messages.describe_client_quotas import ComponentData
    from sim.cluster.quotas.entity import QuotaEntity

EXACT, DEFAULT, SPECIFIED = 0, 1, 2
"""Match types: a part with this name, the default of its kind, any part of the kind."""


class QuotaFilter(NamedTuple):
    """What an entity must be like."""

    exact: dict[str, str | None]
    """By kind: the name of the part; None for the default."""
    any_of: tuple[str, ...]
    """Kinds of which there must be a part."""
    is_strict: bool
    """Whether there may be no parts but these."""

    def matches(self, entity: QuotaEntity) -> bool:
        """Whether an entity is one of those that were asked for."""
        if self.is_strict and len(entity.parts) != len(self.exact) + len(self.any_of):
            return False
        if not all(entity.has(kind) and entity.name_of(kind) == name for kind, name in self.exact.items()):
            return False
        return all(entity.has(kind) for kind in self.any_of)


def filter_of(components: tuple[ComponentData, ...], *, is_strict: bool) -> QuotaFilter:
    """Read a request's components. Raises RefusedError, worded as Kafka does."""
    exact: dict[str, str | None] = {}
    any_of: list[str] = []
    for kind, match_type, match in components:
        _check_kind(kind, (*exact, *any_of))
        if match_type == EXACT:
            if match is None:
                raise _refused("Request specified MATCH_TYPE_EXACT, but set match string to null.")
            exact[kind] = match
        elif match_type in {DEFAULT, SPECIFIED}:
            if match is not None:
                name = "DEFAULT" if match_type == DEFAULT else "SPECIFIED"
                raise _refused(f"Request specified MATCH_TYPE_{name}, but also specified a match string.")
            if match_type == DEFAULT:
                exact[kind] = None
            else:
                any_of.append(kind)
        else:
            raise _refused(f"Unknown match type {match_type}")
    kinds = (*exact, *any_of)
    if IP in kinds and (USER in kinds or CLIENT_ID in kinds):
        raise _refused(
            "Invalid entity filter component combination. IP filter component should not be used with user or clientId filter component."
        )
    return QuotaFilter(exact, tuple(any_of), is_strict)


def _check_kind(kind: str, before: tuple[str, ...]) -> None:
    if not kind:
        raise _refused("Invalid empty entity type.")
    if kind in before:
        raise _refused(f"Entity type {kind} cannot appear more than once in the filter.")
    if kind not in KINDS:
        raise RefusedError(Code.UNSUPPORTED_VERSION, f"Unsupported entity type {kind}")


def _refused(message: str) -> RefusedError:
    return RefusedError(Code.INVALID_REQUEST, message)
