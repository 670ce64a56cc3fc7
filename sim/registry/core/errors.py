"""What a registry refuses, by Confluent's error codes. The first three digits are the HTTP status."""

from __future__ import annotations

from enum import IntEnum
from http import HTTPStatus

_SHORT = 1_000
"""A code below is the HTTP status itself."""


class RegistryCode(IntEnum):
    """Confluent's codes (rest.exceptions.Errors)."""

    BAD_REQUEST = 400
    NOT_FOUND = 404
    METHOD_NOT_ALLOWED = 405
    TIMED_OUT = 408
    CONFLICT = 409
    """An incompatible schema. Documented and released as this; the newest source says 40901."""
    BODY_TOO_LARGE = 413
    UNSUPPORTED_MEDIA_TYPE = 415
    UNPROCESSABLE = 422
    INTERNAL = 500
    SUBJECT_NOT_FOUND = 40401
    VERSION_NOT_FOUND = 40402
    SCHEMA_NOT_FOUND = 40403
    SUBJECT_SOFT_DELETED = 40404
    SUBJECT_NOT_SOFT_DELETED = 40405
    VERSION_SOFT_DELETED = 40406
    VERSION_NOT_SOFT_DELETED = 40407
    NO_LEVEL_ON_SUBJECT = 40408
    NO_MODE_ON_SUBJECT = 40409
    INVALID_SCHEMA = 42201
    INVALID_VERSION = 42202
    INVALID_LEVEL = 42203
    INVALID_MODE = 42204
    OPERATION_NOT_PERMITTED = 42205
    REFERENCE_EXISTS = 42206
    ID_DOES_NOT_MATCH = 42207
    INVALID_SUBJECT = 42208
    SCHEMA_TOO_LARGE = 42209
    STORE_FAILED = 50001
    STORE_TIMED_OUT = 50002
    FORWARDING_FAILED = 50003
    UNKNOWN_LEADER = 50004

    @property
    def status(self) -> HTTPStatus:
        """The HTTP status that goes with it."""
        return HTTPStatus(self if self < _SHORT else self // 100)


class RegistryError(Exception):
    """A request that is not done. Nothing has changed."""

    def __init__(self, code: RegistryCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[type[RegistryError], tuple[RegistryCode, str]]:
        """Survive pickling."""
        return type(self), (self.code, self.message)


def as_refusal(error: Exception) -> RegistryError:
    """Give what is answered where a request ended in this error: a library that is missing, or a bug of ours."""
    from producer.schemas.schema import FormatNotInstalledError

    if isinstance(error, RegistryError):
        return error
    if isinstance(error, FormatNotInstalledError):
        return RegistryError(RegistryCode.INTERNAL, str(error))
    return RegistryError(RegistryCode.INTERNAL, f"a bug of ours: {type(error).__name__}: {error}")


def subject_not_found(subject: str) -> RegistryError:
    return RegistryError(RegistryCode.SUBJECT_NOT_FOUND, f"Subject '{subject}' not found.")


def version_not_found(version: int) -> RegistryError:
    return RegistryError(RegistryCode.VERSION_NOT_FOUND, f"Version {version} not found.")


def schema_not_found(what: object = "") -> RegistryError:
    return RegistryError(RegistryCode.SCHEMA_NOT_FOUND, f"Schema {what} not found" if what else "Schema not found")


def invalid_schema(why: str) -> RegistryError:
    return RegistryError(RegistryCode.INVALID_SCHEMA, f"Invalid schema, details: {why}")


def not_permitted(why: str) -> RegistryError:
    return RegistryError(RegistryCode.OPERATION_NOT_PERMITTED, why)
