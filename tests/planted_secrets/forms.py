"""The ways in which a secret may stand in a text, and where it does."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping

WINDOW = 24
"""So many characters of a long secret are looked for, in each of its forms: whoever tells a part of it tells it."""


def forms(secret: bytes) -> Iterator[tuple[str, str]]:
    """Give each way, and how the secret looks so written."""
    yield "as it is", secret.decode("latin-1")
    yield "as Python's repr", repr(secret)[2:-1]
    yield "as JSON", json.dumps(secret.decode("latin-1"))[1:-1]
    yield "as JSON in JSON", json.dumps(json.dumps(secret.decode("latin-1"))[1:-1])[1:-1]
    yield "in hexadecimal", secret.hex()
    yield "as numbers", ", ".join(map(str, secret))
    for before in range(3):
        # What stands before and behind it shares the first and the last character, if they begin and end amid it.
        whole = (before + len(secret)) * 8 // 6
        yield (
            f"in base64 behind {before} bytes",
            b64encode(bytes(before) + secret).decode()[-(-before * 8 // 6) : whole],
        )


def found(secrets: Mapping[str, bytes], told: Mapping[str, str]) -> list[str]:
    """Name each secret that stands in something that was told: `password of shop is in the report, in base64`."""
    return [
        f"{name} is in {where}, {form}"
        for name, secret in secrets.items()
        for form, text in dict(forms(secret)).items()
        for where, said in told.items()
        if text[:WINDOW] in said
    ]
