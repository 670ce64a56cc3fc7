"""Dead letters: what happens to a record that will not be delivered, decided by one policy.

A `DeadLetterProducer` wraps a `Producer`. Each failure falls into one `Failure`; `COUNTS` says which of them are about
the record, and so fit for a dead-letter topic, and which are about the cluster or the caller, and so are not.
"""

from producer.dead_letters.dead_letter_producer import DeadLetterProducer
from producer.dead_letters.dead_letter_reader import DeadLetterReader
from producer.dead_letters.failures import (
    COUNTS,
    MAY_COUNT,
    DeadLetteredError,
    DeadLetterLostError,
    Failure,
    UnreadableRecordError,
    classify,
)
from producer.dead_letters.graveyard import Sends
from producer.dead_letters.letter import PREFIX, DeadLetter, dead_letter, read, revive
from producer.dead_letters.policy import Action, DeadLetterPolicy
from producer.errors import SerializationError

__all__ = [
    "COUNTS",
    "MAY_COUNT",
    "PREFIX",
    "Action",
    "DeadLetter",
    "DeadLetterLostError",
    "DeadLetterPolicy",
    "DeadLetterProducer",
    "DeadLetterReader",
    "DeadLetteredError",
    "Failure",
    "Sends",
    "SerializationError",
    "UnreadableRecordError",
    "classify",
    "dead_letter",
    "read",
    "revive",
]
