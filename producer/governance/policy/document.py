"""A YAML or JSON file as plain values, with the line on which each of them stands; what is there twice is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from producer.errors import UsageError
from producer.governance.errors import PolicyFileError

if TYPE_CHECKING:
    from yaml.nodes import Node

NODES_MAX = 100_000
"""Keys and values of one file; aliases count each time, so that no few lines become a million."""
CHARACTERS_MAX = 1 << 20
DEPTH_MAX = 40

Way = tuple[str | int, ...]
"""Keys and places, from the top."""


class Document:
    """The values of a file, and their lines."""

    def __init__(self, file: str, text: str) -> None:
        """Read. Raises PolicyFileError for what is neither YAML nor JSON, UsageError without PyYAML."""
        try:
            import yaml
        except ModuleNotFoundError as error:
            msg = "a policy file needs the module 'yaml', which is not installed: pip install 'acklab[governance]'"
            raise UsageError(msg) from error
        self.file = file
        self.lines: dict[Way, int] = {}
        self._left = NODES_MAX
        if len(text) > CHARACTERS_MAX:
            raise PolicyFileError(file, 0, "", f"it has {len(text)} characters, at most {CHARACTERS_MAX} are read")
        if file.endswith(".json"):
            try:
                json.loads(text)
            except (ValueError, RecursionError) as error:
                raise PolicyFileError(file, getattr(error, "lineno", 0), "", f"is no JSON: {error}") from error
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
            self.value: Any = None if node is None else self._made(node, (), yaml.SafeLoader(""), 0)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            problem = getattr(error, "problem", None) or "cannot be read"
            raise PolicyFileError(file, mark.line + 1 if mark else 0, "", f"is no YAML: {problem}") from error
        except (RecursionError, ValueError) as error:
            raise PolicyFileError(file, 0, "", f"is no YAML: {error}") from error

    def error(self, way: Sequence[str | int], reason: str) -> PolicyFileError:
        """Make an error that names line and path; a key that is missing is looked for where it should stand."""
        line, at = 0, tuple(way)
        while not line:
            line = self.lines.get(at, 0)
            if not at:
                break
            at = at[:-1]
        return PolicyFileError(self.file, line, shown(way), reason)

    def _made(self, node: Node, way: Way, loader: Any, depth: int) -> Any:
        from yaml.nodes import MappingNode, SequenceNode

        self._left -= 1
        if self._left < 0 or depth > DEPTH_MAX:
            raise PolicyFileError(self.file, node.start_mark.line + 1, shown(way), "is too large, or too deep")
        self.lines.setdefault(way, node.start_mark.line + 1)
        if isinstance(node, SequenceNode):
            return [self._made(one, (*way, place), loader, depth + 1) for place, one in enumerate(node.value)]
        if isinstance(node, MappingNode):
            made: dict[str, Any] = {}
            for key_node, value_node in node.value:
                key = str(key_node.value)
                if key in made:
                    raise PolicyFileError(self.file, key_node.start_mark.line + 1, shown((*way, key)), "is there twice")
                self.lines[(*way, key)] = key_node.start_mark.line + 1
                made[key] = self._made(value_node, (*way, key), loader, depth + 1)
            return made
        return loader.construct_object(node)


def shown(way: Sequence[str | int]) -> str:
    """Write a way as `topics[0].protect.card`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in way)
    return text.removeprefix(".")
