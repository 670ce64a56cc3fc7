"""Bundles from the text of a file: one JSON object, of which every odd word is named with its place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from producer.config.property_types import INT_MAX
from producer.errors import ConfigError
from producer.governance.bundles.bundle import Application, Bundle, Bundles, Layer, Lock, Setting, property_named
from producer.governance.lint.configuration import is_secret

FORMAT = "acklab-bundles-1"
_SETTING = ("value", "locked", "at_least", "at_most", "one_of", "why")


def bundles_from(text: str) -> Bundles:
    """Read a file. Raises ConfigError naming the place and what is wrong there."""
    try:
        read = json.loads(text, object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"no JSON: {error}") from error
    whole = _object(read, "the file", ("format", "bundles", "applications"))
    if whole.get("format") != FORMAT:
        raise ConfigError(f"format is {whole.get('format')!r}, must be {FORMAT!r}")
    bundles = [_bundle(one, f"bundles[{number}]") for number, one in enumerate(_list(whole, "bundles", "the file"))]
    kept: set[tuple[Layer, str]] = set()
    for one in bundles:
        if (one.layer, one.name) in kept:
            raise ConfigError(f"{one.said} is there twice")
        if one.layer is Layer.ORGANISATION and any(layer is Layer.ORGANISATION for layer, _ in kept):
            raise ConfigError(f"{one.said}: there is one organisation already")
        kept.add((one.layer, one.name))
    applications = [
        _application(one, f"applications[{number}]", kept)
        for number, one in enumerate(_list(whole, "applications", "the file"))
    ]
    names = [one.name for one in applications]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ConfigError(f"application {twice} is there twice")
    return Bundles(tuple(bundles), tuple(applications))


def _bundle(read: object, where: str) -> Bundle:
    told = _object(read, where, ("layer", "name", "properties"))
    word = _text(told, "layer", where).upper()
    if word not in Layer.__members__ or word == Layer.APPLICATION.name:
        raise ConfigError(f"{where}.layer is {told['layer']!r}, must be organisation, team or environment")
    return Bundle(Layer[word], _text(told, "name", where), _settings(told, where))


def _application(read: object, where: str, kept: set[tuple[Layer, str]]) -> Application:
    told = _object(read, where, ("name", "team", "environment", "properties"))
    named = {layer: _text(told, word, where) if word in told else None
             for layer, word in ((Layer.TEAM, "team"), (Layer.ENVIRONMENT, "environment"))}  # fmt: skip
    for layer, name in named.items():
        if name is not None and (layer, name) not in kept:
            raise ConfigError(f"{where}.{layer.name.lower()} is {name!r}, and there is no such bundle")
    return Application(
        _text(told, "name", where), named[Layer.TEAM], named[Layer.ENVIRONMENT], _settings(told, where)
    )  # fmt: skip


def _settings(told: Mapping[str, Any], where: str) -> tuple[Setting, ...]:
    properties = told.get("properties", {})
    if not isinstance(properties, dict):
        raise ConfigError(f"{where}.properties is a {type(properties).__name__}, must be an object")
    found: list[Setting] = []
    for word, value in properties.items():
        place = f"{where}.properties.{word}"
        try:
            name = property_named(word)
        except ConfigError as error:
            raise ConfigError(f"{where}.properties: {error}") from error
        if any(one.name == name for one in found):
            raise ConfigError(f"{place}: {name} is there already, under another name")
        if is_secret(name):
            raise ConfigError(f"{place} is a secret, which no bundle shares with everybody")
        found.append(_setting(name, value, place))
    return tuple(found)


def _setting(name: str, value: object, place: str) -> Setting:
    if not isinstance(value, dict):
        return Setting(name, _value(value, place))
    told = _object(value, place, _SETTING)
    own = _value(told["value"], place) if "value" in told else None
    locked = told.get("locked", False)
    if not isinstance(locked, bool):
        raise ConfigError(f"{place}.locked is {locked!r}, must be true or false")
    if locked and own is None:
        raise ConfigError(f"{place} is locked, and has no value")
    bounds = {word: told.get(word) for word in ("at_least", "at_most")}
    for word, bound in bounds.items():
        if bound is not None and (not isinstance(bound, int) or isinstance(bound, bool) or abs(bound) > INT_MAX**2):
            raise ConfigError(f"{place}.{word} is {bound!r}, must be a whole number")
    one_of = told.get("one_of", [])
    if not isinstance(one_of, list):
        raise ConfigError(f"{place}.one_of is {one_of!r}, must be a list")
    words = tuple(_value(one, f"{place}.one_of") for one in one_of)
    lock = Lock(locked, bounds["at_least"], bounds["at_most"], words)
    if own is not None and (wanted := lock.refuses(None, own)):
        raise ConfigError(f"{place}.value is {own!r}, and its own lock asks for {wanted}")
    why = told.get("why", "")
    if not isinstance(why, str):
        raise ConfigError(f"{place}.why is {why!r}, must be text")
    if own is None and lock == Lock():
        raise ConfigError(f"{place} says nothing: give it a value or a bound")
    return Setting(name, own, None if lock == Lock() else lock, why)


def _value(value: object, place: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise ConfigError(f"{place} is a {type(value).__name__}, must be text, a number, true or false")


def _object(read: object, where: str, words: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(read, dict):
        raise ConfigError(f"{where} is a {type(read).__name__}, must be an object")
    if strange := next((word for word in read if word not in words), None):
        raise ConfigError(f"{where} has {strange!r}, and only knows {', '.join(words)}")
    return read


def _list(told: Mapping[str, Any], word: str, where: str) -> list[Any]:
    found = told.get(word, [])
    if not isinstance(found, list):
        raise ConfigError(f"{word} of {where} is a {type(found).__name__}, must be a list")
    return found


def _text(told: Mapping[str, Any], word: str, where: str) -> str:
    found = told.get(word)
    if not isinstance(found, str) or not found.strip():
        raise ConfigError(f"{where}.{word} is {found!r}, must be a name")
    return found.strip()


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    read = dict(pairs)
    if len(read) < len(pairs):
        names = [name for name, _ in pairs]
        raise ConfigError(f"{next(name for name in names if names.count(name) > 1)!r} is given twice")
    return read
