//! Names in vectors. Session ids, event ids and handles are the machine's to choose, so a vector names
//! them: `"$key"` stands for whatever came where it stood first, and for the same value from then on.

use serde_json::Value;
use std::collections::BTreeMap;

/// What each name stands for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Names(BTreeMap<String, Value>);

/// Whether a text is a name.
pub fn is_name(text: &str) -> bool {
    text.starts_with('$')
}

impl Names {
    /// What a name stands for.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Gives a name its value, unless it has one.
    pub fn set(&mut self, name: &str, value: Value) {
        self.0.entry(name.to_owned()).or_insert(value);
    }

    /// The text that a text stands for: a name's value, or itself.
    pub fn text(&self, text: &str) -> String {
        self.get(text)
            .and_then(Value::as_str)
            .unwrap_or(text)
            .to_owned()
    }

    /// The value with each name that is known replaced.
    pub fn fill(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.get(text).unwrap_or(value).clone(),
            Value::Array(list) => list.iter().map(|item| self.fill(item)).collect(),
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| (name.clone(), self.fill(value)))
                .collect(),
            other => other.clone(),
        }
    }

    /// Gives the names that stand in an expectation for the first time the values that came there.
    pub fn bind(&mut self, expected: &Value, actual: &Value) {
        match (expected, actual) {
            (Value::String(name), actual) if is_name(name) && !actual.is_null() => {
                self.set(name, actual.clone());
            }
            (Value::Object(wanted), Value::Object(found)) => {
                for (name, value) in wanted {
                    match found.get(name) {
                        Some(there) if name == "headers" => self.bind_headers(value, there),
                        Some(there) => self.bind(value, there),
                        None => {}
                    }
                }
            }
            (Value::Array(wanted), Value::Array(found)) => {
                for (one, other) in wanted.iter().zip(found) {
                    self.bind(one, other);
                }
            }
            _ => {}
        }
    }

    fn bind_headers(&mut self, expected: &Value, actual: &Value) {
        for header in expected.as_array().into_iter().flatten() {
            let there = actual
                .as_array()
                .into_iter()
                .flatten()
                .find(|there| there[0] == header[0]);
            if let Some(there) = there {
                self.bind(&header[1], &there[1]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_name_stands_for_what_came_first() {
        let mut names = Names::default();
        names.bind(
            &json!({"id": "$r", "headers": [["mcp-session-id", "$key"]]}),
            &json!({"id": 7, "headers": [["a", "b"], ["mcp-session-id", "k"]]}),
        );
        names.bind(&json!("$r"), &json!(8));
        assert_eq!(
            names.fill(&json!(["$r", {"x": "$key"}, "$new"])),
            json!([7, {"x": "k"}, "$new"])
        );
    }
}
