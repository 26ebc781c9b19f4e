use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec;
use serde_json::json;

use super::mirrored;
use crate::mirror::schema::annotations;

/// A schema with these properties.
fn schema(properties: &str) -> String {
    format!(r#"{{"type":"object","properties":{properties},"required":["region"]}}"#)
}

fn bad(schema: &str) -> String {
    annotations(schema).expect_err(schema)
}

#[test]
fn annotated_properties_are_found() {
    let found = annotations(&schema(
        r#"{
            "region":{"type":"string","description":"x-mcp-header","x-mcp-header":"Region"},
            "query":{"type":"string"},
            "any":true,
            "count":{"x-mcp-header":"X_Count.1","type":"integer","maximum":9},
            "deep":{"type":"object","properties":{
                "er":{"properties":{"flag":{"type":"boolean","x-mcp-header":"flag"}}},
                "id":{"type":"string","x-mcp-header":"\u0049d"}
            }}
        }"#,
    ));
    assert_eq!(
        found,
        Ok(vec![
            mirrored(&["count"], "mcp-param-x_count.1"),
            mirrored(&["deep", "er", "flag"], "mcp-param-flag"),
            mirrored(&["deep", "id"], "mcp-param-id"),
            mirrored(&["region"], "mcp-param-region"),
        ])
    );
}

#[test]
fn schemas_without_annotations() {
    for schema in [
        "{}",
        "true",
        "null",
        "[]",
        "7",
        r#"{"properties":7}"#,
        r#"{"properties":[]}"#,
    ] {
        assert_eq!(annotations(schema), Ok(vec![]), "{schema}");
    }
}

#[test]
fn a_property_may_be_named_like_a_keyword() {
    let found = annotations(&schema(
        r#"{
            "x-mcp-header":{"type":"string"},
            "properties":{"type":"string","x-mcp-header":"a"},
            "items":{"type":"object","properties":{"default":{"type":"string","x-mcp-header":"b"}}},
            "enum":{"type":"string","x-mcp-header":"c"},
            "":{"type":"string","x-mcp-header":"d"}
        }"#,
    ));
    assert_eq!(
        found,
        Ok(vec![
            mirrored(&[""], "mcp-param-d"),
            mirrored(&["enum"], "mcp-param-c"),
            mirrored(&["items", "default"], "mcp-param-b"),
            mirrored(&["properties"], "mcp-param-a"),
        ])
    );
    for names in [
        "$defs",
        "definitions",
        "patternProperties",
        "dependentSchemas",
        "dependencies",
    ] {
        let schema = format!(r#"{{"{names}":{{"x-mcp-header":{{"type":"string"}}}}}}"#);
        assert_eq!(annotations(&schema), Ok(vec![]), "{schema}");
    }
    let in_items = r#"{"items":{"properties":{"x-mcp-header":{"type":"string"}}}}"#;
    assert_eq!(annotations(in_items), Ok(vec![]));
    let dependent = r#"{"dependentRequired":{"x-mcp-header":["region"]}}"#;
    assert_eq!(annotations(dependent), Ok(vec![]));
}

#[test]
fn data_is_no_schema() {
    for data in ["default", "const", "enum", "examples"] {
        let schema = format!(
            r#"{{"{data}":[{{"x-mcp-header":""}}],"properties":{{"a":{{"{data}":{{"x-mcp-header":1}}}}}}}}"#
        );
        assert_eq!(annotations(&schema), Ok(vec![]), "{schema}");
    }
}

