"""Names that no client knows, values that none can read, and what is said twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from producer.config.config import PROPERTIES, ProducerConfig
from producer.governance.lint.configuration import Configuration, is_secret
from producer.governance.lint.dialect import Dialect, nearest
from producer.governance.lint.rule import Effect, Flaw, Rule

_NOT_JUDGED = ("partitioner.class", "key.serializer", "value.serializer", "bootstrap.servers", "sasl.mechanism")
"""What names classes and mechanisms of clients that are not ours, or has rules of its own."""
_CLASSES = "subject.name.strategy"


def _unknown(told: Configuration) -> Iterator[Flaw]:
    for one in told.unknown:
        near = nearest(one.name, told.dialect)
        hint = f"; did you mean {near}?" if near else ""
        what = (
            "Java's producer logs it and goes on with the default"
            if told.dialect is Dialect.JAVA
            else "librdkafka refuses it"
        )
        yield Flaw((one.name,), f"no property of a producer, so it sets nothing: {what}{hint}")


def _unreadable(told: Configuration) -> Iterator[Flaw]:
    for name in told.names:
        field = PROPERTIES.get(name)
        if field is None or name in _NOT_JUDGED or name.endswith(_CLASSES) or name.startswith("ssl."):
            continue
        if told.dialect is Dialect.LIBRDKAFKA and name not in {"acks", "retries", "delivery.timeout.ms", "batch.size"}:
            continue
        info = ProducerConfig.model_fields[field]
        told_as = told.acks if name == "acks" else told.text(name)
        if not told_as and info.default in (None, ""):
            continue
        try:
            TypeAdapter[Any](_type_of(info)).validate_python(told_as)
        except ValidationError as error:
            first = error.errors()[0]
            context = first.get("ctx", {}).get("error")
            why = str(context) if context is not None else first["msg"][0].lower() + first["msg"][1:]
            yield Flaw((name,), "no value that the client takes" + ("" if is_secret(name) else f": {why}"))


def _type_of(info: FieldInfo) -> Any:
    return Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation


def _said_twice(told: Configuration) -> Iterator[Flaw]:
    for first, last in told.repeated:
        yield Flaw(
            (last.name,),
            f"{first.name} has said it already{f' in line {first.line}' if first.line else ''}: the last one holds",
        )


RULES = (
    Rule("unknown-property", Effect.WASTES, _unknown, "default_config --set aks=all"),
    Rule("unreadable-value", Effect.REFUSED, _unreadable, "default_config --set acks=2"),
    Rule("said-twice", Effect.WASTES, _said_twice, "default_config --set acks=all --set request.required.acks=1"),
)
