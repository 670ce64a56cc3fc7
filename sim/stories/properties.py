"""The properties of a story's producers as one table: as they are given on a command line, kept in a witness and reported.

Where a story has one application, its properties stand under their own names. Where it has several, `acks` given is said to
all of them, `billing:acks` to one, and what comes out names each: `billing:acks`. Settings of topics and brokers stand in the
same table: `orders.min.insync.replicas`, `broker.replica.lag.time.max.ms` (`sim.cluster.named_settings`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from producer.config.config import ALIASES, PROPERTIES, ProducerConfig, canonical_name
from producer.config.profiles import with_profile
from producer.errors import ConfigError
from sim.cluster.named_settings import is_there, named, names_of, with_settings
from sim.stories.bundling import within_bundles
from sim.stories.gateways import through_gateway
from sim.stories.logins import kept_secrets, reaching, without_secrets
from sim.stories.schemas import check_places

if TYPE_CHECKING:
    from sim.stories.applications import Application
    from sim.stories.scenario import Scenario

OF = ":"
"""Between an application's name and a property's."""

Properties = Mapping[str, str]


def effective_properties(scenario: Scenario, given: Properties) -> dict[str, str]:
    """Lay properties and settings over a scenario's own, those of a profile among them, under Kafka's names. Raises ConfigError."""
    check_words(scenario, given)
    to_all, to_one = _shared_out(scenario, given)
    found: dict[str, str] = {}
    for one in scenario.cast:
        own = {canonical_name(name): str(value) for name, value in one.producer.items()}
        over = {canonical_name(name): str(value) for name, value in {**to_all, **to_one[one.name]}.items()}
        if "bootstrap.servers" in over:
            raise ConfigError("bootstrap.servers is the simulated cluster's matter")
        prefix = "" if len(scenario.cast) == 1 else f"{one.name}{OF}"
        holds = within_bundles(scenario, one.name, own | with_profile(over))
        found |= {f"{prefix}{name}": value for name, value in holds.items()}
    settings = {**scenario.settings, **settings_of(scenario, given)}
    check_settings(scenario, settings)
    return {**found, **settings}


def settings_of(scenario: Scenario, table: Properties) -> dict[str, str]:
    """Give the part of a table that is said of topics and brokers."""
    return {name: value for name, value in table.items() if is_setting(scenario, name)}


def producers_part(scenario: Scenario, table: Properties) -> dict[str, str]:
    """Give the part of a table that is said of producers."""
    return {name: value for name, value in table.items() if not is_setting(scenario, name)}


def is_setting(scenario: Scenario, name: str) -> bool:
    """Whether a name in a table is said of a topic or of the brokers; a producer's property goes before one that is not there."""
    one = named(scenario.cluster, name)
    return one is not None and (is_there(one) or not _is_property(name))


def check_settings(scenario: Scenario, settings: Properties) -> None:
    """Raise ConfigError for a setting that cannot be."""
    try:
        with_settings(scenario.cluster, settings)
    except ValueError as error:
        raise ConfigError(str(error)) from error


def check_words(scenario: Scenario, given: Properties) -> None:
    """Raise ConfigError for a name that is neither a producer's property nor a setting here, with the nearest of either kind."""
    for key in given:
        _, _, name = key.rpartition(OF)
        if is_setting(scenario, key) or _is_property(name):
            continue
        known = [*PROPERTIES, *ALIASES, *names_of(scenario.cluster)]
        ending = [one for one in names_of(scenario.cluster) if one.endswith(f".{name}")]
        near = ending[:1] or get_close_matches(name, known, n=1, cutoff=0.6)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ConfigError(f"unknown property or setting {key!r}{hint}")


def _is_property(name: str) -> bool:
    """Whether a producer has such a property; one that has no effect here is known, too, and refused with its reason."""
    try:
        canonical_name(name)
    except ConfigError as error:
        return not str(error).startswith("unknown property")
    return True


def properties_of(scenario: Scenario, table: Properties, application: str) -> dict[str, str]:
    """Give one application's part of a table. Raises ConfigError for an application that does not take part."""
    to_all, to_one = _shared_out(scenario, table)
    return {**to_all, **to_one[application]}


def with_properties(scenario: Scenario, table: Properties) -> Scenario:
    """Give the scenario with those in place of its producers' own, and of its settings. Raises ConfigError.

    A table that was shown or kept tells no secrets: where it says by which protocol somebody comes, its own hold.
    """
    producers = {}
    for one in scenario.cast:
        given = properties_of(scenario, table, one.name)
        producers[one.name] = {**kept_secrets(one.producer, given), **given}
    settings = settings_of(scenario, table)
    check_settings(scenario, settings)
    if not scenario.applications:
        return replace(scenario, producer=producers[scenario.cast[0].name], settings=settings)
    applications = tuple(replace(one, producer=producers[one.name]) for one in scenario.applications)
    return replace(scenario, applications=applications, settings=settings)


