"""What is remembered of a trace while its causes are looked for: the last event of each kind, by whom it is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

NOBODY = -1
"""No event: what a dict of last events gives for one of which nothing was heard."""

Request = tuple[str, int, int]
"""(client, connection, correlation id)."""
Where = tuple[str, int]
"""(topic, partition)."""

_BROKER = re.compile(r"\bb(\d+)\b")
_WORD = re.compile(r"[A-Za-z][\w.-]*")
_TIMES = re.compile(r" x(\d+)")


class Last(dict[Any, int]):
    """The last event by whom it is about; NOBODY, and no entry, for one of whom nothing was heard."""

    def __missing__(self, key: Any) -> int:
        return NOBODY


class Armed:
    """A fault that waits for what it spoils: so many requests or answers of one API, of one partition."""

    __slots__ = ("event", "left", "words")

    def __init__(self, event: int, fault: str) -> None:
        self.event = event
        self.words = frozenset(fault.split())
        times = _TIMES.search(fault)
        self.left = int(times[1]) if times is not None else 1


class Memory:
    """Event numbers, each of the last event of its kind; NOBODY before the first."""

    def __init__(self) -> None:
        # Clients.
        self.sent = Last()
        """(client, record) -> its send."""
        self.said_before = Last()
        """(client, record) -> the word that its send repeats another, or is made of something read."""
        self.accepted = Last()
        """(client, record) -> when it joined its batch."""
        self.batch_of_record: dict[tuple[str, Any], int] = {}
        self.batch_step = Last()
        """(client, batch) -> what it waits to be sent after: it was opened, retried, numbered anew."""
        self.batch_end = Last()
        """(client, batch) -> its verdict."""
        self.batch_sent: dict[tuple[str, int], tuple[int, Request, Where]] = {}
        """(client, batch) -> its last attempt."""
        self.failed_record = Last()
        self.phase = Last()
        """client -> the last begin or end of a phase, or of its life."""
        self.told = Last()
        """client -> the last word about one of its records."""
        self.identity = Last()
        self.metadata = Last()
        self.grown = Last()
        """(client, topic) -> when it learned that the topic has more partitions."""
        self.connection = Last()
        """(client, connection) -> its last step."""
        self.lost_connection = Last()
        """(client, connection) -> its end; (client, broker id) is no key of it."""
        self.reader = Last()
        """client -> its last step as a reader."""
        self.read = Last()
        """(client, topic, partition, offset) -> when it was given that."""
        # Requests.
        self.batches_of: dict[Request, list[int]] = {}
        """The sends of the batches that a request carries."""
        self.received = Last()
        self.spoilt = Last()
        """Request -> what a fault did to it, or to its answer."""
        self.spoilt_connection = Last()
        """(client, connection) -> the last such."""
        self.written: dict[tuple[Request, Where], int] = {}
        """What its leader did with it: appended it, or knew it already."""
        self.answered: dict[Request, list[int]] = {}
        self.answer_code: dict[tuple[Request, Where], tuple[int, int]] = {}
        """What was decided about it, and the code."""
        self.response = Last()
        self.response_to = Last()
        """client -> the last answer on its way to it."""
        # Replicas.
        self.entries: dict[tuple[str, int, int], tuple[list[int], list[int]]] = {}
        """(topic, partition, leader epoch) -> base offsets in ascending order, and who appended each."""
        self.copied = Last()
        """(broker, topic, partition) -> its last append or copy."""
        self.copied_by_any = Last()
        """(topic, partition) -> the last copy by any follower."""
        self.became = Last()
        """(broker, topic, partition) -> when it learned its role."""
        self.began_to_lead = Last()
        """(topic, partition) -> when its leader learned that it leads."""
        self.watermark = Last()
        """(topic, partition) -> the leader's last high watermark."""
        self.marker = Last()
        """(broker, topic, partition), and (topic, partition) -> the last end of a transaction in its log."""
        self.flipped = Last()
        # The cluster.
        self.elected = Last()
        self.leader: dict[Where, int] = {}
        self.isr: dict[Where, tuple[int, ...]] = {}
        self.isr_changed = Last()
        self.life = Last()
        """broker -> the last step of its process."""
        self.is_in_trouble: dict[int, bool] = {}
        """broker -> whether that step was a crash, a stop or a pause."""
        self.trouble = Last()
        """broker -> the last thing that befell it, a fault that names it included."""
        self.standing = Last()
        """broker -> the last word of the controller about it."""
        self.topic = Last()
        self.added = Last()
        """topic -> when it got more partitions."""
        self.setting = Last()
        self.trigger = NOBODY
        """The last event after which a controller may choose leaders."""
        self.trigger_us = NOBODY
        # Transactions.
        self.transaction = Last()
        """transactional id -> its last step at its coordinator."""
        self.asked = Last()
        """transactional id -> the last thing that its application asked for."""
        self.ending = Last()
        """client -> when it asked last for an end."""
        self.transactional = Last()
        """broker -> when it began last on a request about a transaction."""
        self.marking = Last()
        """producer id -> when its markers left."""
        # Faults.
        self.fault = NOBODY
        self.fault_us = NOBODY
        self.fault_text = ""
        self.injected = Last()
        """Place in the schedule -> when it struck."""
        self.named = Last()
        """A word of a fault that is the name of somebody -> the last fault that has it."""
        self.verb = Last()
        """A fault's first word -> the last one."""
        self.armed: dict[str, list[Armed]] = {}
        """A fault's first word -> those of them that spoil requests, and are not used up."""

    def note_fault(self, number: int, at_us: int, text: str) -> None:
        """Take a fault that strikes."""
        self.fault, self.fault_us, self.fault_text = number, at_us, text
        verb = text.partition(" ")[0]
        self.verb[verb] = number
        for broker in _BROKER.findall(text):
            self.trouble[int(broker)] = number
        for word in _WORD.findall(text):
            self.named[word] = number
        if verb in SPOILING:
            self.armed.setdefault(verb, []).append(Armed(number, text))

    def note_trigger(self, number: int, at_us: int) -> None:
        """Take what a controller may act on."""
        self.trigger, self.trigger_us = number, at_us

    def fault_now(self, at_us: int) -> int:
        """Give the fault that struck at this very time; NOBODY if none did."""
        return self.fault if self.fault_us == at_us else NOBODY

    def fault_naming(self, name: str, at_us: int) -> int:
        """Give the fault of this very time if it names somebody; else NOBODY."""
        return self.fault if self.fault_us == at_us and self.named[name] == self.fault else NOBODY

    def strike(self, verb: str, *words: str) -> int:
        """Give the first armed fault that has those words, and take one of its strikes; NOBODY if there is none."""
        for one in self.armed.get(verb, ()):
            if one.left and one.words.issuperset(words):
                one.left -= 1
                return one.event
        return NOBODY


SPOILING = frozenset({"drop", "delay", "answer", "detain", "lose"})
"""The faults that wait for a request or an answer."""
LINKS = ("cut", "hold", "reject", "reset")
"""The faults that strike packets."""

Found = Iterable[int]
"""Event numbers, the nearest cause first, NOBODY among them."""
Rules = Mapping[type[Any], Callable[[Memory, int, Any], Found]]
"""Type of an event -> what gives its causes and remembers the event: (memory, its number, the event)."""
