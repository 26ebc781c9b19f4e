//! What the texts of the fixture can name, and putting it in: `{{arguments.city}}`.

use serde_json::{Map, Value, json};

const OPEN: &str = "{{";
const CLOSE: &str = "}}";

/// Values by name: the arguments of a call, the constants of the fixture, the answers of the client.
#[derive(Clone)]
pub(crate) struct Scope(Value);

impl Scope {
    /// A scope with the constants of the fixture.
    pub(crate) fn new(values: &Value) -> Self {
        Self(json!({ "values": values, "answers": {} }))
    }

    /// The scope with one name more.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0[name] = value.into();
        self
    }

    /// What the client has answered so far, by name.
    pub(crate) fn answers(&self) -> &Value {
        &self.0["answers"]
    }

    /// Takes in answers of the client.
    pub(crate) fn answer(&mut self, answers: Map<String, Value>) {
        for (name, answer) in answers {
            self.0["answers"][name] = answer;
        }
    }

    /// The value with all that it names put in. A text that is nothing but a name becomes what the name stands
    /// for; within a longer text, what is no text is written as JSON. A name that stands for nothing is null,
    /// or no text.
    pub(crate) fn fill(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => match whole(text) {
                Some(name) => self.find(name).cloned().unwrap_or_default(),
                None => self.fill_text(text).into(),
            },
            Value::Array(values) => values.iter().map(|value| self.fill(value)).collect(),
            Value::Object(members) => self.fill_members(members).into(),
            _ => value.clone(),
        }
    }

    /// [`fill`](Self::fill) for the members of an object.
    pub(crate) fn fill_members(&self, members: &Map<String, Value>) -> Map<String, Value> {
        let filled = members
            .iter()
            .map(|(name, value)| (name.clone(), self.fill(value)));
        filled.collect()
    }

    /// [`fill`](Self::fill) for a text that stays one.
    pub(crate) fn fill_text(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, name, after)) = next(rest) {
            filled.push_str(before);
            match self.find(name) {
                None | Some(Value::Null) => {}
                Some(Value::String(text)) => filled.push_str(text),
                Some(value) => filled.push_str(&value.to_string()),
            }
            rest = after;
        }
        filled + rest
    }

    fn find(&self, name: &str) -> Option<&Value> {
        self.0.pointer(&format!("/{}", name.replace('.', "/")))
    }
}

/// The first name in a text, with what is before and after it.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once(OPEN)?;
    let (name, after) = rest.split_once(CLOSE)?;
    Some((before, name, after))
}

/// The name, if the text is nothing else.
fn whole(text: &str) -> Option<&str> {
    match next(text)? {
        ("", name, "") => Some(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        let arguments =
            json!({"city": "Oslo", "days": 3, "tags": ["a", "b"], "trick": "{{values.png}}"});
        Scope::new(&json!({"png": "AAAA"})).with("arguments", arguments)
    }

    #[test]
    fn names_are_put_in() {
        for (text, filled) in [
            ("plain {text} }}", json!("plain {text} }}")),
            ("{{arguments.city}}", json!("Oslo")),
            ("{{arguments.days}}", json!(3)),
            (
                "{{arguments.days}}{{arguments.city}} for",
                json!("3Oslo for"),
            ),
            (
                "in {{arguments.city}}: {{arguments.tags}}",
                json!("in Oslo: [\"a\",\"b\"]"),
            ),
            ("{{arguments.tags.1}}", json!("b")),
            ("{{arguments.none}}", json!(null)),
            ("<{{arguments.none}}>", json!("<>")),
            ("{{values.png", json!("{{values.png")),
        ] {
            assert_eq!(scope().fill(&text.into()), filled, "{text}");
        }
        let whole = json!({"{{arguments.city}}": [{"a": "{{values.png}}"}, 1, null]});
        let filled = json!({"{{arguments.city}}": [{"a": "AAAA"}, 1, null]});
        assert_eq!(scope().fill(&whole), filled);
    }

    #[test]
    fn what_a_client_says_is_not_read_again() {
        assert_eq!(
            scope().fill(&"{{arguments.trick}}".into()),
            "{{values.png}}"
        );
        assert_eq!(
            scope().fill(&"a {{arguments.trick}}".into()),
            "a {{values.png}}"
        );
    }

    #[test]
    fn answers_come_beside_those_before() {
        let mut scope = scope();
        for name in ["one", "two"] {
            scope.answer(Map::from_iter([(name.into(), name.into())]));
        }
        assert_eq!(
            scope.fill(&"{{answers.one}} {{answers.two}}".into()),
            "one two"
        );
    }
}
