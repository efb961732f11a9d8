"""Random conditions of `--where`, as they are written there and as SQL."""

import re
from dataclasses import dataclass

COMPARISONS = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
OPERATORS = (*COMPARISONS, "contains", "in", "is set", "is not set")
COLUMNS = ("event", "date", "distinct_id", "insert_id", "original_event", "original_distinct_id")
IDS = ("distinct_id", "original_distinct_id")
NUMBERS = ("10", "9", "9.9", "9.90", "1e1", "-1.5e3", "0", "-0", "1.5", "007", "1e400", "-1e400", "9223372036854775808")
OTHER_VALUES = ("", "null", "true", "pro", "absent", "inf", '"', "\\", "[", "é", "zzz")
NEEDS_QUOTES = re.compile(r'[\s"]')


@dataclass(frozen=True)
class Condition:
    """A column, an operator, and its values: none, one, or several for `in`."""

    column: str
    operator: str
    values: tuple
    # How it is written: with or without quotes and spaces that are free.
    form: int

    def written(self):
        """As an argument of `--where`."""
        column = self.column
        if column.startswith("property:"):
            column = "property:" + self.name(column.removeprefix("property:"))
        if self.operator in COMPARISONS:
            space = " " * (self.form % 3)
            return f"{column}{space}{self.operator}{space}{self.value(self.values[0])}"
        if self.operator == "in":
            comma = (",", ", ", " ,")[self.form % 3]
            return f"{column} in ({comma.join(self.value(value, in_list=True) for value in self.values)})"
        if self.operator == "contains":
            return f"{column} contains {self.value(self.values[0])}"
        return f"{column} {self.operator}"

    def name(self, name):
        plain = not re.search(r'[\s"=!<>]', name)
        return name if plain and self.form % 2 else quoted(name)

    def value(self, value, in_list=False):
        plain = value and not NEEDS_QUOTES.search(value) and value[0] not in "=!<>"
        if in_list:
            plain = plain and not re.search(r"[,()]", value)
        return value if plain and self.form % 2 else quoted(value)

    def sql(self, column):
        """As SQL over the column of that name."""
        values = [literal(value) for value in self.values]
        if self.operator == "is set":
            return f"{column} <> ''" if self.column in IDS else f"{column} IS NOT NULL"
        if self.operator == "is not set":
            return f"{column} = ''" if self.column in IDS else f"{column} IS NULL"
        if self.operator == "in":
            return f"{column} IN ({', '.join(values)})"
        if self.operator == "contains":
            return f"contains({column}, {values[0]})"
        if self.column.startswith("property:") and self.operator[0] in "<>":
            return f"order_of({column}, {values[0]}) {self.operator} 0"
        return f"{column} {COMPARISONS[self.operator]} {values[0]}"


# Numbers compare as numbers, integers of 64 bits exactly; everything else byte by byte.
MACROS = r"""
CREATE MACRO is_number(t) AS regexp_full_match(t, '-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?');
CREATE MACRO integer_of(t) AS CASE WHEN regexp_full_match(t, '-?[0-9]+') THEN TRY_CAST(t AS BIGINT) END;
CREATE MACRO sign_of(a, b) AS CASE WHEN a < b THEN -1 WHEN a > b THEN 1 WHEN a = b THEN 0 END;
CREATE MACRO order_of(a, b) AS CASE
    WHEN integer_of(a) IS NOT NULL AND integer_of(b) IS NOT NULL THEN sign_of(integer_of(a), integer_of(b))
    WHEN is_number(a) AND is_number(b) THEN sign_of(TRY_CAST(a AS DOUBLE), TRY_CAST(b AS DOUBLE))
    ELSE sign_of(a, b)
END;
"""


def random_condition(rng, properties, sample):
    """A condition on any column; `sample(column)` gives a value that occurs, or None."""
    column = rng.choice((*COLUMNS, *[f"property:{rng.choice(properties)}" for _ in range(6)]))
    operator = rng.choice(OPERATORS)
    values = ()
    if operator == "in":
        values = tuple(random_value(rng, column, operator, sample) for _ in range(rng.randint(1, 4)))
    elif not operator.startswith("is "):
        values = (random_value(rng, column, operator, sample),)
    return Condition(column, operator, values, rng.randrange(6))


def random_value(rng, column, operator, sample):
    """A value that occurs, or nearly, or does not."""
    value = sample(column) if rng.random() < 0.75 else None
    if column == "date" and operator != "contains":
        return value or rng.choice(["1970-01-01", "2024-02-28", "2024-02-29", "2024-03-02", "9999-12-31"])
    if value is None or "\0" in value:
        return rng.choice(NUMBERS if rng.random() < 0.5 else OTHER_VALUES)
    if operator == "contains" and value and rng.random() < 0.8:
        start = rng.randrange(len(value))
        return value[start : start + rng.randint(1, 4)]
    if column != "date" and rng.random() < 0.2:
        return rng.choice(neighbours(value))
    return value


def neighbours(value):
    """Values that are nearly the same."""
    if re.fullmatch("-?[0-9]+", value):
        return [str(int(value) + 1), str(int(value) - 1), value + ".0", value + "e0"]
    return [value + " ", value[:-1], value.swapcase(), value + "0", " " + value]


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def literal(text):
    return "'" + text.replace("'", "''") + "'"
