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

OF_STATE = "to it a deletion in the wrong order is a conflict: the code is the same, the status of HTTP is not"
GLOBAL = "a subject without a level or a mode of its own is told the global one"
NO_MODES = "it takes any mode, and nothing comes of it: IMPORT may be set at any time, READONLY forbids nothing"
NO_IMPORT = "it passes over the id and the version that somebody wants"
DONE = (200, 0)

APICURIO_ON_ERRORS = {
    "40401 DELETE /mode/s": (DONE, DONE, NO_MODES),
    "40403 GET /subjects/s/metadata?key=a&value=b after POST /subjects/s/versions": (
        (204, 0),
        (204, 0),
        "it does not look for metadata, and says nothing at all",
    ),
    "40405 DELETE /subjects/s?permanent=true after POST /subjects/s/versions": ((409, 40405), DONE, OF_STATE),
    "40406 DELETE /subjects/s/versions/1 after POST /subjects/s/versions, DELETE /subjects/s/versions/1": (
        (409, 40406),
        DONE,
        OF_STATE,
    ),
    "40407 DELETE /subjects/s/versions/1?permanent=true after POST /subjects/s/versions": (
        (409, 40407),
        DONE,
        OF_STATE,
    ),
    "40408 GET /config/s after POST /subjects/s/versions": (DONE, DONE, GLOBAL),
    "40409 GET /mode/s after POST /subjects/s/versions": (DONE, DONE, GLOBAL),
    "42201 POST /subjects/s/versions ()": (
        (500, 0),
        (500, 0),
        "it fails with an error of its own where a body says no schema",
    ),
    "42201 POST /subjects/s/versions (schema, version)": (DONE, DONE, NO_IMPORT),
    "42205 POST /subjects/s/versions (schema) after POST /subjects/s/versions, PUT /mode/s": (DONE, DONE, NO_MODES),
    "42205 DELETE /subjects/s/versions/1 after POST /subjects/s/versions, PUT /mode/s": (DONE, DONE, NO_MODES),
    "42205 DELETE /subjects/s after POST /subjects/s/versions, PUT /mode/s": (DONE, DONE, NO_MODES),
    "42205 PUT /config/s (compatibility) after POST /subjects/s/versions, PUT /mode/s": (DONE, DONE, NO_MODES),
    "42205 POST /subjects/s/versions (schema, id)": (DONE, DONE, NO_IMPORT),
    "42205 POST /subjects/s/versions (schema) after PUT /mode/s": (DONE, DONE, NO_MODES),
    "42205 PUT /mode/s (mode) after POST /subjects/s/versions": (DONE, DONE, NO_MODES),
    "42206 DELETE /subjects/s after POST /subjects/s/versions, POST /subjects/t/versions": (
        (422, 42206),
        (422, 42206),
        "who was deleted softly still refers, to a whole subject; of a version it no longer counts",
    ),
}
"""Key of an error's row -> what Apicurio says where ours refuses and where ours does it, as HTTP's status and the code (0: none); the reason."""
