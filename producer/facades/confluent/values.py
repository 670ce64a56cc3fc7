"""How librdkafka reads a property's value: as text, and of text no more than it can use. Its errors, in its words."""

from __future__ import annotations

import math
import re
from typing import Any

from producer.facades.confluent.errors import KafkaError, KafkaException
from producer.facades.confluent.patterns import why_not
from producer.facades.confluent.properties import (
    ALIASES,
    BOOLEANS,
    FLAGS,
    FLOATS,
    INTEGERS,
    INTERNAL,
    NOT_TEXT,
    OF_A_TOPIC,
    OF_A_TOPIC_ALONE,
    PARTITIONERS,
    TEXTS,
    WORDS,
)

Value = int | float | bool | str | None
"""None: the default, as librdkafka takes no text to be."""

BLANKS = " \t\n\v\f\r"
TRUTHS = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}
ERROR_BYTES_MAX = 255
"""librdkafka's longest error."""

LONG_MAX = 2**63 - 1
_INTEGER = re.compile(r"[ \t\n\v\f\r]*([+-]?)(?:0[xX]([0-9a-fA-F]+)|0([0-7]*)|([1-9][0-9]*))", re.ASCII)
_FLOAT = re.compile(
    r"[ \t\n\v\f\r]*([+-]?)"
    r"(?:(0x(?:[0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)(?:p[+-]?[0-9]+)?)|((?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf|nan))",
    re.ASCII | re.IGNORECASE,
)


def invalid(what: str) -> KafkaException:
    """Give the exception of a configuration that is refused."""
    return KafkaException(KafkaError(KafkaError._INVALID_ARG, cut(what)))


def cut(what: str) -> str:
    """Give as much of an error's text as librdkafka has room for."""
    return what.encode()[:ERROR_BYTES_MAX].decode(errors="replace")


def known(name: str) -> str | None:
    """Give librdkafka's first name for a property; None if it has none of that name."""
    for form in (name, name.removeprefix("topic.")):
        first = ALIASES.get(form, form)
        if (form == name or form in OF_A_TOPIC) and first in _READERS:
            return first
    return None


def read(name: str, text: str | None) -> Value:
    """Read a value of the property that has this first name. Raises KafkaException."""
    value: Value = _READERS[name](name, text)
    return value


def text_of(given: object, what: str) -> str | None:
    """Write a property's name or value as text, up to a zero byte, where C ends it; None for no text.

    Raises TypeError for what cannot be written, UnicodeEncodeError for half a character.
    """
    try:
        text = str(given)
    except Exception as error:
        raise TypeError(f"expected configuration property {what} as type unicode string") from error
    text = text.partition("\0")[0]
    text.encode()
    return text or None


# -- one reader a kind -------------------------------------------------------------------------------------------------


def _integer(property_name: str, text: str | None) -> int:
    name = _said(property_name)
    if text is None:
        raise invalid(f'Integer configuration property "{name}" cannot be set to empty value')
    least, most = INTEGERS[property_name]
    found = _INTEGER.match(text)
    if found is not None:
        number = _as_c_int(found)
    elif name == "request.required.acks" and text.lower() == "all":
        number = -1
    else:
        raise invalid(f'Invalid value for configuration property "{name}"')
    if not least <= number <= most:
        raise invalid(f'Configuration property "{name}" value {number} is outside allowed range {least}..{most}\n')
    return number


def _said(property_name: str) -> str:
    """Give the name that stands in an error."""
    return property_name.removeprefix("topic.") if property_name in OF_A_TOPIC_ALONE else property_name


def _as_c_int(found: re.Match[str]) -> int:
    sign, hexadecimal, octal, decimal = found.groups()
    number = int(hexadecimal, 16) if hexadecimal else int(octal or "0", 8) if decimal is None else int(decimal)
    # A long has its bounds, and an int takes the lower half of it.
    number = min(LONG_MAX, number) if sign != "-" else max(-LONG_MAX - 1, -number)
    return (number + 2**31) % 2**32 - 2**31


