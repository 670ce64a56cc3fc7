"""Benchmarks: `python -m tests.bench [NAME...]` runs all of them, or those whose name begins with a given word.

One file, one benchmark. A file `tests/bench/WHAT.py` offers

    CASES: a sequence of `Case(name, unit, run, reference=False)`, written in the order in which they are shown;

`run()` does the work once and returns how many units it did together with the seconds that counted, `Measured(amount,
elapsed_s)`, so that setting up and tearing down stay outside. Every case of a file is measured ROUNDS times, the cases in
turn (a slow minute of the machine then hits them all), each time in a process of its own (its peak memory is then its own);
the table shows the best round, the ratio to the file's `reference` case, processor seconds, and the peak.
Only ratios within one run mean anything on a shared machine.

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
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from tests.bench.case import SETTING, Case, Skip

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NOT_BENCHMARKS = {"__main__", "case", "clients", "kafka_broker", "mock_cluster"}
ROUNDS = 3
CASE_S_MAX = 300
SKIPPED = 75


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="Benchmarks; without names, all of them."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="file of a benchmark, or the beginning of its name")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each case is measured; the best counts")
    parser.add_argument("--one", nargs=2, metavar=("FILE", "CASE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        return measure_here(*given.one)

    known = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in NOT_BENCHMARKS)
    chosen = [name for name in known if not given.names or any(name.startswith(word) for word in given.names)]
    if not chosen:
        print(f"no benchmark {' '.join(given.names)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    for name in chosen:
        show(name, given.rounds)
    return 0


def cases_of(name: str) -> Sequence[Case]:
    cases: Sequence[Case] = importlib.import_module(f"tests.bench.{name}").CASES
    return cases


def show(name: str, rounds: int) -> None:
    """Measure the cases of one file in turn and print their table."""
    cases = cases_of(name)
    told: dict[str, list[dict[str, float]]] = {case.name: [] for case in cases}
    refused: dict[str, str] = {}
    try:
        with setting_of(name) as setting:
            for _ in range(rounds):
                for case in cases:
                    if case.name in refused:
                        continue
                    result = measure_apart(name, case.name, setting)
                    if isinstance(result, str):
                        refused[case.name] = result
                    else:
                        told[case.name].append(result)
    except Skip as why:
        print(f"\n{name}: skipped: {why}")
        return

    print(f"\n{name}: {importlib.import_module(f'tests.bench.{name}').__doc__}".rstrip())
    width = max(len(case.name) for case in cases)
    print(f"  {'':{width}}  {'per second':>20}  {'ratio':>6}  {'CPU s per million':>17}  {'peak MB':>7}")
    best = {case: max(results, key=lambda one: one["rate"]) for case, results in told.items() if results}
    reference = next((best[case.name]["rate"] for case in cases if case.reference and case.name in best), None)
    for case in cases:
        if case.name not in best:
            print(f"  {case.name:{width}}  {refused[case.name]}")
            continue
        one = best[case.name]
        ratio = f"{one['rate'] / reference:.2f}" if reference else "-"
        rate = f"{one['rate']:,.0f} {case.unit}"
        print(
            f"  {case.name:{width}}  {rate:>20}  {ratio:>6}  {one['cpu_s_per_million']:>17,.1f}  {one['peak_mb']:>7,.0f}"
        )


def setting_of(name: str) -> AbstractContextManager[str]:
    made: Callable[[], AbstractContextManager[str]] | None = getattr(
        importlib.import_module(f"tests.bench.{name}"), "SETTING", None
    )
    return contextlib.nullcontext("") if made is None else made()


def measure_apart(name: str, case: str, setting: str) -> dict[str, float] | str:
    """Measure one case once in a new process; a string says why that did not work."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--one", name, case],
        cwd=ROOT,
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