#[test]
fn the_value_must_be_a_token() {
    for (value, reason) in [
        (r#""""#, r#"the `x-mcp-header` of "a" is empty"#),
        ("null", r#"the `x-mcp-header` of "a" is not a string"#),
        (r#"["A"]"#, r#"the `x-mcp-header` of "a" is not a string"#),
        (
            r#""My Region""#,
            r#""My Region", the `x-mcp-header` of "a", cannot be in a header's name"#,
        ),
        (
            r#""Region:Primary""#,
            r#""Region:Primary", the `x-mcp-header` of "a", cannot be in a header's name"#,
        ),
        (
            r#""Région""#,
            r#""Région", the `x-mcp-header` of "a", cannot be in a header's name"#,
        ),
        (
            r#""Region\t1""#,
            r#""Region\t1", the `x-mcp-header` of "a", cannot be in a header's name"#,
        ),
        (
            r#""a\r\nb: c""#,
            r#""a\r\nb: c", the `x-mcp-header` of "a", cannot be in a header's name"#,
        ),
    ] {
        let schema = schema(&format!(
            r#"{{"a":{{"type":"string","x-mcp-header":{value}}}}}"#
        ));
        assert_eq!(bad(&schema), reason);
    }
    for byte in 0..0x80_u8 {
        let name = char::from(byte).to_string();
        let schema = json!({"properties":{"a":{"type":"string","x-mcp-header":name}}});
        let token = byte.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(char::from(byte));
        assert_eq!(annotations(&schema.to_string()).is_ok(), token, "{byte}");
    }
    let long = schema(&format!(
        r#"{{"a":{{"type":"string","x-mcp-header":"{}"}}}}"#,
        "é".repeat(1000)
    ));
    assert!(bad(&long).len() < 300, "a peer's text at any length");
}

#[test]
fn the_type_must_be_primitive() {
    for kind in [
        r#""array""#,
        r#""object""#,
        r#""null""#,
        r#""number""#,
        r#""String""#,
        r#"["string"]"#,
        r#"["string","null"]"#,
        "1",
    ] {
        let schema = schema(&format!(r#"{{"a":{{"type":{kind},"x-mcp-header":"A"}}}}"#));
        assert_eq!(
            bad(&schema),
            r#""a" has an `x-mcp-header`, but not the type boolean, integer or string"#,
            "{kind}"
        );
    }
    assert!(annotations(&schema(r#"{"a":{"x-mcp-header":"A"}}"#)).is_err());
}

#[test]
fn a_header_is_for_one_property() {
    for (one, other) in [("Region", "Region"), ("Region", "REGION")] {
        let schema = schema(&format!(
            r#"{{"a":{{"type":"string","x-mcp-header":"{one}"}},
                "b":{{"properties":{{"c":{{"type":"string","x-mcp-header":"{other}"}}}}}}}}"#
        ));
        assert_eq!(
            bad(&schema),
            format!("more than one property has the `x-mcp-header` {other:?}")
        );
    }
}

#[test]
fn only_properties_lead_to_an_annotation() {
    let annotated = r#"{"type":"string","x-mcp-header":"A"}"#;
    let inside = schema(&format!(r#"{{"a":{annotated}}}"#));
    assert!(annotations(&inside).is_ok());
    let mut wrong = vec![annotated.to_string()];
    for keyword in [
        "items",
        "contains",
        "unevaluatedItems",
        "not",
        "if",
        "then",
        "else",
        "additionalProperties",
        "unevaluatedProperties",
        "propertyNames",
        "x-unknown",
    ] {
        wrong.push(format!(r#"{{"{keyword}":{annotated}}}"#));
        wrong.push(format!(r#"{{"{keyword}":{inside}}}"#));
        wrong.push(schema(&format!(r#"{{"p":{{"{keyword}":{inside}}}}}"#)));
    }
    for keyword in [
        "items",
        "prefixItems",
        "oneOf",
        "anyOf",
        "allOf",
        "properties",
    ] {
        wrong.push(format!(r#"{{"{keyword}":[true,{annotated}]}}"#));
        wrong.push(format!(r#"{{"{keyword}":[{inside}]}}"#));
        wrong.push(schema(&format!(r#"{{"p":{{"{keyword}":[[{inside}]]}}}}"#)));
    }
    for keyword in [
        "$defs",
        "definitions",
        "patternProperties",
        "dependentSchemas",
        "dependencies",
    ] {
        wrong.push(format!(r#"{{"{keyword}":{{"a":{annotated}}}}}"#));
        wrong.push(format!(r#"{{"{keyword}":{{"default":{inside}}}}}"#));
    }
    // Under a name that is a keyword elsewhere, too.
    wrong.push(format!(
        r#"{{"items":{{"properties":{{"enum":{annotated}}}}}}}"#
    ));
    wrong.push(r#"{"\u0078-mcp-header":"A"}"#.into());
    for schema in wrong {
        assert_eq!(
            bad(&schema),
            "an `x-mcp-header` is not on a property that `properties` alone lead to",
            "{schema}"
        );
    }
}
