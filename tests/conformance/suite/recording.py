"""Writes down what a server answered, as `golden/<area>.json`: for Apache Kafka itself, whose answers are the ones that count."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tests.conformance.suite.case import Case
from tests.conformance.suite.run import GOLDEN_FOLDER, Steps


def written_down(found: Iterable[tuple[Case, Steps]]) -> list[str]:
    """Put these cases in their areas' files, beside what is there of others. Gives the areas."""
    by_area: dict[str, dict[str, Any]] = {}
    for case, steps in found:
        by_area.setdefault(case.area, {})[case.name] = {"doc": case.doc, "needs": case.needs, "steps": steps}
    for area, cases in by_area.items():
        path = GOLDEN_FOLDER / f"{area}.json"
        kept = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(_a_line_a_step(kept | cases))
    return sorted(by_area)


def _a_line_a_step(cases: dict[str, Any]) -> str:
    def line(value: object) -> str:
        return json.dumps(value, ensure_ascii=False)

    told = []
    for name, one in cases.items():
        steps = ",\n".join(f"   {line(step)}" for step in one["steps"])
        told.append(
            f' {line(name)}: {{"doc": {line(one["doc"])}, "needs": {line(one["needs"])}, "steps": [\n{steps}\n ]}}'
        )
    return "{\n" + ",\n".join(told) + "\n}\n"
