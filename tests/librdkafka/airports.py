"""Real records: the 3,376 airports of the United States that vega_datasets carries, keyed by their state."""

import json
from functools import cache

from vega_datasets import local_data

KeyedValue = tuple[bytes, bytes]


@cache
def airports() -> list[KeyedValue]:
    """(state, the airport as JSON), in the order of the data set; each value is there once."""
    rows = local_data.airports().to_dict("records")
    return [(str(row["state"]).encode(), json.dumps(row).encode()) for row in rows]
