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

SAME = "to it neither aliases nor an enum's default make another schema: it finds a version that it has, and checks nothing"

APICURIO_ON_HISTORIES = {
    "avro: field renamed, then field renamed with alias": SAME,
    "avro: enum gains a symbol, then enum gains a symbol, the new one has a default": SAME,
    "avro: enum gains a symbol, both have a default, then enum loses a symbol": SAME,
    "avro: record renamed, then record renamed with alias": SAME,
    "avro: nested record renamed, then nested record renamed with alias": SAME,
    "protobuf: proto2 to proto3, then required field added": (
        "it lets pass what breaks: a required field is looked for between files of proto2 alone, and what proto3 wrote has none"
    ),
    "json_schema: added within what is described for others, then added wider than what is described for others": (
        APICURIO["json_schema: added wider than what is described for others"]
    ),
    "json_schema: enum in another order, then enum to string": f"{BY_TEXT}: all that is listed are strings",
    "json_schema: string to oneOf string or integer, then string to anyOf string or integer": (
        APICURIO["json_schema: oneOf to anyOf"]
    ),
    "json_schema: string to anyOf string or integer, then oneOf gains a branch": (
        "it has the two directions the wrong way round: a boolean fits no branch of the anyOf, a string exactly one of the oneOf"
    ),
    "json_schema: oneOf to anyOf, then allOf gains a part": f"{BY_TEXT}: every string of one to five letters fits the oneOf",
}
"""Key of a history -> the reason."""
