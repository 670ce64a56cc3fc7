"""`python -m producer.config.manual` writes the tables of docs/producer.md anew: properties, profiles and metrics."""

from __future__ import annotations

from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin

from producer.config import security
from producer.config.config import ALIASES, PROPERTIES, ProducerConfig
from producer.config.profiles import PROFILES
from producer.config.property_types import INT_MAX, LONG_MAX
from producer.config.serialization import SerializationConfig
from producer.config.without_effect import HARMLESS, REFUSED
from producer.metrics import markdown_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic.fields import FieldInfo

MANUAL = Path(__file__).parents[2] / "docs" / "producer.md"


def properties() -> str:
    """Every property with its default, its values and its meaning; then those that are taken with one value, or not."""
    trust = [name for name, field in PROPERTIES.items() if field in security.SecurityConfig.model_fields]
    serializers = [name for name, field in PROPERTIES.items() if field in SerializationConfig.model_fields]
    own = [name for name in PROPERTIES if name not in trust and name not in serializers]
    return "\n".join(
        (
            "### Properties\n",
            _property_table(own),
            "### Serializers and the schema registry\n",
            _property_table(serializers),
            "### TLS and SASL\n",
            _property_table(trust),
            "### Taken with one value, which says what happens here anyway\n",
            _table(("property", "value", "why no other"),
                   ((_code(name), _either(values), REFUSED[name]) for name, values in HARMLESS.items())),
            "### Refused\n",
            _table(("property", "why"), ((_code(name), why) for name, why in _refused().items())),
        )
    )  # fmt: skip


def profiles() -> str:
    """What each profile is for, and what it sets."""
    rows = (
        (_code(one.name), one.purpose, ", ".join(_code(f"{name}={value}") for name, value, _ in one.settings))
        for one in PROFILES.values()
    )
    return _table(("profile", "for", "sets"), rows)


WORDS = {bool: "true, false", str: "text", list: "list", dict: "map", Any: "object"}
"""What a property is called that has neither words nor numbers to choose from."""

SECTIONS = {"properties": properties, "profiles": profiles, "metrics": markdown_table}
"""By the name in the marks around each."""


def marks(section: str) -> tuple[str, str]:
    """Give the lines before and after a section of the manual."""
    return f"<!-- {section}: written by `python -m producer.config.manual` -->\n", f"<!-- {section}: end -->\n"


def main() -> None:
    """Replace what stands between the marks."""
    text = MANUAL.read_text(encoding="utf-8")
    for section, written in SECTIONS.items():
        begin, end = marks(section)
        before, found_begin, rest = text.partition(begin)
        _, found_end, after = rest.partition(end)
        assert found_begin, f"{MANUAL} has lost {begin}"
        assert found_end, f"{MANUAL} has lost {end}"
        text = f"{before}{begin}\n{written()}\n{end}{after}"
    MANUAL.write_text(text, encoding="utf-8")


# -- rows --------------------------------------------------------------------------------------------------------------


def _property_table(names: Iterable[str]) -> str:
    rows = []
    for name in names:
        field = ProducerConfig.model_fields[PROPERTIES[name]]
        others = [_code(alias) for alias, canonical in ALIASES.items() if canonical == name]
        meaning = " ".join((field.description or "").split())
        if others:
            meaning += f" Also {' and '.join(others)}."
        rows.append((_code(name), _default(field), _values(field), meaning))
    return _table(("property", "default", "values", "meaning"), rows)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value: Any = field.default
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(value)
    return "" if value is None or value == {} else str(value)


def _values(field: FieldInfo) -> str:
    """Give a field's type and range in few words."""
    kind: Any = field.annotation
    if get_origin(kind) is UnionType or type(None) in get_args(kind):
        (kind,) = (one for one in get_args(kind) if one is not type(None))
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) is Literal:
        return ", ".join(_code(word) if word else "empty" for word in get_args(kind))
    if kind in (int, float):
        return _range(field, kind)
    return WORDS[get_origin(kind) or kind]


def _range(field: FieldInfo, kind: type) -> str:
    least: Any = max(one.ge for one in field.metadata if hasattr(one, "ge"))
    most: Any = min(one.le for one in field.metadata if hasattr(one, "le"))
    name = "double" if kind is float else "long" if most == LONG_MAX else "int"
    if most not in (INT_MAX, LONG_MAX):
        return f"{name}, {least} to {most}"
    return name if least < -1 else f"{name}, {least} or more"


def _refused() -> dict[str, str]:
    prefixes = {f"{prefix}*": why for prefix, why in security.REFUSED_PREFIXES.items()}
    return {name: why for name, why in REFUSED.items() if name not in HARMLESS} | prefixes


def _either(values: tuple[str | None, ...]) -> str:
    return " or ".join("null" if value is None else _code(value) if value else "empty" for value in values)


# -- Markdown ----------------------------------------------------------------------------------------------------------


def _code(text: str) -> str:
    return f"`{text}`"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *(tuple(cell.replace("|", "\\|") for cell in row) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    main()
