"""What controllers say to each other: who may lead, who leads, and how far the metadata log is (KIP-595, KIP-996)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vote:
    """May I lead in this epoch? A pre-vote asks whether anybody would say yes, and binds nobody (KIP-996)."""

    candidate: str
    epoch: int
    log_offset: int
    """Whoever is further with the log says no."""
    is_pre_vote: bool


@dataclass(frozen=True, slots=True)
class VoteAnswer:
    """Yes or no, and the newest epoch that the voter knows of."""

    voter: str
    epoch: int
    asked_in_epoch: int
    is_pre_vote: bool
    is_granted: bool


@dataclass(frozen=True, slots=True)
class BeginQuorumEpoch:
    """I was elected."""

    leader: str
    epoch: int


@dataclass(frozen=True, slots=True)
class VoterFetch:
    """A Fetch of the metadata log by another controller: its word that it follows."""

    voter: str
    epoch: int
    number: int
    log_offset: int


@dataclass(frozen=True, slots=True)
class VoterFetchAnswer:
    """How far the log is; or, in a newer epoch or without a leader here, who leads as far as is known."""

    epoch: int
    leader: str
    """Empty if it is not known."""
    number: int
    log_offset: int


RaftMessage = Vote | VoteAnswer | BeginQuorumEpoch | VoterFetch | VoterFetchAnswer