def _float(name: str, text: str | None) -> float:
    if text is None:
        raise invalid(f'Float configuration property "{name}" cannot be set to empty value')
    least, most = FLOATS[name]
    found = _FLOAT.match(text)
    if found is None:
        raise invalid(f'Invalid value for configuration property "{name}"')
    sign, hexadecimal, decimal = found.groups()
    number = float.fromhex(hexadecimal) if hexadecimal else float(decimal)
    number = -number if sign == "-" else number
    if number < least or number > most:
        raise invalid(
            f'Configuration property "{name}" value {number:g} is outside allowed range {least:g}..{most:g}\n'
        )
    return 0.0 if math.isnan(number) else number


def _boolean(name: str, text: str | None) -> bool:
    if text is None:
        raise invalid(f'Bool configuration property "{name}" cannot be set to empty value')
    truth = TRUTHS.get(text.lower())
    if truth is None:
        raise invalid(f'Expected bool value for "{name}": true or false')
    return truth


def _word(property_name: str, text: str | None) -> str | None:
    """Read one of a few words; blanks alone change nothing."""
    name = _said(property_name)
    if text is None:
        raise invalid(f'Configuration property "{name}" cannot be set to empty value')
    word = text.lstrip(BLANKS)
    return _one_of(name, word, WORDS[property_name]) if word else None


def _flags(name: str, text: str | None) -> str | None:
    if text is None:
        raise invalid(f'Configuration property "{name}" cannot be set to empty value')
    for part in text.split(","):
        word = part.lstrip(BLANKS)
        word = word[1:] if word[:1] in {"+", "-"} else word
        if word:
            _one_of(name, word, FLAGS[name])
    return text


def _one_of(name: str, word: str, words: tuple[str, ...]) -> str:
    found = next((one for one in words if one.lower() == word.lower()), None)
    if found is None:
        raise invalid(f'Invalid value "{word}" for configuration property "{name}"')
    return found


def _text(_name: str, text: str | None) -> str | None:
    return text if text is None else text.lstrip(BLANKS)


def _patterns(_name: str, text: str | None) -> str | None:
    for pattern in [] if text is None else text.removesuffix(",").split(","):
        why = why_not(pattern)
        if why is not None:
            raise invalid(f'Failed to parse pattern "{pattern}": {why}')
    return text


def _checked_text(name: str, text: str | None) -> str:
    told = _text(name, text)
    is_fine = told is not None
    if told is not None and name == "partitioner":
        is_fine = told in PARTITIONERS
    elif told is not None and name == "sasl.mechanisms":
        is_fine = not set(told) & {",", " "}
    if told is None or not is_fine:
        raise invalid(f'Invalid value for configuration property "{name}": {"(null)" if told is None else told}')
    return told


def _function(name: str, _text: str | None) -> Value:
    raise invalid(f'Property "{name}" must be set through dedicated .._set_..() function')


def _internal(name: str, _text: str | None) -> Value:
    raise invalid(f'Internal property "{name}" not settable')


def _of_windows(name: str, _text: str | None) -> Value:
    raise invalid(f'Configuration property "{name}" not supported in this build: configuration only valid on Windows')


_READERS: dict[str, Any] = {
    **dict.fromkeys(INTEGERS, _integer),
    **dict.fromkeys(FLOATS, _float),
    **dict.fromkeys(BOOLEANS, _boolean),
    **dict.fromkeys(WORDS, _word),
    **dict.fromkeys(FLAGS, _flags),
    **dict.fromkeys(TEXTS, _text),
    **dict.fromkeys(("broker.version.fallback", "partitioner", "sasl.mechanisms"), _checked_text),
    "topic.blacklist": _patterns,
    **dict.fromkeys(NOT_TEXT, _function),
    **dict.fromkeys(INTERNAL, _internal),
    "ssl.ca.certificate.stores": _of_windows,
}
"""How each property is read."""
