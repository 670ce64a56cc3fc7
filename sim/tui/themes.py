"""The looks as Textual's themes: what Textual itself draws - keys at the foot, dialogs, fields - wears the same."""

from __future__ import annotations

from textual.theme import Theme

from sim.tui.look import CHOSEN, GROUND, LOOKS, RAISED, Look


def _theme(look: Look) -> Theme:
    inks, grounds = look.inks, look.grounds
    return Theme(
        name=look.name,
        primary=inks.follower,
        secondary=inks.leader,
        accent=inks.unsure,
        warning=inks.unsure,
        error=inks.bad,
        success=inks.good,
        foreground=inks.plain,
        background=grounds[GROUND],
        surface=grounds[GROUND],
        panel=grounds[RAISED],
        dark=look.is_dark,
        variables={
            "block-cursor-background": grounds[CHOSEN],
            "block-cursor-foreground": inks.strong,
            "footer-background": grounds[RAISED],
            "footer-foreground": inks.plain,
            "footer-description-foreground": inks.plain,
            "footer-key-foreground": inks.unsure,
            "input-cursor-background": inks.plain,
            "input-cursor-foreground": grounds[GROUND],
        },
    )


THEMES = tuple(_theme(look) for look in LOOKS.values())
