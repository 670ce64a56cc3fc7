"""The engine owns no clock, socket or thread, the command line no terminal: proved by what an import really loads."""

import pytest

from tests.architecture.imports import imports
from tests.architecture.processes import run_python


def loaded_by(module: str) -> set[str]:
    """Top-level names in sys.modules after `import module` in a fresh interpreter."""
    printed = run_python("-c", f"import sys; import {module}; print(*sorted(sys.modules), sep='\\n')")
    return {name.partition(".")[0] for name in printed.splitlines()}


@pytest.mark.parametrize("forbidden", [{"asyncio", "socket", "threading", "simpy", "textual"}])
def test_the_engine_loads_no_driver_and_no_simulator(forbidden: set[str]) -> None:
    assert loaded_by("producer.engine.engine") & forbidden == set()


def test_the_command_line_loads_no_terminal_ui() -> None:
    assert "textual" not in loaded_by("sim.cli")


def test_nothing_imports_a_planted_bug() -> None:
    assert [one for one in imports() if one[1].startswith("sim.mutants") and not one[0].startswith("sim.mutants")] == []
