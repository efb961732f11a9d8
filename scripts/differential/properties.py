"""What a properties text says, by its documentation and not by our Rust.

A value's text is a string without its quotes and escapes, anything else as it was written; `null` is
a missing value, and of duplicate keys the last one wins. DuckDB's own JSON functions give numbers
another form and look at the first of duplicate keys, so they are no oracle for this.
"""

import json
import re
from json.decoder import scanstring

SPACE = re.compile(r"[ \t\n\r]*")
DECODER = json.JSONDecoder()


def texts(properties):
    """The text of each property, by name; None where it is null."""
    found = {}
    for key, raw in pairs(properties):
        found[key] = text(raw)
    return found


def text(raw):
    """A JSON value as the text that queries see."""
    if raw == "null":
        return None
    if not raw.startswith('"'):
        return raw
    plain, _ = scanstring(raw, 1)
    # Half a surrogate pair has no text in UTF-8, so it is left as written.
    return raw if has_half_pair(plain) else plain


def has_half_pair(plain):
    return any("\ud800" <= character <= "\udfff" for character in plain)


def pairs(properties):
    """Keys without escapes, values as written, in order, of one JSON object."""
    at = skip_space(properties, skip_space(properties, 0) + 1)
    while properties[at] != "}":
        if properties[at] == ",":
            at = skip_space(properties, at + 1)
        key, at = scanstring(properties, at + 1)
        start = skip_space(properties, skip_space(properties, at) + 1)
        _, end = DECODER.raw_decode(properties, start)
        yield key, properties[start:end]
        at = skip_space(properties, end)


def skip_space(properties, at):
    return SPACE.match(properties, at).end()
