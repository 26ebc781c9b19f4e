//! The parameters of a request in one form, however a client writes them.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString as _};

use crate::jsonrpc::{Decimal, is_object, quote, read_elements, read_members, read_value, string};

/// What differs between the rounds of one request.
const OF_THE_ROUND: [&str; 3] = ["_meta", "inputResponses", "requestState"];

/// The bytes that stand for these parameters: JSON with sorted members. What is not an object in JSON
/// stands for itself.
pub(super) fn params(params: Option<&[u8]>) -> Cow<'_, [u8]> {
    let params = params.unwrap_or(b"{}");
    let canonical = || {
        // Its depth is bounded from here on.
        let text = str::from_utf8(params).ok().filter(|_| is_object(params))?;
        let mut canonical = String::with_capacity(text.len());
        object(text, &mut canonical, |key| !OF_THE_ROUND.contains(&key))?;
        Some(canonical.into_bytes())
    };
    canonical().map_or(Cow::Borrowed(params), Cow::Owned)
}

/// Writes any value; gives what follows it.
fn value<'a>(text: &'a str, canonical: &mut String) -> Option<&'a str> {
    match text.trim_start().as_bytes().first()? {
        b'{' => object(text, canonical, |_| true),
        b'[' => array(text, canonical),
        _ => {
            let (raw, rest) = read_value(text)?;
            canonical.push_str(&scalar(raw));
            Some(rest)
        }
    }
}

fn object<'a>(
    text: &'a str,
    canonical: &mut String,
    counts: impl Fn(&str) -> bool,
) -> Option<&'a str> {
    // Of members that come twice, the last counts.
    let mut members = BTreeMap::new();
    let rest = read_members(text, |key, text| {
        let mut canonical = String::new();
        let rest = value(text, &mut canonical)?;
        if counts(key) {
            members.insert(quote(key), canonical);
        }
        Some(rest)
    })?;
    canonical.push('{');
    for (n, (key, value)) in members.iter().enumerate() {
        let comma = if n == 0 { "" } else { "," };
        for part in [comma, key, ":", value] {
            canonical.push_str(part);
        }
    }
    canonical.push('}');
    Some(rest)
}

fn array<'a>(text: &'a str, canonical: &mut String) -> Option<&'a str> {
    canonical.push('[');
    let mut comma = "";
    let rest = read_elements(text, |text| {
        canonical.push_str(comma);
        comma = ",";
        value(text, canonical)
    })?;
    canonical.push(']');
    Some(rest)
}

fn scalar(raw: &str) -> Cow<'_, str> {
    if Decimal::is_plain(raw) {
        return raw.into();
    }
    if let Some(text) = string(raw) {
        return quote(&text).into();
    }
    match Decimal::parse(raw) {
        Some(number) => number.to_string().into(),
        // A literal, or a number that nothing could hold.
        None => raw.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        let bytes = params(Some(text.as_bytes())).into_owned();
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn one_form() {
        for (text, form) in [
            ("{}", "{}"),
            (" { } ", "{}"),
            (
                r#"{"b":1,"a":{"d":[],"c":{}}}"#,
                r#"{"a":{"c":{},"d":[]},"b":1}"#,
            ),
            (
                r#"{"a":[3,1, 2 ],"a":[3, null,true,false]}"#,
                r#"{"a":[3,null,true,false]}"#,
            ),
            (r#"{"\u0061":"\u00e9\/\n"}"#, r#"{"a":"é/\n"}"#),
            (
                r#"{"a":[1.0,10e-1,-0,0.0e9,-1.50,1e999999999999999999999]}"#,
                r#"{"a":[1,1,0,0,-15e-1,1e999999999999999999999]}"#,
            ),
            (
                r#"{"_meta":{"a":1},"x":{"_meta":1,"requestState":2},"inputResponses":{},"requestState":"s"}"#,
                r#"{"x":{"_meta":1,"requestState":2}}"#,
            ),
            ("[ 1 ]", "[ 1 ]"),
            ("{\"a\"", "{\"a\""),
        ] {
            assert_eq!(canonical(text), form);
            assert_eq!(canonical(form), form, "a second time");
        }
        assert_eq!(&*params(None), b"{}");
        assert_eq!(&*params(Some(b"\xff")), b"\xff");
    }

    #[test]
    fn what_another_serializer_writes_has_the_same_form() {
        let text = r#"{"name":"t","arguments":{"z":[1,2.5,{"b":"\ud83d\ude00","a":null}],"k":-7,"big":9007199254740991}}"#;
        let tree: serde_json::Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(canonical(&tree.to_string()), canonical(text));
        let pretty = serde_json::to_string_pretty(&tree).expect("JSON");
        assert_eq!(canonical(&pretty), canonical(text));
    }
}
