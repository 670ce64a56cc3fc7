"""What registries of a cluster are called."""

from __future__ import annotations


def registry_host(number: int) -> str:
    """Give the name of a registry's host in the simulated network; they are counted from 1."""
    return f"registry-{number}"
