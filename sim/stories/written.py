"""A scenario as plain values, for a file that is to stand alone, and the same scenario made of them again.

What is as its class has it anyway is left out. A value of a class is written `{"HotKey": {"percent": 60, …}}`, and only the
classes of `_KINDS` are ever made: a file can say nothing but a story. Entries of a schedule are their lines of text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any

from producer.config.config import canonical_name
from producer.config.security import SECRETS
from producer.errors import ConfigError
from producer.records import Record
from producer.schemas.schema import Reference, Schema, SchemaType
from sim.cluster.config import ClusterConfig
from sim.cluster.migration_policy import MigrationPolicy
from sim.cluster.security.acls.acl import Acl
from sim.cluster.security.acls.kinds import Operation, Pattern, Permission, ResourceKind
from sim.cluster.security.acls.settings import AuthorizerSettings
from sim.cluster.security.listeners import ClientAuth, Listener, SecurityProtocol
from sim.cluster.security.sasl.token_rules import TokenRules
from sim.cluster.security.users import Authentication, User
from sim.cluster.topic_config import TopicConfig
from sim.faults.schedule import After, At, Entry, parse_anchor, parse_entry
from sim.stories.applications import Application, Resends
from sim.stories.auditing import Audit
from sim.stories.checkpoints import Checkpoints
from sim.stories.conditions import InSync, Led
from sim.stories.gateways import GatewayConfig
from sim.stories.processing import Processing
from sim.stories.scenario import Scenario
from sim.stories.schemas import Deserializing, RegistryConfig, Version
from sim.stories.secrets import KeyServiceConfig, Secret
from sim.stories.workload import CompositeKeys, HotKey, KeysInTurn, NoKeys, Phase, Workload
from sim.world.network.link import LinkQuality

_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        Acl, Application, Audit, Authentication, AuthorizerSettings, Checkpoints, ClientAuth, ClusterConfig, CompositeKeys,
        Deserializing, GatewayConfig, HotKey, InSync, KeyServiceConfig, KeysInTurn, Led, LinkQuality, Listener, MigrationPolicy, NoKeys,
        Operation, Pattern, Permission, Phase, Processing, Record, Reference, RegistryConfig, Resends, ResourceKind,
        Scenario, Schema, SchemaType, SecurityProtocol, TopicConfig, Version, Workload,
    )
}  # fmt: skip
_SECRET = (Secret, User, TokenRules)
"""What no file tells."""
_PLAIN = (str, int, float, type(None))
_TABLE, _SET, _BYTES, _ENTRY, _POINT = "table", "set", "bytes", "entry", "point"


class NotWrittenError(ValueError):
    """A story cannot be written down: the message says what of it."""


class NotReadError(ValueError):
    """Values are no story: the message says which."""


def written(scenario: Scenario) -> dict[str, Any]:
    """Give a scenario as plain values. Raises NotWrittenError for one with secrets, or with a class of its own.

    What a policy hides is among what its applications send, so a story with one is not told either.
    """
    if has_policy(scenario):
        raise NotWrittenError("it has a policy, and what that hides")
    (fields_of_it,) = _written(scenario).values()
    whole: dict[str, Any] = fields_of_it
    return whole


def has_policy(scenario: Scenario) -> bool:
    """Whether anything rules on what is sent, at an application or at the gateway."""
    at_gateway = scenario.gateway is not None and scenario.gateway.policy is not None
    return at_gateway or any(one.policy is not None for one in scenario.cast)


def read(given: Mapping[str, Any]) -> Scenario:
    """Make the scenario of what `written` gave. Raises NotReadError."""
    try:
        found = _read({Scenario.__name__: given})
    except RecursionError as error:
        raise NotReadError("it is nested too deep") from error
    assert isinstance(found, Scenario)
    return found


# -- writing -----------------------------------------------------------------------------------------------------------


def _written(value: Any) -> Any:
    if isinstance(value, Enum):
        return {_name_of(value): value.name}
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, bytes):
        return {_BYTES: value.decode("latin-1")}
    if isinstance(value, Entry):
        return {_ENTRY: str(value)}
    if isinstance(value, (At, After)):
        return {_POINT: str(value)}
    if isinstance(value, _SECRET):
        raise NotWrittenError("it has secrets")
    if is_dataclass(value) or hasattr(value, "_fields"):
        name = _name_of(value)
        return {name: {one: _written(given) for one, given in _differing(value)}}
    if isinstance(value, Mapping):
        return {_TABLE: {_key(key): _written(one) for key, one in value.items()}}
    if isinstance(value, AbstractSet):
        return {_SET: sorted(_written(one) for one in value)}
    if isinstance(value, Sequence):
        return [_written(one) for one in value]
    raise NotWrittenError(f"it has a {type(value).__qualname__} of its own")


def _name_of(value: Any) -> str:
    name = type(value).__name__
    if _KINDS.get(name) is not type(value):
        raise NotWrittenError(f"it has a {type(value).__qualname__} of its own")
    return name


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise NotWrittenError(f"it has a table with {key!r} in it")
    if _canonical(key.rpartition(":")[2]) in SECRETS:
        raise NotWrittenError("it has secrets")
    return key


def _canonical(name: str) -> str:
    """Give a property's dotted name, by which secrets are known however they are spelled."""
    try:
        return canonical_name(name)
    except ConfigError:
        return name


def _differing(value: Any) -> list[tuple[str, Any]]:
    """Give the fields that are not as the class has them anyway."""
    found = []
    for name, default in _defaults(type(value)).items():
        given = getattr(value, name)
        if default is MISSING or type(given) is not type(default) or given != default:
            found.append((name, given))
    return found


def _defaults(kind: type[Any]) -> dict[str, Any]:
    """Give each field of a class with its default; MISSING for none."""
    if not is_dataclass(kind):
        own: dict[str, Any] = kind._field_defaults
        return {name: own.get(name, MISSING) for name in kind._fields}
    return {
        one.name: one.default_factory() if one.default_factory is not MISSING else one.default
        for one in fields(kind)
        if one.init
    }


# -- reading -----------------------------------------------------------------------------------------------------------


def _read(given: Any) -> Any:
    if isinstance(given, _PLAIN):
        return given
    if isinstance(given, list):
        return tuple(map(_read, given))
    if not isinstance(given, dict) or len(given) != 1:
        raise NotReadError(f"{given!r} is no value of a story")
    ((name, inner),) = given.items()
    try:
        return _made(name, inner)
    except NotReadError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotReadError(f"{name}: {error}") from error


def _made(name: str, inner: Any) -> Any:
    match name:
        case "table":
            return {key: _read(one) for key, one in inner.items()}
        case "set":
            return frozenset(_read(inner))
        case "bytes":
            return inner.encode("latin-1")
        case "entry":
            return parse_entry(inner)
        case "point":
            return parse_anchor(inner)
        case _:
            kind = _KINDS.get(name)
    if kind is None:
        raise NotReadError(f"{name} is nothing that a story is made of")
    if issubclass(kind, Enum):
        return kind[inner]
    return kind(**{field: _read(one) for field, one in inner.items()})
