"""The schema that fastavro reads by: it takes -1 for the last branch of a union or symbol of an enum, as Python does, and is not let.

For each number of a branch or a symbol fastavro asks the schema. So this one has dicts in place of lists: they know no number below
zero, and are as quick. It is good for reading as it was written; fastavro resolves by lists alone.
"""

from __future__ import annotations

from typing import Any

PARSED, NAMED = "__fastavro_parsed", "__named_schemas"
"""What fastavro writes into a schema that it need not parse once more, beside everything in it that has a name."""


def held(parsed: Any) -> Any:
    """Copy a schema that fastavro has parsed into one that refuses, by a KeyError."""
    made: dict[int, Any] = {}
    named: dict[str, Any] = {}

    def copy(one: Any) -> Any:
        if isinstance(one, list):
            return {"type": "union", **{number: copy(branch) for number, branch in enumerate(one)}}
        if not isinstance(one, dict):
            return one
        if id(one) not in made:
            new = made[id(one)] = dict(one)
            if "name" in one:
                named[one["name"]] = new
            for word in ("type", "items", "values"):
                if word in one:
                    new[word] = copy(one[word])
            if "fields" in one:
                new["fields"] = [field | {"type": copy(field["type"])} for field in one["fields"]]
            if "symbols" in one:
                new["symbols"] = dict(enumerate(one["symbols"]))
        return made[id(one)]

    whole = copy(parsed)
    return whole | {PARSED: True, NAMED: named} if isinstance(whole, dict) else whole
