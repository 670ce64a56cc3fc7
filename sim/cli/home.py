"""What `acklab` without a command shows, as text or as JSON."""

from __future__ import annotations

import json

from sim.cli.endings import ends


@ends
def print_home(*, as_json: bool) -> None:
    """Print everything that the first screen opens."""
    from sim.cli.desk import desk
    from sim.cli.screen import say
    from sim.tui.home.plain import home_json, home_lines

    if as_json:
        print(json.dumps(home_json(desk())))
        return
    for line in home_lines(desk()):
        say(line)
