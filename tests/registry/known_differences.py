"""Where our verdicts are not those of Apicurio Registry 3.3.3, and why. Apache Avro's own checker agrees on every pair."""

BY_TEXT = "it compares what is written, and not what values fit"

APICURIO = {
    "json_schema: anything added, open": f"{BY_TEXT}: a member of which nothing is said takes all that the old one took",
    "json_schema: added wider than what is described for others": (
        f"{BY_TEXT}: it wants the two described alike, but a number takes every integer"
    ),
    "json_schema: minLength 0 added": f"{BY_TEXT}: every string has a length of 0 or more",
    "json_schema: string to oneOf string or integer": f"{BY_TEXT}: no string is an integer as well",
    "json_schema: oneOf gains a branch that overlaps": "it lets pass what breaks: an integer fits two branches now, and so none",
    "json_schema: oneOf to anyOf": f"{BY_TEXT}: no value is a string and an integer, so exactly one is at least one",
    "json_schema: not narrower": f"{BY_TEXT}: whatever is neither a string nor null is no string",
}
"""Key of a pair -> the reason."""
