"""Whether planted bugs of the oracle make the two judges differ, whatever the stories are about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from tests.second_judge.agreement import JudgeBug


class Judged(Protocol):
    """A story that both judges have looked at."""

    def differences(self, bug: JudgeBug | None = None) -> Sequence[Any]:
        """Compare; with a bug, the oracle as it would be with that bug."""
        ...


def undetected(bugs: Mapping[str, JudgeBug], numbers: Iterable[int], judged: Callable[[int], Judged]) -> list[str]:
    """Give the bugs with which the judges agree on each of those stories. Without one they agree on all, or the test fails."""
    left = dict(bugs)
    for number in numbers:
        story = judged(number)
        assert story.differences() == []
        left = {name: bug for name, bug in left.items() if not story.differences(bug)}
        if not left:
            break
    return list(left)
