"""JSON Schema: whether a reader's schema accepts every value that a writer's does.

The answer is on the safe side: "no reason against it" is proved keyword by keyword, and where the proof would take
reasoning about patterns or about several branches at once, a reason is given though there may be none.
"""

from producer.schemas.compatibility.json_schema.comparison import incompatibilities

__all__ = ["incompatibilities"]
