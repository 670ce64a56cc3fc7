"""What a learner chose: a producer's properties and a topic's, in two dictionaries of their file."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import NamedTuple

from producer.config.config import ProducerConfig, canonical_name
from producer.errors import ConfigError
from sim.course.exercise import Exercise

REPLICATION_FACTOR = "replication.factor"
MIN_INSYNC_REPLICAS = "min.insync.replicas"
UNCLEAN = "unclean.leader.election.enable"


class Configuration(NamedTuple):
    """What the learner chose."""

    producer: Mapping[str, str]
    acks: str
    retries: int
    delivery_timeout_ms: int
    replication_factor: int
    min_insync_replicas: int
    unclean: bool

    @property
    def least_in_sync(self) -> int:
        """What min.insync.replicas comes to: a topic cannot ask for more replicas than it has."""
        return min(self.min_insync_replicas, self.replication_factor)


def read_configuration(exercise: Exercise, *, brokers: int) -> Configuration:
    """Take the learner's PRODUCER and TOPIC, for a cluster of so many brokers. Raises ExerciseError naming file and line."""
    given = exercise.mapping("PRODUCER")
    properties: dict[str, str] = {}
    for name, value in given.items():
        try:
            canonical = canonical_name(name)
        except ConfigError as error:
            raise exercise.error(str(error), "PRODUCER", name) from None
        if canonical == "bootstrap.servers":
            raise exercise.error("bootstrap.servers is the simulated cluster's matter", "PRODUCER", name)
        if isinstance(value, (dict, list, tuple, set)) or value is None:
            raise exercise.error(f"{name} is {value!r}, must be one text, number or truth value", "PRODUCER", name)
        properties[canonical] = _text(value)
        try:
            ProducerConfig.model_validate({"bootstrap.servers": "b1:9092", canonical: properties[canonical]})
        except ValueError:
            _refuse(exercise, {canonical: properties[canonical]}, name)
    config = _refuse(exercise, properties, None)
    topic = _topic(exercise, brokers)
    return Configuration(
        properties,
        config.acks,
        config.retries,
        config.delivery_timeout_ms,
        topic[REPLICATION_FACTOR],
        topic[MIN_INSYNC_REPLICAS],
        bool(topic[UNCLEAN]),
    )


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _refuse(exercise: Exercise, properties: Mapping[str, str], name: str | None) -> ProducerConfig:
    try:
        return ProducerConfig.from_properties({"bootstrap.servers": "b1:9092", **properties})
    except ConfigError as error:
        raise exercise.error(str(error), "PRODUCER", name) from None


def _topic(exercise: Exercise, brokers: int) -> dict[str, int]:
    # A broker's defaults: default.replication.factor, min.insync.replicas, unclean.leader.election.enable.
    found = {REPLICATION_FACTOR: 1, MIN_INSYNC_REPLICAS: 1, UNCLEAN: 0}
    for name, value in exercise.mapping("TOPIC").items():
        if name not in found:
            near = get_close_matches(name, found, n=1, cutoff=0.4)
            hint = f"did you mean {near[0]}?" if near else f"here there are {', '.join(found)}"
            raise exercise.error(f"unknown topic property {name!r}; {hint}", "TOPIC", name)
        found[name] = _truth(exercise, name, value) if name == UNCLEAN else _count(exercise, name, value, brokers)
    return found


def _truth(exercise: Exercise, name: str, value: object) -> int:
    if _text(value).lower() not in {"true", "false"}:
        raise exercise.error(f"{name} is {value!r}, must be True or False", "TOPIC", name)
    return int(_text(value).lower() == "true")


def _count(exercise: Exercise, name: str, value: object, brokers: int) -> int:
    text = _text(value)
    if isinstance(value, float) or not text.isdecimal() or not 1 <= int(text) <= brokers:
        why = f"must be a whole number from 1 to {brokers}: there are {brokers} brokers"
        raise exercise.error(f"{name} is {value!r}, {why}", "TOPIC", name)
    return int(text)
