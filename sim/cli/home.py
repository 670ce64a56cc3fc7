"""What `acklab` without a command shows, as text, as JSON or in a browser."""

from __future__ import annotations

import json

from sim.cli.endings import CommandError, ends


@ends
def show_home(asked: list[str], web_port: int) -> int:
    """Show everything that the first screen opens, in the one way that is asked for: `--plain`, `--json` or `--web`."""
    from sim.cli.desk import desk
    from sim.cli.screen import say
    from sim.cli.web import serve_web
    from sim.tui.home.plain import home_json, home_lines

    if len(asked) > 1:
        raise CommandError(f"{' and '.join(asked)} are ways to show the first screen: give one of them")
    if asked == ["--web"]:
        return serve_web(web_port)
    if asked == ["--json"]:
        print(json.dumps(home_json(desk())))
        return 0
    for line in home_lines(desk()):
        say(line)
    return 0
