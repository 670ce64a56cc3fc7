"""What an application means to happen once and as a whole: its transactions, and which record it made of which.

All of it is a client's word, never a broker's. A transaction has a number within its client, from 1; what the client sends between its
beginning and the next one's is part of it. Who writes without transactions says in the same words what belongs together, with an empty
`transactional_id`: nobody but the application ends that.
"""

from __future__ import annotations

from typing import NamedTuple


class TransactionalIdTaken(NamedTuple):
    """An application was told that a transactional id is its own from now on: whoever had it before is fenced (KIP-98)."""

    at_us: int
    client: str
    transactional_id: str


class TransactionBegan(NamedTuple):
    """An application begins a transaction."""

    at_us: int
    client: str
    transactional_id: str
    transaction: int


class TransactionRecovered(NamedTuple):
    """An application goes on with a transaction that an earlier life of it has prepared, as its own (KIP-939)."""

    at_us: int
    client: str
    transactional_id: str
    transaction: int
    """The number that it has now."""
    first_client: str
    first_transaction: int
    """Whose it was, and its number then."""


class RecordDerived(NamedTuple):
    """An application made the record that it sends next of one that it was given. It makes something of each that it is given."""

    at_us: int
    client: str
    record: int
    """Of its own records, by the number of its `RecordSent`."""
    reader: str
    """Who was given the other one (`RecordRead.client`)."""
    topic: str
    partition: int
    offset: int
    """Where the other one lies."""
    part: int = 1
    """Which of all that is made of that one, from 1."""


class OffsetsGiven(NamedTuple):
    """An application asks for positions of a group to be remembered if its transaction is committed."""

    at_us: int
    client: str
    transaction: int
    group: str
    positions: tuple[tuple[str, int, int], ...]
    """Topic, partition, and the next offset to read, of each."""


class CheckpointTaken(NamedTuple):
    """An application keeps its own positions: its next life goes on from them, and ends what `transaction` names by a commit."""

    at_us: int
    client: str
    transaction: int
    """What it holds was made of all that lies before the positions, since those of the checkpoint before."""
    positions: tuple[tuple[str, int, int], ...]
    """Topic, partition, and the next offset to read, of each."""


class TransactionEnding(NamedTuple):
    """An application asks for its transaction to be committed or aborted. It may ask again for what it was told nothing of."""

    at_us: int
    client: str
    transactional_id: str
    transaction: int
    is_commit: bool


class TransactionEnded(NamedTuple):
    """An application was told how its transaction ended, or will hear no more of it. Told twice, the last word counts."""

    at_us: int
    client: str
    transactional_id: str
    transaction: int
    outcome: str
    """`committed`, `aborted`, `fenced` (another has the id by now), `failed` (it cannot be committed any more), or `unknown`."""
    code: int
    """Kafka's error code; 0 for `committed` and `aborted`, NETWORK_EXCEPTION where no answer came."""
