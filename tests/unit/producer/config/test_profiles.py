"""Profiles: properties under one name, which give way to what is given besides and never contradict it in silence."""

from typing import Any

import pytest

from producer.config.config import PROPERTIES, ProducerConfig
from producer.config.profiles import PROFILES, Profile, profile_named
from producer.errors import ConfigError

SERVER = {"bootstrap.servers": "b1:9092"}
EACH = pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))


def config(profile: str, **properties: Any) -> ProducerConfig:
    given = {name.replace("_", "."): value for name, value in properties.items()}
    return ProducerConfig.from_properties(SERVER | {"acklab.profile": profile} | given)


@EACH
def test_a_profile_comes_to_the_same_as_its_properties(profile: Profile) -> None:
    made = config(profile.name)

    assert made.model_copy(update={"acklab_profile": None}) == ProducerConfig.from_properties(
        SERVER | profile.properties
    )
    assert made.acklab_profile == profile.name


@EACH
def test_each_property_is_one_and_has_its_reason(profile: Profile) -> None:
    assert [setting.name for setting in profile.settings if setting.name not in PROPERTIES] == []
    assert len(profile.properties) == len(profile.settings)
    for setting in (*profile.settings, *profile.needs):
        assert setting.why, setting.name
        assert setting.why[0].islower(), "it follows the property"
        assert not setting.why.endswith(".")


@EACH
def test_each_says_what_it_promises_what_it_does_not_and_what_it_needs(profile: Profile) -> None:
    for sentences in (profile.promises, profile.does_not_promise):
        assert sentences
        assert all(sentence.endswith(".") for sentence in sentences)
    assert {"replication.factor", "min.insync.replicas"} <= {setting.name for setting in profile.needs}


@EACH
def test_no_profile_gives_up_what_the_default_configuration_promises(profile: Profile) -> None:
    made = config(profile.name)

    assert (made.acks, made.enable_idempotence) == ("all", True)


def test_what_is_given_besides_wins() -> None:
    made = config("throughput", linger_ms="7", compression_type="zstd")

    assert (made.linger_ms, made.compression_type) == (7, "zstd")
    assert made.batch_size == 262_144


def test_other_clients_names_win_as_well() -> None:
    assert (
        ProducerConfig.from_properties(
            SERVER | {"acklab_profile": "low_latency", "queue.buffering.max.ms": 9}
        ).linger_ms
        == 9
    )


@pytest.mark.parametrize("given", [{"acks": "1"}, {"retries": 0}, {"max.in.flight.requests.per.connection": 6}])
@pytest.mark.parametrize("name", ["safe", "strict_order"])
def test_what_contradicts_a_promise_is_refused_and_not_switched_off_in_silence(
    name: str, given: dict[str, Any]
) -> None:
    with pytest.raises(ConfigError, match=next(iter(given))):
        config(name, **given)


def test_the_refusal_names_the_profile() -> None:
    with pytest.raises(ConfigError, match=r"acks is 1, must be all .*, as of acklab\.profile=safe"):
        config("safe", acks="1")


def test_idempotence_given_besides_may_be_off() -> None:
    assert config("safe", acks="1", enable_idempotence="false").acks == "1"


@pytest.mark.parametrize("name", ["", "Safe", "fast", 1])
def test_an_unknown_name_is_refused_with_those_that_there_are(name: Any) -> None:
    with pytest.raises(ConfigError, match="must be one of safe, strict_order, throughput, low_latency"):
        config(name)


def test_no_profile_is_none() -> None:
    assert config(None) == ProducerConfig.from_properties(SERVER)  # type: ignore[arg-type]


def test_a_profile_can_be_had_as_a_dict_to_merge() -> None:
    properties = profile_named("strict_order").properties | {"linger.ms": "20"}

    assert ProducerConfig.from_properties(SERVER | properties).max_in_flight_requests_per_connection == 1
