"""The producer's id and epoch: asked for once, bumped by the producer itself when a gap is certain (KIP-98, KIP-360)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.records import NO_IDENTITY, ProducerIdentity
from producer.transitions import Symbol, move

if TYPE_CHECKING:
    from producer.errors import ErrorCode

EPOCH_MAX = 2**15 - 1


class IdentityState(Symbol):
    NONE = "none"
    ASKED = "asked"
    """An InitProducerId request is queued or under way, for as often as it takes."""
    ASSIGNED = "assigned"
    REFUSED = "refused"
    """No broker will ever give one, or take anything from it: every send fails."""


class IdentityInput(Symbol):
    ASK = "ask"
    GIVEN = "given"
    REFUSE = "refuse"
    BUMP = "bump"
    """By the producer itself, which has no transactions."""
    RENEW = "renew"
    """By the coordinator of its transactions."""
    EXHAUST = "exhaust"


TRANSITIONS: dict[tuple[IdentityState, IdentityInput], IdentityState] = {
    (IdentityState.NONE, IdentityInput.ASK): IdentityState.ASKED,
    (IdentityState.ASKED, IdentityInput.GIVEN): IdentityState.ASSIGNED,
    (IdentityState.ASKED, IdentityInput.REFUSE): IdentityState.REFUSED,
    (IdentityState.ASSIGNED, IdentityInput.BUMP): IdentityState.ASSIGNED,
    (IdentityState.ASSIGNED, IdentityInput.RENEW): IdentityState.ASSIGNED,
    (IdentityState.ASSIGNED, IdentityInput.EXHAUST): IdentityState.NONE,
    (IdentityState.ASSIGNED, IdentityInput.REFUSE): IdentityState.REFUSED,
}


class Identity:
    """Who this producer is to the brokers."""

    __slots__ = ("current", "refusal", "state")

    def __init__(self) -> None:
        self.current: ProducerIdentity = NO_IDENTITY
        self.state = IdentityState.NONE
        self.refusal: ErrorCode | None = None
        """Why it is REFUSED."""

    @property
    def is_assigned(self) -> bool:
        return self.state is IdentityState.ASSIGNED

    def feed(self, given: IdentityInput) -> None:
        """Move on. Raises IllegalTransitionError, changing nothing, if the table has no such move."""
        self.state = move(TRANSITIONS, self.state, given, whose="identity")

    def assign(self, identity: ProducerIdentity) -> None:
        """Take what a broker gave."""
        self.feed(IdentityInput.GIVEN)
        self.current = identity

    def renew(self, identity: ProducerIdentity) -> None:
        """Take the epoch, or the id, that the coordinator gave for the next transaction (KIP-360, KIP-890)."""
        self.feed(IdentityInput.RENEW)
        self.current = identity

    def refuse(self, error: ErrorCode) -> None:
        """Take a broker's word that this producer cannot go on."""
        self.feed(IdentityInput.REFUSE)
        self.refusal = error

    def bump(self) -> bool:
        """Raise the epoch by one. Behind the last one the id is dropped, and must be asked for again: gives False then."""
        if self.current.producer_epoch >= EPOCH_MAX:
            self.feed(IdentityInput.EXHAUST)
            self.current = NO_IDENTITY
            return False
        self.feed(IdentityInput.BUMP)
        self.current = ProducerIdentity(self.current.producer_id, self.current.producer_epoch + 1)
        return True
