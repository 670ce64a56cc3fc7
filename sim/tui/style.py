"""How the widgets are laid out, in Textual's CSS; in Python, so that every installation has it."""

from __future__ import annotations

CSS = """
Screen { background: $background; color: $foreground; layout: vertical; }
ModalScreen { background: $background 60%; align: center middle; }

#title, #home-title, #typed, #glossary-title, #glossary-typed, #first-hint, #scrub, #views { height: 1; }
#moment, #object { height: 2; }
#lists { height: 1fr; }
#verdicts-side, #events-side { width: 1fr; height: 1fr; }
#verdicts-heading, #events-heading, #strikes-heading { height: 1; }
#page { scrollbar-gutter: stable; }
LineList { height: 1fr; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; background: $background; }
WatchScreen, GrowingScreen { layers: default over; }
#find { layer: over; dock: bottom; margin-bottom: 1; background: $panel; }
Footer { background: $panel; }

#top { layout: vertical; }
.beside #top { layout: horizontal; }
.beside #cluster { width: 1fr; margin-right: 1; }
.beside #producer { width: 1fr; }
#strikes-side { width: 2fr; height: 1fr; margin-right: 1; }
GrowingScreen #events-side { width: 3fr; }
WatchScreen.wide #verdicts-side { margin-right: 1; }
WatchScreen.events-only #verdicts-side { display: none; }
WatchScreen.verdicts-only #events-side { display: none; }

#compare-title, #row { height: 2; }
#ending { height: 6; }
#why { height: 3; }
#rows { height: 1fr; }
#search-title, #lesson-title { height: 1; }
#story-task { height: 4; }
#search-same { height: 2; }
#search, #glossary, #shelf, #promises { height: 1fr; }
#meaning { height: 6; }
#lesson-steps { margin: 1 0 0 0; }
#lesson-text { height: 1fr; background: $background; scrollbar-size-vertical: 1; }

.dialog { width: 92%; max-width: 110; background: $background; border: round $primary; padding: 0 1; }
#change, #export, #root-cause { height: auto; max-height: 90%; }
#choices { height: auto; max-height: 16; border: none; background: $background; padding: 0; }
#written { background: $panel; }
#hint { height: auto; min-height: 2; color: $foreground 80%; margin-top: 1; }
#help { height: 90%; }
"""
