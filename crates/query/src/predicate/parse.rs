//! Reading a condition from text.

use std::collections::BTreeSet;

use hotshard_event::EventDate;

use super::{Predicate, Test};
use crate::Error;
use crate::field::Field;

const PROPERTY: &str = "property:";
const COLUMNS: &str = "event, date, distinct_id, insert_id, original_event, original_distinct_id \
                       or property:NAME";
const OPERATORS: &str = "=, !=, <, <=, >, >=, contains, in, is set or is not set";

/// What stops a text from being a condition: where (a byte), what, and how it would be right.
struct Fault {
    at: usize,
    problem: String,
    example: &'static str,
}

/// Reads a whole text as one condition.
pub(super) fn predicate(text: &str) -> Result<Predicate, Error> {
    let mut cursor = Cursor { text, at: 0 };
    read(&mut cursor).map_err(|fault| Error::Predicate {
        expression: text.to_owned(),
        position: text.get(..fault.at).unwrap_or(text).chars().count() + 1,
        problem: fault.problem,
        example: fault.example,
    })
}

fn read(cursor: &mut Cursor<'_>) -> Result<Predicate, Fault> {
    cursor.skip_spaces();
    let field = read_field(cursor)?;
    cursor.skip_spaces();
    let test = read_test(cursor, &field)?;
    cursor.skip_spaces();
    if !cursor.rest().is_empty() {
        let problem = "something follows the condition; put a value with spaces into double \
                       quotes, and give each condition its own --where";
        return Err(cursor.fault(problem, r#"event = "Signed up""#));
    }
    Ok(Predicate { field, test })
}

fn read_field(cursor: &mut Cursor<'_>) -> Result<Field, Fault> {
    let start = cursor.at;
    let ends_name = |c: char| c.is_whitespace() || "=!<>".contains(c);
    if cursor.eat(PROPERTY) {
        let name = match cursor.quoted()? {
            Some(name) => name,
            None => cursor.take_until(ends_name).to_owned(),
        };
        if name.is_empty() {
            return Err(cursor.fault("the property has no name", "property:plan = pro"));
        }
        return Ok(Field::Property(name));
    }
    let name = cursor.take_until(ends_name);
    Field::named(name).filter(|field| *field != Field::Shard).ok_or_else(|| {
        let problem = format!("`{name}` is not a column; choose {COLUMNS}");
        Fault { at: start, problem, example: "property:plan = pro" }
    })
}

fn read_test(cursor: &mut Cursor<'_>, field: &Field) -> Result<Test, Fault> {
    type OfValue = fn(String) -> Test;
    // Longer operators first: `<=` begins with `<`.
    let symbols: [(&str, OfValue); 6] = [
        ("!=", Test::NotEqual),
        ("<=", Test::AtMost),
        (">=", Test::AtLeast),
        ("=", Test::Equal),
        ("<", Test::Less),
        (">", Test::Greater),
    ];
    for (symbol, test) in symbols {
        if cursor.eat(symbol) {
            return read_operand(cursor, field).map(test);
        }
    }
    if cursor.eat_word("contains") {
        return cursor.value(char::is_whitespace).map(Test::Contains);
    }
    if cursor.eat_word("in") {
        return read_list(cursor, field);
    }
    let start = cursor.at;
    if cursor.eat_word("is") {
        let negated = cursor.eat_word("not");
        if cursor.eat_word("set") {
            return Ok(if negated { Test::NotSet } else { Test::Set });
        }
    }
    let problem = format!("expected one of {OPERATORS}");
    Err(Fault { at: start, problem, example: "property:plan is set" })
}

fn read_operand(cursor: &mut Cursor<'_>, field: &Field) -> Result<String, Fault> {
    cursor.skip_spaces();
    let start = cursor.at;
    let value = cursor.value(char::is_whitespace)?;
    check(field, value, start)
}

fn read_list(cursor: &mut Cursor<'_>, field: &Field) -> Result<Test, Fault> {
    const EXAMPLE: &str = r#"event in ("Signed up", Purchase)"#;
    cursor.skip_spaces();
    if !cursor.eat("(") {
        return Err(cursor.fault("expected a list in parentheses", EXAMPLE));
    }
    let mut values = BTreeSet::new();
    loop {
        cursor.skip_spaces();
        let start = cursor.at;
        let value = cursor.value(|c| c.is_whitespace() || ",()".contains(c))?;
        values.insert(check(field, value, start)?);
        cursor.skip_spaces();
        if cursor.eat(")") {
            return Ok(Test::OneOf(values));
        }
        if !cursor.eat(",") {
            let problem = "expected `,` or `)`; a value with spaces stands in double quotes";
            return Err(cursor.fault(problem, EXAMPLE));
        }
    }
}

/// A date is compared as a text, so it must be written like those of the store.
fn check(field: &Field, value: String, at: usize) -> Result<String, Fault> {
    if *field == Field::Date
        && let Err(error) = value.parse::<EventDate>()
    {
        let problem = error.to_string();
        return Err(Fault { at, problem, example: "date >= 2013-02-08" });
    }
    Ok(value)
}

/// A place in the text. It always stands between characters.
struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn fault(&self, problem: &str, example: &'static str) -> Fault {
        Fault { at: self.at, problem: problem.to_owned(), example }
    }

    fn skip_spaces(&mut self) {
        self.take_until(|c| !c.is_whitespace());
    }

    fn take_until(&mut self, ends: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let taken = rest.get(..rest.find(ends).unwrap_or(rest.len())).unwrap_or_default();
        self.at += taken.len();
        taken
    }

    fn eat(&mut self, expected: &str) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.at += expected.len();
        }
        found
    }

    /// Eats a word and the spaces before it, but not the beginning of a longer word.
    fn eat_word(&mut self, word: &str) -> bool {
        let start = self.at;
        self.skip_spaces();
        let goes_on = |rest: &str| rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let found = self.eat(word) && !goes_on(self.rest());
        if !found {
            self.at = start;
        }
        found
    }

    fn value(&mut self, ends: impl Fn(char) -> bool) -> Result<String, Fault> {
        self.skip_spaces();
        if let Some(value) = self.quoted()? {
            return Ok(value);
        }
        let start = self.at;
        let value = self.take_until(|c| ends(c) || c == '"');
        if value.is_empty() || value.starts_with(['=', '<', '>', '!']) {
            let problem = "expected a value; put it into double quotes if it is empty or begins \
                           with an operator"
                .to_owned();
            return Err(Fault { at: start, problem, example: r#"property:plan = """# });
        }
        Ok(value.to_owned())
    }

    /// A text in double quotes, if one begins here.
    fn quoted(&mut self) -> Result<Option<String>, Fault> {
        let start = self.at;
        if !self.eat("\"") {
            return Ok(None);
        }
        let mut value = String::new();
        let mut rest = self.rest().chars();
        while let Some(c) = rest.next() {
            match c {
                '"' => {
                    self.at = self.text.len() - rest.as_str().len();
                    return Ok(Some(value));
                }
                '\\' if rest.as_str().starts_with(['"', '\\']) => value.extend(rest.next()),
                other => value.push(other),
            }
        }
        let problem = "the quote that begins here never ends".to_owned();
        Err(Fault { at: start, problem, example: r#"event = "Signed up""# })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Predicate {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn message(text: &str) -> String {
        text.parse::<Predicate>().expect_err(text).to_string()
    }

    fn property(name: &str, test: Test) -> Predicate {
        Predicate { field: Field::Property(name.into()), test }
    }

    #[test]
    fn every_form_is_read() {
        let plan = |test| property("plan", test);
        let pro = || "pro".to_owned();
        assert_eq!(parsed("property:plan = pro"), plan(Test::Equal(pro())));
        assert_eq!(parsed("property:plan=pro"), plan(Test::Equal(pro())));
        assert_eq!(parsed(" property:plan  != pro "), plan(Test::NotEqual(pro())));
        assert_eq!(parsed("property:plan<pro"), plan(Test::Less(pro())));
        assert_eq!(parsed("property:plan<=pro"), plan(Test::AtMost(pro())));
        assert_eq!(parsed("property:plan>pro"), plan(Test::Greater(pro())));
        assert_eq!(parsed("property:plan>=pro"), plan(Test::AtLeast(pro())));
        assert_eq!(parsed("property:plan contains pro"), plan(Test::Contains(pro())));
        assert_eq!(parsed("property:plan is set"), plan(Test::Set));
        assert_eq!(parsed("property:plan is  not set"), plan(Test::NotSet));
        let list = BTreeSet::from(["a b".to_owned(), pro()]);
        assert_eq!(parsed(r#"property:plan in (pro , "a b")"#), plan(Test::OneOf(list.clone())));
        assert_eq!(parsed(r#"property:plan in("a b",pro)"#), plan(Test::OneOf(list)));
    }

    #[test]
    fn quotes_hold_anything() {
        assert_eq!(
            parsed(r#"property:"a = \"b\" \\ é\n" = """#),
            property("a = \"b\" \\ é\\n", Test::Equal(String::new()))
        );
        assert_eq!(
            parsed("property:$os = Mac,(x)"),
            property("$os", Test::Equal("Mac,(x)".into()))
        );
    }

    #[test]
    fn faults_name_their_place_and_an_example() {
        assert_eq!(
            message("property:plan ~ pro"),
            "cannot read the condition `property:plan ~ pro` at character 15: expected one of \
             =, !=, <, <=, >, >=, contains, in, is set or is not set; for example: \
             property:plan is set"
        );
        assert_eq!(
            message("plan = pro"),
            "cannot read the condition `plan = pro` at character 1: `plan` is not a column; \
             choose event, date, distinct_id, insert_id, original_event, original_distinct_id or \
             property:NAME; for example: property:plan = pro"
        );
        let cases = [
            ("", 1, "is not a column"),
            ("shard = 1", 1, "is not a column"),
            ("property: = 1", 10, "the property has no name"),
            ("event =", 8, "expected a value"),
            ("event == a", 8, "expected a value"),
            ("event = Signed up", 16, "something follows the condition"),
            ("event = a and date > b", 11, "something follows the condition"),
            ("événement = a", 1, "is not a column"),
            ("property:é in a", 15, "expected a list in parentheses"),
            ("event in (a b)", 13, "expected `,` or `)`"),
            ("event in ()", 11, "expected a value"),
            ("event in (a,", 13, "expected a value"),
            (r#"event = "Signed up"#, 9, "the quote that begins here never ends"),
            ("event is nothing", 7, "expected one of"),
            ("event inside", 7, "expected one of"),
            ("date > yesterday", 8, "write it as YYYY-MM-DD"),
            ("date in (2013-02-08, x)", 22, "write it as YYYY-MM-DD"),
        ];
        for (text, position, problem) in cases {
            let message = message(text);
            assert!(message.contains(problem), "{text}: {message}");
            assert!(message.contains(&format!("at character {position}:")), "{text}: {message}");
        }
    }
}
