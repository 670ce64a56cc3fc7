"""Each panel of a screen as lines of text: a function of what is shown and of the room there is; no Textual in here."""
