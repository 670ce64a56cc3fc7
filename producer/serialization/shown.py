"""Values as people are shown them: what JSON has words for."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any


def shown(value: Any) -> Any:
    """Give Protobuf's messages by their fields, bytes in base64, times and decimals as text."""
    if hasattr(value, "DESCRIPTOR"):
        from google.protobuf.json_format import MessageToDict

        return MessageToDict(value, preserving_proto_field_name=True)
    return json.loads(json.dumps(value, default=_word))


def json_text(value: Any) -> str:
    """Write a value as one line of JSON."""
    return json.dumps(shown(value), ensure_ascii=False)


def _word(value: Any) -> Any:
    return {"base64": b64encode(value).decode()} if isinstance(value, bytes) else str(value)
