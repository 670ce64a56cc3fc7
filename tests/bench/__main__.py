"""Benchmarks: `python -m tests.bench [NAME...]` runs all of them, or those whose name begins with a given word.

One file, one benchmark. A file `tests/bench/WHAT.py` offers

    CASES: a sequence of `Case(name, unit, run, reference=False)`, written in the order in which they are shown;

`run()` does the work once and returns how many units it did together with the seconds that counted, `Measured(amount,
elapsed_s)`, so that setting up and tearing down stay outside. Every case of a file is measured ROUNDS times, the cases in
turn (a slow minute of the machine then hits them all), each time in a process of its own (its peak memory is then its own);
the table shows the best round, the ratio to the file's `reference` case, processor seconds, and the peak.
Only ratios within one run mean anything on a shared machine.

What is ours is measured in each build there is, in turn as well: in pure Python, compiled if `make compiled` made this very
tree, and with `--before CHECKOUT` in another tree, by that one's own benchmarks. "CPU" is how many times fewer processor
seconds a unit takes: of the pure build before the commit, of the compiled one beside the pure one.

What the cases of a file have in common, brokers say, it offers as a context manager `SETTING`; it is entered once, in the
harness, and each case reads what it gave, a string, by `tests.bench.case.setting()`.

A file joins by being there: no list to extend. It must import cheaply, as each process imports it again; what a case
needs it imports inside `run`. `unit` is what is counted ("records", "events", "runs"). A case that cannot run here raises
`Skip("why")`, and the table says so.
"""

import argparse
import contextlib
import importlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from tests.bench.case import SETTING, Case, Skip

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NOT_BENCHMARKS = {"__main__", "case", "clients", "kafka_broker", "mock_cluster", "sink", "transactional"}
PURE, COMPILED, BEFORE = "pure", "compiled", "before"
ROUNDS = 3
CASE_S_MAX = 300
SKIPPED = 75
ROUND_FROM = 100
"""Rates below are shown with two decimals."""


