"""Random bytes in real use: the operating system's. In virtual time they come from a stream of the world, as all chance does."""

from __future__ import annotations

from os import urandom  # noqa: TID251 - keys and nonces of real use; whoever simulates hands in a stream of his own

__all__ = ["urandom"]
