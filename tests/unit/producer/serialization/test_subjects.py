"""Under which subject a schema stands, by Confluent's three strategies or the application's own."""

import pytest

from producer.errors import ConfigError, SerializationError
from producer.serialization.serializer import Role
from producer.serialization.subjects import strategy

PACKAGE = "io.confluent.kafka.serializers.subject."


@pytest.mark.parametrize(
    "name, subject",
    [
        ("TopicNameStrategy", "orders-key"),
        ("RecordNameStrategy", "shop.Order"),
        ("TopicRecordNameStrategy", "orders-shop.Order"),
    ],
)
def test_a_strategy_is_known_by_confluent_s_name(name: str, subject: str) -> None:
    for given in (name, PACKAGE + name):
        assert strategy(given, "key.subject.name.strategy")("orders", Role.KEY, "shop.Order") == subject


def test_a_schema_without_a_name_has_no_subject_of_its_name() -> None:
    with pytest.raises(SerializationError, match="its schema has no name"):
        strategy("RecordNameStrategy", "")("orders", Role.VALUE, "")


def test_an_application_s_own_is_asked_and_nonsense_is_refused() -> None:
    assert strategy(lambda topic, role, name: f"{name}@{topic}/{role.value}", "")("t", Role.VALUE, "n") == "n@t/value"
    with pytest.raises(
        ConfigError, match=r"value\.subject\.name\.strategy is 'Nonsense', must be one of TopicNameStrategy"
    ):
        strategy("Nonsense", "value.subject.name.strategy")
