//! Random schemas, compared with what a reader of trees finds in them.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::ToString as _;
use alloc::vec;
use alloc::vec::Vec;
use serde_json::{Map, Value};

use super::mirrored;
use crate::mirror::Mirrored;
use crate::mirror::schema::annotations;

/// What [`annotations`] should find, over a tree: the reference that random schemas are compared with.
fn reference(value: &Value, path: &[&str], place: u8, found: &mut Vec<Mirrored>) -> Option<()> {
    const PROPERTY: u8 = 1;
    const ELSEWHERE: u8 = 2;
    match value {
        Value::Array(elements) => elements
            .iter()
            .try_for_each(|element| reference(element, path, ELSEWHERE, found)),
        Value::Object(schema) => {
            for (keyword, value) in schema {
                match (&**keyword, value) {
                    ("x-mcp-header", value) => {
                        let kind = schema.get("type").and_then(Value::as_str);
                        let name = value.as_str().filter(|name| !name.contains(' '));
                        if place != PROPERTY || !matches!(kind, Some("string" | "integer")) {
                            return None;
                        }
                        let header = format!("mcp-param-{}", name?.to_lowercase());
                        found.push(mirrored(path, &header));
                    }
                    ("type" | "default", _) => {}
                    ("properties" | "$defs", Value::Object(named)) => {
                        let chain = place != ELSEWHERE && keyword == "properties";
                        for (name, value) in named {
                            let path = [path, &[name.as_str()]].concat();
                            let place = if chain { PROPERTY } else { ELSEWHERE };
                            reference(value, &path, place, found)?;
                        }
                    }
                    _ => reference(value, path, ELSEWHERE, found)?,
                }
            }
            Some(())
        }
        _ => Some(()),
    }
}

fn random_schema(draw: &mut impl FnMut(usize) -> usize, depth: usize) -> Value {
    const NAMES: [&str; 6] = ["a", "b", "type", "properties", "x-mcp-header", "default"];
    let mut schema = Map::new();
    if draw(3) == 0 {
        let name = ["A", "B", "b", "C", "D", "E", "F", "G H"][draw(8)];
        schema.insert("x-mcp-header".into(), name.into());
    }
    if draw(20) > 0 {
        let kind = ["string", "integer", "string", "number"][draw(20) / 6];
        schema.insert("type".into(), kind.into());
    }
    for _ in 0..draw(4) {
        let keyword = [
            "properties",
            "properties",
            "properties",
            "$defs",
            "default",
            "items",
        ][draw(6)];
        let value = match keyword {
            _ if depth == 0 => Value::Bool(true),
            "properties" | "$defs" => {
                let keys = (0..draw(4))
                    .map(|_| NAMES[draw(6)].to_string())
                    .collect::<Vec<_>>();
                let named = keys
                    .into_iter()
                    .map(|name| (name, random_schema(draw, depth - 1)));
                Value::Object(named.collect())
            }
            _ if draw(4) == 0 => random_schema(draw, depth - 1),
            _ => Value::Null,
        };
        schema.insert(keyword.into(), value);
    }
    if draw(6) == 0 {
        return Value::Array(vec![Value::Object(schema)]);
    }
    Value::Object(schema)
}

#[test]
fn random_schemas_as_over_a_tree() {
    let mut state = 7_u64;
    let mut draw = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(state >> 33).expect("31 bits") % below
    };
    let (mut good, mut bad) = (0, 0);
    for _ in 0..30_000 {
        let mut schema = random_schema(&mut draw, 3);
        if let (true, Some(root)) = (draw(8) > 0, schema.as_object_mut()) {
            root.remove("x-mcp-header");
        }
        let mut expected = Vec::new();
        let readable = reference(&schema, &[], 0, &mut expected).is_some();
        let headers: BTreeSet<_> = expected.iter().map(|found| &found.header).collect();
        let unique = headers.len() == expected.len();
        expected.sort_by(|a, b| a.path.cmp(&b.path));
        let text = serde_json::to_string_pretty(&schema).expect("JSON");
        let found = annotations(&text);
        assert_eq!(found.is_ok(), readable && unique, "{text}");
        match found {
            Ok(found) => {
                assert_eq!(found, expected, "{text}");
                good += usize::from(!found.is_empty());
            }
            Err(_) => bad += 1,
        }
    }
    assert!(good > 1000 && bad > 1000, "{good} good, {bad} bad");
}
