"""Fuzz one target, guided by the branches it takes: `python -m tests.fuzz decoders --seconds 600`; `make fuzz TARGET=decoders`.

Needs atheris, which is no dependency of the project's: `.venv/bin/python -m pip install atheris==3.0.0` (Linux). What was found
is kept in `build/fuzz/`: the corpus of each target, and each input that failed as `crash-…`, `timeout-…` or `oom-…`; to run
one of those again, name it: `python -m tests.fuzz decoders build/fuzz/crash-…`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.fuzz.targets import TARGETS

FOUND = Path("build/fuzz")
INPUT_BYTES_MAX = 4_096
INPUT_S_MAX = 20
RSS_MB_MAX = 1_024


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument(
        "inputs", nargs="*", type=Path, help="run these files, each once, instead of looking for others"
    )
    parser.add_argument("--seconds", type=int, default=60)
    given = parser.parse_args()
    target = TARGETS[given.target]()
    if given.inputs:
        for one in given.inputs:
            target(one.read_bytes())
            print(f"{one}: nothing wrong")
        return 0
    try:
        import atheris
    except ImportError:
        print("this needs atheris: .venv/bin/python -m pip install atheris==3.0.0 (Linux)", file=sys.stderr)
        return 1
    from tests.fuzz.seeds import begun_with, seeds

    corpus = FOUND / given.target
    corpus.mkdir(parents=True, exist_ok=True)
    whole = seeds(given.target)
    for number, seed in enumerate(whole):
        # What is compiled at its first use is there, then, to be instrumented.
        target(seed)
        (corpus / f"seed-{number}").write_bytes(seed)
    atheris.instrument_all()

    def mutated(data: bytes, bytes_max: int, chance: int) -> bytes:
        return bytes(atheris.Mutate(begun_with(data, chance, whole)[:bytes_max], bytes_max))

    settings = (
        f"-max_total_time={given.seconds}",
        f"-max_len={INPUT_BYTES_MAX}",
        f"-timeout={INPUT_S_MAX}",
        f"-rss_limit_mb={RSS_MB_MAX}",
        f"-artifact_prefix={FOUND}/",
        "-print_final_stats=1",
        str(corpus),
    )
    atheris.Setup([sys.argv[0], *settings], target, custom_mutator=mutated)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
