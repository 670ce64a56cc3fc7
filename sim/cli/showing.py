"""The screens are opened, and what was copied from them is printed when they are left."""

from __future__ import annotations

from typing import Any

from sim.cli.endings import Exit
from sim.cli.web import is_drawn_for_web


def show(**opened: Any) -> int:
    """Open the terminal UI (`AcklabApp` takes the words) on this user's desk, until somebody leaves it. Gives the status."""
    from sim.cli.desk import desk
    from sim.cli.screen import say
    from sim.cli.terminal import copies
    from sim.tui.app import AcklabApp

    is_web = is_drawn_for_web()
    app = AcklabApp(**opened, copies=not is_web and copies(), desk=desk())
    app.run()
    if not is_web:
        for command in app.commands:
            say(command)
    # Textual has printed what went wrong; whose fault it is stands in the status.
    return Exit.OUR_BUG if app.return_code else Exit.HOLDS
