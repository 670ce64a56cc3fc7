"""Comparison of two recordings."""

from __future__ import annotations

from typing import Any

from tests.conformance.suite.normal import TEXT


def difference(want: Any, got: Any, strict: bool, path: str = "", name: str = "") -> str | None:
    """The first path at which the two differ, with both values; None when equal."""
    if name in TEXT and not strict and isinstance(want, str) and isinstance(got, str):
        return None
    if isinstance(want, dict) and isinstance(got, dict):
        for key in [*want, *(k for k in got if k not in want)]:
            where = f"{path}.{key}" if path else key
            if key not in got:
                return f"{where}: {brief(want[key])} expected, absent"
            if key not in want:
                return f"{where}: absent expected, {brief(got[key])}"
            found = difference(want[key], got[key], strict, where, key)
            if found:
                return found
        return None
    if isinstance(want, list) and isinstance(got, list):
        for i, (a, b) in enumerate(zip(want, got, strict=False)):
            found = difference(a, b, strict, f"{path}[{i}]", name)
            if found:
                return found
        if len(want) != len(got):
            return f"{path}: {len(want)} elements expected, {len(got)}"
        return None
    if type(want) is type(got) and want == got:
        return None
    return f"{path}: {brief(want)} expected, {brief(got)}"


def brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."


def compare_case(want: list[dict[str, Any]], got: list[dict[str, Any]], strict: bool) -> tuple[int, list[str]]:
    """How many steps are equal, and the difference of each that is not."""
    equal, found = 0, []
    for i, step in enumerate(want):
        label = f"step {i + 1} ({step.get('request', 'end')}{': ' + step['note'] if step.get('note') else ''})"
        if i >= len(got):
            found.append(f"{label}: not reached")
            continue
        a = {k: step[k] for k in ("answer", "stopped") if k in step}
        b = {k: got[i][k] for k in ("answer", "stopped") if k in got[i]}
        where = difference(a, b, strict)
        if where:
            found.append(f"{label} {where}")
        else:
            equal += 1
    if len(got) > len(want):
        found.append(f"{len(got) - len(want)} steps more than expected")
    return equal, found
