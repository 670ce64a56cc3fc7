"""`acklab replay`: a witness run again, its digest compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.endings import CommandError, Exit, complain, ends
from sim.cli.options import AsJson


@ends
def replay(
    file: Annotated[Path, typer.Argument(metavar="WITNESS", help="A file of --witness or of --trace.")],
    as_json: AsJson = False,
) -> int:
    """Run a witness again. Exits with 70 if it does not show the same, event for event; with 3 if its scenario has changed."""
    from sim.cli.verdicts import tell
    from sim.stories.scenario import load
    from sim.stories.witness import WitnessError, read_witness

    try:
        witness = read_witness(file)
    except OSError as error:
        raise CommandError(f"cannot read {file}: {error.strerror}") from error
    except WitnessError as error:
        raise CommandError(str(error)) from error
    scenario = load(witness.scenario)
    report = witness.replay()
    is_same = report.digest == witness.digest
    if as_json:
        print(json.dumps({**report.as_json(), "is_same": is_same, "digest_expected": witness.digest}))
    else:
        tell(report, witness.staged(scenario), again=f"acklab replay {file}")
    if not is_same:
        complain(f"the run is another one: digest {report.digest}, the witness has {witness.digest}")
        why = witness.what_changed(scenario)
        if why:
            complain(f"{why}, so the file shows nothing of what is there now")
            return Exit.INCONCLUSIVE
        said = (
            "nothing that it holds has changed since"
            if witness.story
            else "if neither the scenario nor acklab has changed since"
        )
        complain(f"{said}: please report it, a run must repeat exactly")
        return Exit.OUR_BUG
    return report.exit_code
