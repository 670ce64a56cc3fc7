"""Certificate and key in files of their own, as other clients take them; ours wants one PEM text of each."""

from __future__ import annotations

from pathlib import Path

from producer.errors import ConfigError


def read_pem(name: str, location: str) -> str:
    """Read a PEM file. Raises ConfigError naming the property."""
    try:
        return Path(location).read_text(encoding="utf-8", errors="replace")
    except TypeError as error:
        msg = f"{name} is {location!r}, must be a path"
        raise ConfigError(msg) from error
    except OSError as error:
        msg = f"{name} is {location!r}: {error.strerror}"
        raise ConfigError(msg) from error
