"""Every word that the screens use, explained: a table a subject; and how a word is found in a line of text."""
