"""The nearest layer wins unless one before it has locked the property, and whoever breaks a lock is named with its owner."""

import json
from typing import Any

import pytest

from producer.errors import ConfigError
from producer.governance.bundles.effective import Explained, contradiction, explain, properties_for
from producer.governance.bundles.reading import bundles_from


def file(*, organisation: Any = None, team: Any = None, environment: Any = None, application: Any = None) -> str:
    layers = {
        "organisation": ("acme", organisation),
        "team": ("billing", team),
        "environment": ("production", environment),
    }
    return json.dumps({
        "format": "acklab-bundles-1",
        "bundles": [{"layer": layer, "name": name, "properties": told or {}} for layer, (name, told) in layers.items()],
        "applications": [{"name": "shop", "team": "billing", "environment": "production", "properties": application or {}}],
    })  # fmt: skip


def explained(**layers: Any) -> Explained:
    bundles = bundles_from(file(**layers))
    return explain(bundles, bundles.applications[0])


def test_the_nearest_layer_wins_and_says_whom_it_wins_over() -> None:
    one = explained(organisation={"linger.ms": 5}, team={"linger.ms": 10}, environment={"linger.ms": 20}).settings[0]

    assert (one.name, one.value, one.layer) == ("linger.ms", "20", "environment production")
    assert [tuple(said) for said in one.over] == [("organisation acme", "5"), ("team billing", "10")]


def test_the_order_of_the_file_is_not_the_order_of_layers() -> None:
    read = json.loads(file(organisation={"linger.ms": 5}, team={"linger.ms": 10}))
    read["bundles"].reverse()

    assert properties_for(bundles_from(json.dumps(read)), "shop") == {"linger.ms": "10"}


def test_a_locked_property_stays_and_the_violation_names_both() -> None:
    told = explained(
        organisation={"acks": {"value": "all", "locked": True, "why": "nothing is lost"}}, team={"acks": 1}
    )

    assert told.properties == {"acks": "all"}
    assert told.settings[0].locked_by == "organisation acme"
    assert [one.message for one in told.refusals] == [
        "acks=1 of team billing is refused: organisation acme locks it to all (nothing is lost)"
    ]


def test_saying_the_locked_value_again_breaks_nothing() -> None:
    assert explained(organisation={"acks": {"value": "all", "locked": True}}, application={"acks": "-1"}).refusals == ()


@pytest.mark.parametrize("value, is_allowed", [(0, True), (50, True), (51, False)])
def test_a_bound_lets_pass_what_lies_within(value: int, *, is_allowed: bool) -> None:
    told = explained(team={"linger.ms": {"value": 20, "at_most": 50}}, application={"linger.ms": value})

    assert told.properties == {"linger.ms": str(value) if is_allowed else "20"}
    assert [one.allowed for one in told.refusals] == ([] if is_allowed else ["at most 50"])


def test_a_choice_lets_pass_what_is_listed() -> None:
    choice = {"compression.type": {"one_of": ["zstd", "lz4"]}}

    assert explained(organisation=choice, application={"compression.type": "lz4"}).refusals == ()
    assert (
        explained(organisation=choice, application={"compression.type": "gzip"}).refusals[0].allowed
        == "one of zstd, lz4"
    )


def test_kafkas_default_is_held_against_a_bound_as_well() -> None:
    refused = explained(organisation={"compression.type": {"one_of": ["zstd"]}}).refusals[0]

    assert (refused.layer, refused.value, refused.locked_by) == ("Kafka's default", "none", "organisation acme")
    assert explained(organisation={"linger.ms": {"at_most": 50}}).refusals == ()


def test_two_names_of_one_property_are_one() -> None:
    assert explained(organisation={"request.required.acks": 1}, team={"acks": "all"}).properties == {"acks": "all"}


def test_what_holds_is_a_producers_configuration_or_says_why_not() -> None:
    assert contradiction(explained(organisation={"acks": 1}).properties) is None
    problem = contradiction(explained(organisation={"enable.idempotence": True}, team={"acks": 1}).properties)
    assert problem == "acks is 1, must be all for an idempotent producer"


def test_a_producer_is_not_given_properties_that_break_a_lock() -> None:
    bundles = bundles_from(file(organisation={"acks": {"value": "all", "locked": True}}, application={"acks": "0"}))

    with pytest.raises(ConfigError, match="acks=0 of application shop is refused: organisation acme locks it to all"):
        properties_for(bundles, "shop")
    with pytest.raises(ConfigError, match="no application is called 'sop'; there are shop"):
        properties_for(bundles, "sop")


@pytest.mark.parametrize(
    "layers, message",
    [
        ({"team": {"aks": 1}}, "did you mean acks"),
        ({"team": {"sasl.password": "planted"}}, "is a secret"),
        ({"team": {"acks": {"locked": True}}}, "is locked, and has no value"),
        ({"team": {"linger.ms": {"at_most": "5"}}}, "at_most is '5', must be a whole number"),
        ({"team": {"linger.ms": {"value": 60, "at_most": 50}}}, "its own lock asks for at most 50"),
        ({"team": {"linger.ms": {"most": 50}}}, "has 'most', and only knows"),
        ({"team": {"linger.ms": {}}}, "says nothing"),
        ({"team": {"linger.ms": None}}, "is a NoneType"),
        ({"team": {"linger.ms": 5, "queue.buffering.max.ms": 6}}, "is there already, under another name"),
    ],
)
def test_an_odd_word_of_a_bundle_is_named_with_its_place(layers: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as refused:
        bundles_from(file(**layers))

    assert "bundles[1].properties" in str(refused.value)
    assert "planted" not in str(refused.value)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"format": "acklab-bundles-2"}, "format is 'acklab-bundles-2'"),
        ({"bundle": []}, "the file has 'bundle'"),
        ({"bundles": {}}, "bundles of the file is a dict"),
        ({"bundles": [{"layer": "planet", "name": "earth"}]}, "layer is 'planet'"),
        ({"bundles": [{"layer": "team", "name": ""}]}, "name is '', must be a name"),
        ({"bundles": [{"layer": "team", "name": "a"}] * 2}, "team a is there twice"),
        ({"bundles": [{"layer": "organisation", "name": one} for one in "ab"]}, "there is one organisation already"),
        ({"applications": [{"name": "shop", "team": "sales"}]}, "team is 'sales', and there is no such bundle"),
        ({"applications": [{"name": "shop"}] * 2}, "application shop is there twice"),
    ],
)
def test_an_odd_file_is_named_with_what_is_wrong(change: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        bundles_from(json.dumps(json.loads(file()) | change))


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": "a", "format": "b"}', "[" * 100_000])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        bundles_from(text)