class Build(NamedTuple):
    """One acklab to measure."""

    name: str
    python: str
    folder: Path
    """Where Python is started: it imports what stands there, or else what is installed."""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="Benchmarks; without names, all of them."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="file of a benchmark, or the beginning of its name")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each case is measured; the best counts")
    parser.add_argument("--before", type=Path, metavar="CHECKOUT", help="another tree of acklab, measured in turn")
    parser.add_argument("--cases", default="", metavar="WORD", help="only cases with this word in their names: acklab")
    parser.add_argument("--one", nargs=2, metavar=("FILE", "CASE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        return measure_here(*given.one)

    known = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in NOT_BENCHMARKS)
    chosen = [name for name in known if not given.names or any(name.startswith(word) for word in given.names)]
    if not chosen:
        print(f"no benchmark {' '.join(given.names)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    builds = list(builds_here(given.before))
    if COMPILED not in {build.name for build in builds}:
        print("no compiled build of this tree: make compiled makes one")
    for name in chosen:
        show(name, [case for case in cases_of(name) if given.cases in case.name], given.rounds, builds)
    return 0


def builds_here(before: Path | None) -> Iterator[Build]:
    """Give the builds to measure: this tree first."""
    yield Build(PURE, sys.executable, ROOT)
    if subprocess.run([sys.executable, ".ci/compile.py", "--is-current"], cwd=ROOT, check=False).returncode == 0:
        home = ROOT / "build" / "compiled"
        yield Build(COMPILED, str(home / "venv" / "bin" / "python"), home / "checkout")
    if before is not None:
        yield Build(BEFORE, sys.executable, before.resolve(strict=True))


def cases_of(name: str) -> Sequence[Case]:
    cases: Sequence[Case] = importlib.import_module(f"tests.bench.{name}").CASES
    return cases


def show(name: str, cases: Sequence[Case], rounds: int, builds: Sequence[Build]) -> None:
    """Measure cases of one file in turn, each in every build, and print their table."""
    rows = [(case, build) for case in cases for build in (builds[:1] if case.is_foreign else builds)]
    told: dict[tuple[str, str], list[dict[str, float]]] = {(case.name, build.name): [] for case, build in rows}
    refused: dict[tuple[str, str], str] = {}
    try:
        with setting_of(name) as setting:
            for _ in range(rounds):
                for case, build in rows:
                    key = (case.name, build.name)
                    if key in refused:
                        continue
                    result = measure_apart(name, case.name, setting, build)
                    if isinstance(result, str):
                        refused[key] = result
                    else:
                        told[key].append(result)
    except Skip as why:
        print(f"\n{name}: skipped: {why}")
        return

    print(f"\n{name}: {importlib.import_module(f'tests.bench.{name}').__doc__}".rstrip())
    labels = {(case.name, build.name): case.name + f" ({build.name})" * (len(builds) > 1) for case, build in rows}
    width = max(map(len, labels.values()))
    print(f"  {'':{width}}  {'per second':>20}  {'ratio':>6}  {'CPU s per million':>17}  {'peak MB':>7}  CPU")
    best = {key: max(results, key=lambda one: one["rate"]) for key, results in told.items() if results}
    cpu = {key: min(one["cpu_s_per_million"] for one in results) for key, results in told.items() if results}
    reference = next(
        (best[case.name, PURE]["rate"] for case in cases if case.reference and (case.name, PURE) in best), 0
    )
    for case, build in rows:
        key = (case.name, build.name)
        if key not in best:
            print(f"  {labels[key]:{width}}  {refused[key]}")
            continue
        one = best[key]
        ratio = f"{one['rate'] / reference:.2f}" if reference else "-"
        rate = f"{one['rate']:,.{0 if one['rate'] >= ROUND_FROM else 2}f} {case.unit}"
        beside = {PURE: BEFORE, COMPILED: PURE}.get(build.name, "")
        times = f"{cpu[case.name, beside] / cpu[key]:.2f}x {beside}" if (case.name, beside) in cpu else ""
        figures = f"{rate:>20}  {ratio:>6}  {cpu[key]:>17,.1f}  {one['peak_mb']:>7,.0f}  {times}"
        print(f"  {labels[key]:{width}}  {figures}".rstrip())


def setting_of(name: str) -> AbstractContextManager[str]:
    made: Callable[[], AbstractContextManager[str]] | None = getattr(
        importlib.import_module(f"tests.bench.{name}"), "SETTING", None
    )
    return contextlib.nullcontext("") if made is None else made()


def measure_apart(name: str, case: str, setting: str, build: Build) -> dict[str, float] | str:
    """Measure one case once in a new process; a string says why that did not work."""
    done = subprocess.run(
        [build.python, "-m", "tests.bench", "--one", name, case],
        cwd=build.folder,
        capture_output=True,
        text=True,
        timeout=CASE_S_MAX,
        check=False,
        stdin=subprocess.DEVNULL,
        env=os.environ | {SETTING: setting},
    )
    if done.returncode == SKIPPED:
        return f"skipped: {done.stdout.strip()}"
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        return f"failed: exit {done.returncode}, {last}"
    result: dict[str, float] = json.loads(done.stdout)
    return result


def measure_here(name: str, case_name: str) -> int:
    case = next(case for case in cases_of(name) if case.name == case_name)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            started_cpu = time.process_time()
            measured = case.run()
            cpu_s = time.process_time() - started_cpu if measured.cpu_s is None else measured.cpu_s
    except Skip as why:
        print(why)
        return SKIPPED
    peak_kb = measured.peak_kb
    if peak_kb is None:
        # A case that starts a program of its own is that program.
        peak_kb = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    result = {
        "rate": measured.amount / measured.elapsed_s,
        "cpu_s_per_million": cpu_s / measured.amount * 1e6,
        "peak_mb": peak_kb / 1024,
    }
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