def with_settings_of(scenario: Scenario, table: Properties) -> Scenario:
    """Give the scenario with the table's settings laid over its own; its producers stay as they are. Raises ConfigError."""
    settings = settings_of(scenario, table)
    if not settings:
        return scenario
    check_settings(scenario, {**scenario.settings, **settings})
    return replace(scenario, settings={**scenario.settings, **settings})


def configs_of(scenario: Scenario, table: Properties, servers: str) -> dict[str, ProducerConfig]:
    """Check each application's part of a table, and give it as its producer takes it. Raises ConfigError, saying whose."""
    found: dict[str, ProducerConfig] = {}
    for one in scenario.cast:
        own = _with_password(properties_of(scenario, table, one.name), scenario)
        try:
            config = reaching(
                ProducerConfig.from_properties({**own, "bootstrap.servers": servers}), scenario.cluster_as_set
            )
            _check_serializers(config, one, scenario)
            found[one.name] = through_gateway(config) if one.through else config
        except ConfigError as error:
            if len(scenario.cast) == 1:
                raise
            raise ConfigError(f"{one.name}: {error}") from error
    return found


def servers_behind(scenario: Scenario, table: Properties, servers: str) -> list[str]:
    """Give the brokers behind a story's gateway: those of the listener that all speak who come through it. Raises ConfigError."""
    found: dict[tuple[str, ...], str] = {}
    for one in scenario.cast:
        if one.through:
            own = _with_password(properties_of(scenario, table, one.name), scenario)
            config = ProducerConfig.from_properties({**own, "bootstrap.servers": servers})
            found.setdefault(tuple(reaching(config, scenario.cluster_as_set).bootstrap_servers), one.name)
    if len(found) > 1:
        first, second, *_ = found.values()
        raise ConfigError(
            f"{first} and {second} come through one gateway by two listeners: it has one way to the brokers"
        )
    (behind,) = found
    return list(behind)


def _with_password(properties: Properties, scenario: Scenario) -> dict[str, str]:
    """Give properties with the password of the cluster's user that they name, if they name none: so none is told in a report."""
    given = {canonical_name(name): str(value) for name, value in properties.items()}
    password = scenario.cluster.authentication.password_of(given.get("sasl.username", ""))
    if password is not None:
        given.setdefault("sasl.password", password)
    return given


def _check_serializers(config: ProducerConfig, one: Application, scenario: Scenario) -> None:
    """Raise ConfigError for a serializer that would have no effect, as records are bytes; and for one that is missing, or asks nobody."""
    given = [("key.serializer", config.key_serializer)]
    given += [] if one.versions else [("value.serializer", config.value_serializer)]
    for name, resolved in given:
        if resolved is not None:
            raise ConfigError(f"{name} is {resolved!r}, has no effect in a story: its records are bytes")
    if one.versions and config.value_serializer is None:
        raise ConfigError("value.serializer is missing: versions of an application bring values that are objects")
    if one.versions and config.transactional_id is not None:
        raise ConfigError("transactional.id has no effect where an application has versions: it begins no transaction")
    try:
        check_places(config.schema_registry_url, scenario.registry, "schema.registry.url")
    except ValueError as error:
        raise ConfigError(str(error)) from error


def canonical_key(key: str) -> str:
    """Spell a key of a table as Kafka does: `billing:linger_ms` is `billing:linger.ms`. Raises ConfigError."""
    application, colon, name = key.rpartition(OF)
    return f"{application}{colon}{canonical_name(name)}"


def own_properties(scenario: Scenario) -> dict[str, str]:
    """Give the properties of a scenario's producers as they are written, as a table; no secrets."""
    prefixes = {one.name: "" if len(scenario.cast) == 1 else f"{one.name}{OF}" for one in scenario.cast}
    return without_secrets(
        {f"{prefixes[one.name]}{name}": value for one in scenario.cast for name, value in one.producer.items()}
        | dict(scenario.settings)
    )


def _shared_out(scenario: Scenario, given: Properties) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    to_all: dict[str, str] = {}
    to_one: dict[str, dict[str, str]] = {one.name: {} for one in scenario.cast}
    for key, value in producers_part(scenario, given).items():
        application, colon, name = key.rpartition(OF)
        if not colon:
            to_all[key] = value
        elif application in to_one:
            to_one[application][name] = value
        else:
            raise ConfigError(f"{key!r} is of an application {application!r}, applications are {', '.join(to_one)}")
    return to_all, to_one
