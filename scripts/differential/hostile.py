"""Texts and JSON values that break what takes them for something else than data."""

import json

IDS = [
    "u1", "u2", "User 3", "123", "0", "-1", "1.50", "null", "NA", "undefined", "$device:4f2a", "-x", "--id", "=a", "a,b",
    " lead", "trail ", "tab\there", "line\nbreak", "é", "e\u0301", "ユーザー", "🦀", "\u202eabc", "Ünïcode/id",
    "'; DROP TABLE events; --", "\" OR 1=1", "%_like", "back\\slash", '{"distinct_id":"u1"}', "[1,2]", "C:\\u0041",
    "nul\0inside", "x" * 300, "ß" * 700, "$hotshard_events",
]  # fmt: skip

# Numbers that arrive as ids; they become their decimal text.
NUMERIC_IDS = ["0", "123", "-1", "12345678901234567890123", "7.25", "1.50"]

EVENT_NAMES = [
    "Purchase", "Signed up", "purchase", "Page view", 'He said "hi"', "'; SELECT 1; --", "Ünïcode ☃", "a,b", "=x",
    "-dash", "back\\slash", "line\nbreak", "Hotshard Events", "null", "7", " space", "🦀", "n" * 300, "a", "aa",
]  # fmt: skip

INSERT_IDS = ["1", "é", "' OR ''='", '"', "null", "🦀" * 40, "a b", "shared-insert-id"]

# Properties, each with values of the kind it usually has, as JSON.
TYPICAL_VALUES = {
    "plan": ['"free"', '"pro"', '"team"', '"Pro"', '""', '"entreprise é"'],
    "price": ["9.90", "9.9", "10", "1.5e3", "0.1", "-3.25", "100"],
    "seats": ["1", "2", "9", "10", "100", "-5", "0", "9007199254740993", "9223372036854775807"],
    "beta": ["true", "false"],
    "note": ['"ten"', '"10"', '"9"', '"say \\"hi\\""', '"a\\\\b"', '"[{"', '"tab\\there"', '"🦀"', '"null"', '"true"'],
    "size": ["1", "10", "9", '"m"', "1e1", "7", "-0", "1.50", "1.5"],
    "$os": ['"Mac OS"', '"iOS"', '"Android"'],
    "país": ['"España"', '"\\u0045spa\\u00f1a"', '"Perú"'],
    "a b": ["1", '"x y"'],
    'q"uote': ['"\\""', "2"],
    "nested": ['{"plan":"deep"}', '{"plan":{"plan":"deeper"},"price":1}', '[{"plan":"in a list"}]', "[]", "{}"],
    "Plan": ['"other case"', '"pro"'],
    "plans": ['["plan"]', '"plan"', "3"],
}

# Other properties, as keys and values in JSON, that a search for `plan` or `price` may stumble over.
DECOYS = [
    ('""', '"plan"'),
    ('"plan "', '"not plan"'),
    ('"\\"plan\\""', '"in quotes"'),
    ('"x\\\\"', '"plan"'),
    ('"note to self"', '"\\"plan\\":\\"fake\\",\\"price\\":1"'),
    ('"escape"', '"\\\\\\"plan\\":7"'),
    ('"list"', '["plan",{"plan":"in a list","price":[{"price":2}]},"price"]'),
    ('"deep"', '{"x":{"plan":{"plan":[{"plan":null}]}},"price":"no"}'),
    ('"colon"', '"\\"plan\\" :"'),
]

ANY_VALUES = [
    "null", "true", "false", "0", "-0", "1", "1.0", "1.50", "1e3", "1E+3", "1e-7", "1e400", "-1e400", "9223372036854775808",
    "-9223372036854775808", "9007199254740992", "0.30000000000000004", "10", "9", '""', '"null"', '"007"', '"1e3"', '"-1.5e3"',
    '"inf"', '"NaN"', '" 1"', '"\\u0070ro"', '"pro"', '"\\ud83e\\udd80"', '"half \\ud800 pair"', '"nul \\u0000"', '"a\\/b"',
    '"\\"quoted\\""', '"}],{"', '"\\\\"', '{"plan":"deep"}', '{ "plan" : null }', '[1, 2,  3]', '[[[[]]]]', '{"":""}',
    json.dumps("long " * 200),
]  # fmt: skip

PROMOTABLE = {"plan": "string", "note": "string", "$os": "string", "price": "double", "seats": "long", "size": "long", "beta": "boolean"}
