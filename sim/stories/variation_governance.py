"""Changes of a story with a policy: what becomes of a record without a key, how long data keys last, how keys and violations are treated.

Each is one word of a varied name (`sim.stories.variation`): `key_rotation_lag+data_key_age_s=1`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sim.stories.variation_words import Story, VariationError, number_of, one_of


def _each_policy(scenario: Story, word: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Story:
    gateway = scenario.gateway
    if gateway is not None and gateway.policy is not None:
        gateway = replace(gateway, policy=change(dict(gateway.policy)))
    elif all(one.policy is None for one in scenario.applications):
        msg = f"{word}: nobody has a policy in the story"
        raise VariationError(msg)
    return replace(
        scenario,
        gateway=gateway,
        applications=tuple(
            one if one.policy is None else replace(one, policy=change(dict(one.policy)))
            for one in scenario.applications
        ),
    )


def _each_topic(policy: dict[str, Any], change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    return policy | {"topics": [change(dict(topic)) for topic in policy["topics"]]}


def _on_missing_key(scenario: Story, text: str) -> Story:
    """Let every policy do that about a record whose key cannot be had."""
    word = one_of("on_missing_key", text, {one: one for one in ("refuse", "pass")})
    return _each_policy(scenario, f"on_missing_key={text}", lambda policy: policy | {"on_missing_key": word})


def _on_violation(scenario: Story, text: str) -> Story:
    """Let every policy do that about a record that is not as it wants."""
    word = one_of("on_violation", text, {one: one for one in ("refuse", "dead_letter", "count")})
    return _each_policy(
        scenario,
        f"on_violation={text}",
        lambda policy: _each_topic(policy, lambda topic: topic | {"on_violation": word}),
    )


def _data_key_age_s(scenario: Story, text: str) -> Story:
    """Let every producer's data keys last so many seconds."""
    age_s = number_of("data_key_age_s", text)
    return _each_policy(
        scenario, f"data_key_age_s={text}", lambda policy: policy | {"data_keys": {"age_s": max(1, age_s)}}
    )


def _key_by(scenario: Story, text: str) -> Story:
    """Let records' keys be hidden so, by the first masking key of the story."""
    word = one_of("key_by", text, {one: one for one in ("encrypt", "tokenise", "hash")})
    masks: tuple[str, ...] = () if scenario.keys is None else scenario.keys.masks
    if word != "encrypt" and not masks:
        msg = f"key_by={text}: the story has no masking key"
        raise VariationError(msg)
    hidden = {"by": word} if word == "encrypt" else {"by": word, "key": masks[0]}
    return _each_policy(
        scenario,
        f"key_by={text}",
        lambda policy: _each_topic(
            policy, lambda topic: topic | ({"protect_key": hidden} if "protect_key" in topic else {})
        ),
    )


def _through(scenario: Story, text: str) -> Story:
    """Let whoever comes through the gateway do so, or go past it, straight to the brokers."""
    word = one_of("through", text, {one: one for one in ("gateway", "brokers")})
    if scenario.gateway is None:
        msg = f"through={text}: there is no gateway in the story"
        raise VariationError(msg)
    if word == "gateway":
        return scenario
    cast = tuple(replace(one, through="") for one in scenario.applications)
    return replace(scenario, applications=cast, gateway=None)


def _locked(scenario: Story, text: str) -> Story:
    """Let the locks of the story's bundles hold, or be defaults and no more."""
    if scenario.bundles is None:
        msg = f"locked={text}: there are no bundles in the story"
        raise VariationError(msg)
    if number_of("locked", text):
        return scenario
    opened = [
        {**bundle, "properties": {name: _default(said) for name, said in bundle["properties"].items()}}
        for bundle in scenario.bundles["bundles"]
    ]
    return replace(scenario, bundles={**scenario.bundles, "bundles": opened})


def _default(said: object) -> object:
    return said.get("value") if isinstance(said, Mapping) else said


WORDS: Mapping[str, Callable[[Any, str], Any]] = {
    "on_missing_key": _on_missing_key,
    "on_violation": _on_violation,
    "data_key_age_s": _data_key_age_s,
    "key_by": _key_by,
    "through": _through,
    "locked": _locked,
}
"""What each word does with a story and the text behind it."""
