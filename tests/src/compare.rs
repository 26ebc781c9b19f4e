//! Whether an output is the expected one.

use serde_json::Value;

/// Members whose objects are compared by the members that the expectation names, like the output itself.
/// All other values must be equal: the payloads of JSON-RPC among them.
const OPEN: [&str; 6] = ["change", "ended", "error", "failure", "lost", "refusal"];

/// In an expected payload, stands for a value of whatever kind that must be there: the core's own words.
const ANY: &str = "<any>";

/// Compares by the members that the expectation names.
///
/// # Errors
/// The first member that differs, and how.
pub fn matches(expected: &Value, actual: &Value) -> Result<(), String> {
    let (Some(wanted), Some(found)) = (expected.as_object(), actual.as_object()) else {
        return equal("the value", expected, actual);
    };
    for (name, value) in wanted {
        let there = found.get(name).unwrap_or(&Value::Null);
        match name.as_str() {
            "headers" => headers(value, there)?,
            "events" => events(value, there)?,
            name if OPEN.contains(&name) => matches(value, there)?,
            _ => equal(&format!("`{name}`"), value, there)?,
        }
    }
    Ok(())
}

fn equal(what: &str, expected: &Value, actual: &Value) -> Result<(), String> {
    if same(expected, actual) {
        Ok(())
    } else {
        Err(format!("{what} is {actual}, not {expected}"))
    }
}

fn same(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::String(any), actual) if any == ANY => !actual.is_null(),
        (Value::Object(expected), Value::Object(actual)) => {
            expected.len() == actual.len()
                && expected
                    .iter()
                    .all(|(name, value)| actual.get(name).is_some_and(|there| same(value, there)))
        }
        (Value::Array(expected), Value::Array(actual)) => {
            expected.len() == actual.len()
                && expected
                    .iter()
                    .zip(actual)
                    .all(|(one, other)| same(one, other))
        }
        (expected, actual) => expected == actual,
    }
}

/// The events of a chunk, each by the members that the expectation names.
fn events(expected: &Value, actual: &Value) -> Result<(), String> {
    let none = Vec::new();
    let wanted = expected.as_array().unwrap_or(&none);
    let found = actual.as_array().unwrap_or(&none);
    if wanted.len() != found.len() {
        return Err(format!("`events` is {actual}, not {expected}"));
    }
    wanted
        .iter()
        .zip(found)
        .try_for_each(|(wanted, found)| matches(wanted, found))
        .map_err(|what| format!("in {actual}: {what}"))
}

/// Each header listed must be there with that value, as often as it is listed and in that order; one listed
/// with `null` must not be there.
fn headers(expected: &Value, actual: &Value) -> Result<(), String> {
    let empty = Vec::new();
    let wanted = expected.as_array().unwrap_or(&empty);
    let found = actual.as_array().unwrap_or(&empty);
    for name in wanted.iter().map(|pair| &pair[0]) {
        let of_name = |pair: &&Value| &pair[0] == name;
        let wanted = wanted.iter().filter(of_name).map(|pair| &pair[1]);
        let wanted: Vec<_> = wanted.filter(|value| !value.is_null()).collect();
        let found: Vec<_> = found.iter().filter(of_name).map(|pair| &pair[1]).collect();
        if wanted != found {
            let list = |values: Vec<&Value>| values.into_iter().cloned().collect::<Value>();
            let (found, wanted) = (list(found), list(wanted));
            return Err(format!("header {name} is {found}, not {wanted}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_that_are_left_out_are_not_compared() {
        let actual = json!({"type": "settled", "call": 1, "failure": {"kind": "closed", "execution": "unknown"}});
        assert_eq!(
            matches(
                &json!({"type": "settled", "failure": {"kind": "closed"}}),
                &actual
            ),
            Ok(())
        );
        assert!(matches(&json!({"failure": {"kind": "cancelled"}}), &actual).is_err());
        assert!(matches(&json!({"failure": {"status": 404}}), &actual).is_err());
        assert!(matches(&json!({"result": {}}), &actual).is_err());
    }

    #[test]
    fn payloads_must_be_equal() {
        let actual = json!({"body": {"id": 1, "method": "ping"}});
        assert!(matches(&json!({"body": {"id": 1}}), &actual).is_err());
        assert!(matches(&json!({"body": {"method": "ping", "id": 1}}), &actual).is_ok());
    }

    #[test]
    fn any_stands_for_a_value_that_is_there() {
        let actual = json!({"body": {"id": 1, "params": {"reason": "late"}}});
        assert!(
            matches(
                &json!({"body": {"id": 1, "params": {"reason": "<any>"}}}),
                &actual
            )
            .is_ok()
        );
        assert!(
            matches(
                &json!({"body": {"id": 1, "params": {"reason": "<any>", "more": "<any>"}}}),
                &actual
            )
            .is_err()
        );
    }

    #[test]
    fn a_header_is_there_as_often_as_it_is_listed() {
        let actual = json!({"headers": [["a", "1"], ["b", "2"], ["b", "2"]]});
        for right in [
            json!([["a", "1"], ["c", null]]),
            json!([["b", "2"], ["b", "2"]]),
        ] {
            assert!(
                matches(&json!({"headers": right}), &actual).is_ok(),
                "{right}"
            );
        }
        for wrong in [
            json!([["a", "2"]]),
            json!([["c", "1"]]),
            json!([["a", null]]),
            json!([["b", "2"]]),
            json!([["b", "2"], ["b", "3"]]),
        ] {
            assert!(
                matches(&json!({"headers": wrong}), &actual).is_err(),
                "{wrong}"
            );
        }
    }
}
