"""Run every scenario once and print {name: digest} as JSON; a program, so that a test can choose its hash seed."""

import contextlib
import io
import json
import sys
from typing import Any

from sim.cli import main

HOLDS, VIOLATED = 0, 1


def told(*words: str) -> Any:
    """The one JSON object that `acklab WORDS` prints."""
    printed = io.StringIO()
    status: object = HOLDS
    sys.argv = ["acklab", *words]
    with contextlib.redirect_stdout(printed):
        try:
            main()
        except SystemExit as ended:
            status = ended.code
    assert status in {None, HOLDS, VIOLATED}, f"acklab {' '.join(words)}: exit {status}\n{printed.getvalue()}"
    return json.loads(printed.getvalue())


if __name__ == "__main__":
    names = [scenario["name"] for scenario in told("list", "--json")["scenarios"]]
    print(json.dumps({name: told("run", name, "--json")["digest"] for name in names}))
