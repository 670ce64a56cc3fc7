"""The nouns: a schema as it is registered, what it refers to, and what every parsed one can tell."""

from __future__ import annotations

from enum import StrEnum
from reprlib import Repr
from typing import NamedTuple, Protocol

from producer.errors import UsageError

TEXT_CHARACTERS_MAX = 1 << 20
"""A longer schema is refused."""
DEPTH_MAX = 100
"""Types within types, or subschemas within subschemas; deeper ones are refused."""
FIELDS_MAX = 10_000
"""Fields of all records, messages or objects of one schema, those that it refers to included; more are refused."""


class SchemaType(StrEnum):
    """The formats, by the registry's words."""

    AVRO = "AVRO"
    PROTOBUF = "PROTOBUF"
    JSON = "JSON"


class Reference(NamedTuple):
    """A schema that is needed to understand another one."""

    name: str
    """What the other one calls it: Avro's full name, the path that Protobuf imports, the URI of JSON Schema's `$ref`."""
    subject: str
    version: int


class Schema(NamedTuple):
    """A schema as it is registered; nothing says yet that it is one."""

    type: SchemaType
    text: str
    references: tuple[Reference, ...] = ()


class ParsedSchema(Protocol):
    """What a schema says, of whatever format."""

    @property
    def schema(self) -> Schema:
        """As it was given."""

    @property
    def name(self) -> str:
        """Full name of the record or message (a file's first one); of JSON Schema the `title`, which may be empty."""

    @property
    def canonical(self) -> str:
        """The schema without what its layout alone says: with equal references, equal texts are one schema.

        It is a schema by itself, and says the same (Confluent's canonicalString).
        """

    @property
    def normalized(self) -> str:
        """As `canonical`, without what only the order of things says (`normalize=true`)."""


class InvalidSchemaError(UsageError, ValueError):
    """A text is no schema of its format, or refers to what there is not. The message names the place and the value."""


class FormatNotInstalledError(UsageError):
    """A format's library is missing."""

    def __init__(self, schema_type: SchemaType, module: str) -> None:
        """Name the format, and the module that could not be imported."""
        self.schema_type = schema_type
        self.module = module
        super().__init__(
            f"{schema_type} schemas need the module {module!r}, which is not installed: pip install 'acklab[schemas]'"
        )

    def __reduce__(self) -> tuple[type[FormatNotInstalledError], tuple[SchemaType, str]]:
        """Survive pickling: campaigns carry errors between processes."""
        return type(self), (self.schema_type, self.module)


_SHORT = Repr()
_SHORT.maxlevel, _SHORT.maxdict, _SHORT.maxlist = 2, 3, 3
_SHORT.maxstring, _SHORT.maxlong, _SHORT.maxother = 60, 24, 60


def short(value: object) -> str:
    """Show a value of a schema in a message, however large it is."""
    return _SHORT.repr(value)
