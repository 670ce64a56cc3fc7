"""A raw client sends one Produce request as a story says it: to whom, under whose producer id, with which sequence.

`write orders-0` is what any client may send; `write orders-0, of billing` is what the next batch of billing's producer would be,
sent by somebody else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from producer.records import NO_PRODUCER_EPOCH, NO_PRODUCER_ID, NO_SEQUENCE
from producer.wire.record_batch import SEQUENCE_MASK
from sim.cluster.applications import life_of
from sim.cluster.raw_clients import RawProduce
from sim.faults.overheard import Overheard, identity_of, last_epoch, next_sequence
from sim.faults.targets import (
    ONE_TARGET,
    Leader,
    NotInjectedError,
    OneTarget,
    of_the_story,
    one_broker,
    parse_one,
    target_text,
)
from sim.faults.text import NAME, PARTITION, FaultTextError, topic_partition

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster
    from sim.cluster.raw_clients import RawClients

Acks = Literal["all", "1", "0"]
ACKS: dict[Acks, int] = {"all": -1, "1": 1, "0": 0}
"""What stands in a Produce request for each."""
RAW = "raw"
"""What the client is called unless the story says."""
RECORDS_MAX = 1_000
"""In one request."""
_OF_CONSUMERS = "consumer-"
EPOCH_MAX = (1 << 15) - 1
ID_MAX = (1 << 63) - 1

_IDENTITY = rf"(?:id (?P<id>\d+)|of (?P<application>{NAME}))(?: epoch (?P<epoch>\d+))?(?: sequence (?P<sequence>\d+))?"


def _at_work(cluster: Cluster) -> RawClients:
    return of_the_story(cluster.raw_clients, "nobody writes")


@dataclass(frozen=True, slots=True)
class RawWrite:
    """A client without an engine sends one Produce request, whatever a producer would send: under any id, epoch and sequence."""

    PATTERN: ClassVar = re.compile(
        rf"write (?P<partition>{PARTITION})(?: to (?P<broker>{ONE_TARGET}))?(?: as (?P<client>{NAME}))?"
        rf"(?:, {_IDENTITY})?(?:, x(?P<records>\d+))?(?:, acks (?P<acks>all|1|0))?"
    )
    EXAMPLE: ClassVar = (
        "write orders-0 | write orders-0, of producer-1 | write orders-0 to b1 as zombie, of producer-1 epoch 0 sequence 3, "
        "x2, acks 1 | write orders-0, id 7000"
    )

    partition: str
    to: OneTarget | None = None
    """None: whoever leads the partition then."""
    client: str = RAW
    """What it is called; its next request goes by the same name, and numbers its records on."""
    application: str | None = None
    """Whose producer id it takes: that of an application's latest life, or of the life that is named."""
    producer_id: int | None = None
    """Or which; None, as the application: none, and so no sequence."""
    epoch: int | None = None
    """None: the one that goes with the id now, as far as anybody has heard."""
    sequence: int | None = None
    """Of its first record; None: what follows the last that anybody sent there under this id and epoch."""
    records: int = 1
    """In one batch."""
    acks: Acks = "all"
    kind: Literal["write"] = "write"

    def __post_init__(self) -> None:
        topic_partition(self.partition)
        for what, name in (("a client", self.client), ("an application", self.application)):
            if name is not None and not re.fullmatch(NAME, name):
                raise FaultTextError(f"{name!r} is no name of {what}: expected one such as zombie")
        if self.client.startswith(_OF_CONSUMERS):
            raise FaultTextError(
                f"{self.client!r} is no name of a client: {_OF_CONSUMERS}… is who reads everything back"
            )
        if self.application is not None and self.producer_id is not None:
            raise FaultTextError(f"id {self.producer_id} of {self.application}: expected an id, or whose it is")
        if not self.has_identity and (self.epoch, self.sequence) != (None, None):
            raise FaultTextError("an epoch or a sequence without a producer id: expected 'id 7000' or 'of billing'")
        if self.acks not in ACKS:
            raise FaultTextError(f"acks {self.acks!r}: expected all, 1 or 0")
        for word, number, lowest, highest in (
            ("id", self.producer_id, 0, ID_MAX),
            ("epoch", self.epoch, 0, EPOCH_MAX),
            ("sequence", self.sequence, 0, SEQUENCE_MASK),
            ("x", self.records, 1, RECORDS_MAX),
        ):
            if number is not None and not lowest <= number <= highest:
                raise FaultTextError(f"{word} {number} in a raw write: must be {lowest} to {highest}")

    @property
    def has_identity(self) -> bool:
        """Whether it goes under a producer id."""
        return self.application is not None or self.producer_id is not None

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        def number(word: str) -> int | None:
            return None if match[word] is None else int(match[word])

        return cls(
            match["partition"],
            None if match["broker"] is None else parse_one(match["broker"]),
            match["client"] or RAW,
            match["application"],
            number("id"),
            number("epoch"),
            number("sequence"),
            int(match["records"] or 1),
            next(word for word in ACKS if word == (match["acks"] or "all")),
        )

    def __str__(self) -> str:
        text = f"write {self.partition}"
        if self.to is not None:
            text += f" to {target_text(self.to)}"
        if self.client != RAW:
            text += f" as {self.client}"
        if self.has_identity:
            text += f", id {self.producer_id}" if self.application is None else f", of {self.application}"
            text += "" if self.epoch is None else f" epoch {self.epoch}"
            text += "" if self.sequence is None else f" sequence {self.sequence}"
        if self.records != 1:
            text += f", x{self.records}"
        return text if self.acks == "all" else f"{text}, acks {self.acks}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name the broker, the id, the epoch and the sequence at this moment.

        Raises NotInjectedError if nobody leads, or the application has no producer id.
        """
        broker = one_broker(Leader(self.partition) if self.to is None else self.to, cluster)
        if not self.has_identity:
            return replace(self, to=broker)
        identity = self._identity(cluster)
        sequence = self.sequence
        if sequence is None:
            sequence = next_sequence(cluster, identity, topic_partition(self.partition))
        return replace(
            self,
            to=broker,
            application=None,
            producer_id=identity.producer_id,
            epoch=identity.epoch,
            sequence=sequence,
        )

    def _identity(self, cluster: Cluster) -> Overheard:
        if self.application is None:
            assert self.producer_id is not None
            known = Overheard(self.producer_id, last_epoch(cluster, self.producer_id))
        else:
            found = identity_of(cluster, self.application)
            if found is None:
                raise NotInjectedError(f"{self.application} has no producer id")
            known = found
        return known if self.epoch is None else known._replace(epoch=self.epoch)

    def inject(self, cluster: Cluster) -> None:
        """Send it now. Raises NotInjectedError as `resolved` does, that or ValueError if somebody else has the client's name."""
        if cluster.applications is not None and cluster.applications.has(life_of(self.client)[0]):
            raise NotInjectedError(f"{self.client} is an application")
        sent = self.resolved(cluster)
        assert isinstance(sent.to, int)
        produce = RawProduce(
            topic_partition(sent.partition),
            sent.records,
            ACKS[sent.acks],
            NO_PRODUCER_ID if sent.producer_id is None else sent.producer_id,
            NO_PRODUCER_EPOCH if sent.epoch is None else sent.epoch,
            NO_SEQUENCE if sent.sequence is None else sent.sequence,
        )
        _at_work(cluster).write(sent.client, sent.to, produce)
