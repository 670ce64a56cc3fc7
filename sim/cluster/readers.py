"""What a story can do about who reads beside a cluster, whoever plays them."""

from __future__ import annotations

from typing import Protocol


class Readers(Protocol):
    """Those who read while a story is told."""

    def next_name(self) -> str:
        """What the next one is called that nobody gave a name."""
        ...

    def begin(self, name: str, topic: str, begin: str, isolation: str) -> None:
        """Begin to read a topic from its `earliest` or `latest` records, all of them or `read_committed`.

        Raises ValueError if the name is taken.
        """
        ...

    def join(self, name: str, topic: str, begin: str, isolation: str, group: str, protocol: str) -> None:
        """Begin to read a topic as a member of a group, by the `classic` or the `consumer` protocol.

        `begin` is where to read from where the group has no position. Raises ValueError if the name is taken.
        """
        ...

    def deploy(self, name: str, version: int) -> None:
        """Let a reader go on by that version of its code. Raises ValueError if nobody is called so, or it has no such version."""
        ...

    def close(self, name: str) -> None:
        """Let a member of a group end in good order. Raises ValueError if nobody in a group is called so, or no more."""
        ...
