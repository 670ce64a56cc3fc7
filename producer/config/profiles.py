"""Profiles: a few properties under one name (`acklab.profile`), each with its reason, and what they promise together.

What is given besides wins over the profile's. `acklab doctor --profile NAME` tells all that stands here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from producer.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

PROFILE = "acklab.profile"
"""The property that names a profile."""


class Setting(NamedTuple):
    """One property, and why it is so."""

    name: str
    value: str
    why: str


class Profile(NamedTuple):
    """Properties that belong together."""

    name: str
    purpose: str
    settings: tuple[Setting, ...]
    promises: tuple[str, ...]
    does_not_promise: tuple[str, ...]
    needs: tuple[Setting, ...]
    """What brokers and topics must be set to, or the promises are empty."""

    @property
    def properties(self) -> dict[str, str]:
        """The producer's properties, by Kafka's names."""
        return {name: value for name, value, _ in self.settings}


_ACKS = Setting(
    "acks", "all", "the leader answers once every replica in sync has the record, so that any of them may lead next"
)
_IDEMPOTENCE = Setting(
    "enable.idempotence",
    "true",
    "brokers recognise a retry and write it once; said aloud, because Kafka switches it off without a word beside acks=1 or retries=0",
)
_RETRIES = Setting("retries", "2147483647", "delivery.timeout.ms alone decides when a record is given up")

_LEADERS = Setting(
    "acklab.remember.leaders",
    "true",
    "the default: a deposed leader is not believed, even after a rebootstrap; the Java producer has no such setting",
)
_NUMBERS = Setting(
    "acklab.renumber.in.doubt",
    "false",
    "a batch that may be in the log keeps its number, by which brokers recognise it, until its own verdict; the Java producer has "
    "no such setting",
)

_REPLICAS = Setting(
    "replication.factor", "3", "of the topic: one broker may be down for repairs while another one fails"
)
_IN_SYNC = Setting(
    "min.insync.replicas",
    "2",
    "of the topic: with 1, acks=all is content with the leader alone once the others have fallen behind",
)
_CLEAN = Setting(
    "unclean.leader.election.enable",
    "false",
    "of the topic: a replica that lacks acknowledged records must not become the leader",
)
_REPLICATED = (_REPLICAS, _IN_SYNC, _CLEAN)

_KEPT = (
    "An acknowledged record is on every replica in sync, at least min.insync.replicas of them, and outlives the leader."
)
_ONCE = "A retry of this producer's writes nothing twice."
_IN_ORDER = "The records of a partition are written in the order in which they were sent."

_AS_BY_DEFAULT = "What the default configuration promises: acks and idempotence stay as Kafka has them."

_AGAIN = "A record sent again by the application is a new record: after an outcome of UNKNOWN it may be there twice."
_RESTART = "A producer that is made anew, after a crash say, is another one to the brokers: it cannot recognise what the last one sent."
_ALL_OR_NONE = "Several records are not written all or none; that takes transactions."
_DISASTER = "Brokers acknowledge before the disk has it: all replicas losing power at once loses records."
_GIVEN_UP = "A record that is given up leaves a gap: those behind it are written all the same."

PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(
            "safe",
            "the safe write profile: nothing acknowledged is lost, nothing is written twice",
            (
                _ACKS,
                _IDEMPOTENCE,
                Setting("max.in.flight.requests.per.connection", "5",
                        "brokers remember five batches a producer and partition; more could not be told apart"),
                _RETRIES,
                _LEADERS,
                _NUMBERS,
                Setting("acklab.fresh.producer.pipelining", "false",
                        "a broker takes any first sequence from a producer that it does not know, so the first batch of a "
                        "partition travels alone; the Java producer has no such setting"),
            ),
            (_KEPT, _ONCE, _IN_ORDER),
            (_AGAIN, _RESTART, _ALL_OR_NONE, _DISASTER, _GIVEN_UP),
            _REPLICATED,
        ),
        Profile(
            "strict_order",
            "safe, and one request at a time: no batch can overtake another, whatever brokers remember",
            (
                _ACKS,
                _IDEMPOTENCE,
                Setting("max.in.flight.requests.per.connection", "1",
                        "order does not hang on what brokers remember of the producer; each broker takes one batch a "
                        "partition and round trip, so larger batches make up for it"),
                _RETRIES,
                _LEADERS,
                _NUMBERS,
            ),
            (_KEPT, _ONCE, f"{_IN_ORDER} That holds without idempotence, too."),
            (
                _GIVEN_UP,
                "Nothing is said of the order between partitions, nor between several producers or threads.",
                "A key's records stay in order as long as the topic has the same number of partitions.",
                _AGAIN,
                _RESTART,
            ),
            _REPLICATED,
        ),
        Profile(
            "throughput",
            "many records a second for little CPU; a record may wait for others",
            (
                Setting("linger.ms", "50", "a batch waits to be filled: fewer and larger requests for the same records"),
                Setting("batch.size", "262144", "room for what comes within linger.ms; a full batch does not wait"),
                Setting("compression.type", "lz4", "fewer bytes to send and to replicate, for little CPU; whole batches are compressed, so large ones shrink best"),
                Setting("buffer.memory", "134217728", "every partition has a batch open, and those on their way count as well: the default is full with 128 of them"),
            ),
            (_AS_BY_DEFAULT,),
            (
                "A record is up to 50 ms slower: it lingers unless its batch fills up.",
                "A batch that is refused, or given up, takes more records with it.",
                "Records of 128 MiB may wait in this process, and go with it.",
            ),
            (
                Setting("message.max.bytes", "1048588", "of the broker, or max.message.bytes of the topic: the default; a batch must fit, compressed"),
                *_REPLICATED,
            ),
        ),
        Profile(
            "low_latency",
            "a record leaves at once; more and smaller requests",
            (
                Setting("linger.ms", "0", "a record leaves as soon as its broker can take it; records still share a batch while requests are under way"),
                Setting("compression.type", "none", "small batches hardly shrink, and nothing waits for the codec"),
                Setting("metadata.max.idle.ms", "3600000", "a topic that is seldom written to is remembered for an hour: its next record need not ask for the leader first"),
            ),
            (_AS_BY_DEFAULT,),
            (
                "The time to an acknowledgement is mostly the brokers': acks=all waits for the slowest replica in sync.",
                "A broker that does not answer still costs request.timeout.ms before the record is tried again.",
                "Many partitions with few records make many small requests: brokers and CPU pay for it.",
            ),
            (
                Setting("replica.lag.time.max.ms", "30000", "of the broker: the default; so long may one slow replica keep acks=all waiting"),
                *_REPLICATED,
            ),
        ),
    )
}  # fmt: skip
"""By name."""


def profile_named(name: str) -> Profile:
    """Give a profile. Raises ConfigError listing the names that there are."""
    if name not in PROFILES:
        msg = f"{PROFILE} is {name!r}, must be one of {', '.join(PROFILES)}"
        raise ConfigError(msg)
    return PROFILES[name]


def with_profile(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the profile that the properties name beneath them; what is given besides wins. Raises ConfigError."""
    name = properties.get(PROFILE)
    beneath = {} if name is None else profile_named(str(name).strip()).properties
    return {**beneath, **properties}
