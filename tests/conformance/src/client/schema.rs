//! A value that fits a JSON Schema: arguments for a tool, an answer in a form.

use serde_json::{Map, Value, json};

/// A value for this schema: the default if it has one, else the first that it allows, else any of its type. An
/// object gets all the properties that the schema names.
pub(crate) fn example(schema: &Value) -> Value {
    let given = [
        schema.get("default"),
        schema.get("const"),
        schema.pointer("/enum/0"),
    ];
    if let Some(value) = given.into_iter().flatten().next() {
        return value.clone();
    }
    match schema["type"].as_str() {
        Some("array") => json!([]),
        Some("boolean") => json!(true),
        Some("integer" | "number") => json!(1),
        Some("null") => Value::Null,
        Some("string") => json!("text"),
        _ => object(&schema["properties"]),
    }
}

fn object(properties: &Value) -> Value {
    let properties = properties.as_object().into_iter().flatten();
    let members = properties.map(|(name, schema)| (name.clone(), example(schema)));
    Value::Object(members.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_comes_first() {
        assert_eq!(
            example(&json!({"type": "integer", "default": 30})),
            json!(30)
        );
        let status = json!({"type": "string", "enum": ["active", "gone"], "default": "gone"});
        assert_eq!(example(&status), json!("gone"));
        assert_eq!(
            example(&json!({"enum": ["active", "gone"]})),
            json!("active")
        );
    }

    #[test]
    fn an_object_has_all_its_properties() {
        let schema = json!({"type": "object", "required": ["a"], "properties": {
            "a": {"type": "number"},
            "b": {"type": "object", "properties": {"c": {"type": "boolean"}}},
            "d": {"type": "array"},
        }});
        let expected = json!({"a": 1, "b": {"c": true}, "d": []});
        assert_eq!(example(&schema), expected);
    }

    #[test]
    fn without_a_schema_there_are_no_arguments() {
        assert_eq!(example(&Value::Null), json!({}));
    }
}
