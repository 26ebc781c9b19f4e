use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::mirrored;
use crate::mirror::schema::annotations;
use crate::mirror::{compare_param, param_headers};

/// The headers for arguments by way of one parameter `v`.
fn header(value: &str) -> Option<String> {
    let arguments = format!(r#"{{"v":{value}}}"#);
    let headers = param_headers(&[mirrored(&["v"], "mcp-param-v")], Some(&arguments));
    assert!(headers.len() <= 1);
    headers.into_iter().next().map(|(name, value)| {
        assert_eq!(&*name, "mcp-param-v");
        String::from_utf8(value.to_vec()).expect("ASCII")
    })
}

#[test]
fn values_as_headers() {
    for (value, expected) in [
        (r#""us-west1""#, Some("us-west1")),
        (r#""us\u002dwest1""#, Some("us-west1")),
        (r#"" us-west1""#, Some("=?base64?IHVzLXdlc3Qx?=")),
        (r#""us-west1 ""#, Some("=?base64?dXMtd2VzdDEg?=")),
        (r#"" us-west1 ""#, Some("=?base64?IHVzLXdlc3QxIA==?=")),
        (r#""us west 1""#, Some("us west 1")),
        ("true", Some("true")),
        ("false", Some("false")),
        ("42", Some("42")),
        ("-7", Some("-7")),
        ("42.0", Some("42")),
        ("4.2e1", Some("42")),
        ("-0", Some("0")),
        ("1e3", Some("1000")),
        ("9007199254740991", Some("9007199254740991")),
        ("9007199254740992", Some("9007199254740992")),
        ("1e400", Some("1e400")),
        ("3.14159", Some("3.14159")),
        (r#""日本語""#, Some("=?base64?5pel5pys6Kqe?=")),
        (r#""line1\nline2""#, Some("=?base64?bGluZTEKbGluZTI=?=")),
        (r#""line1\r\nline2""#, Some("=?base64?bGluZTENCmxpbmUy?=")),
        (r#""\tindented""#, Some("=?base64?CWluZGVudGVk?=")),
        (r#""""#, Some("")),
        ("null", None),
        ("[1]", None),
        (r#"{"a":1}"#, None),
    ] {
        assert_eq!(header(value).as_deref(), expected, "{value}");
        // And what is sent is what is accepted.
        let arguments = format!(r#"{{"v":{value}}}"#);
        compare_param(
            &mirrored(&["v"], "mcp-param-v"),
            expected.map(str::as_bytes),
            Some(&arguments),
        )
        .expect(value);
    }
}

#[test]
fn values_are_read_at_their_exact_path() {
    let all = annotations(
        r#"{"properties":{
            "a":{"type":"string","x-mcp-header":"A","properties":{"b":{"type":"string","x-mcp-header":"AB"}}},
            "o":{"properties":{
                "p":{"properties":{"x":{"type":"string","x-mcp-header":"X"},"y":{"type":"string","x-mcp-header":"Y"}}},
                "q":{"type":"string","x-mcp-header":"Q"}
            }}
        }}"#,
    )
    .expect("annotations");
    let headers = |arguments: Option<&str>| -> Vec<String> {
        param_headers(&all, arguments)
            .iter()
            .map(|(name, value)| format!("{name}: {}", str::from_utf8(value).expect("ASCII")))
            .collect()
    };
    let none: [&str; 0] = [];
    assert_eq!(
        headers(Some(
            r#" {"o":{"q":"3", "p":{"y":"2","x":"1","p":"no"}},"a":"0","x":"no","b":"no"} "#
        )),
        [
            "mcp-param-a: 0",
            "mcp-param-x: 1",
            "mcp-param-y: 2",
            "mcp-param-q: 3"
        ]
    );
    assert_eq!(headers(Some(r#"{"a":{"b":"1"}}"#)), ["mcp-param-ab: 1"]);
    assert_eq!(headers(Some(r#"{"\u0061":"1"}"#)), ["mcp-param-a: 1"]);
    // The last of two counts, with all that is in it.
    assert_eq!(
        headers(Some(
            r#"{"a":"1","o":{"p":{"x":"1"},"q":"1"},"o":{"q":"2"},"a":"3"}"#
        )),
        ["mcp-param-a: 3", "mcp-param-q: 2"]
    );
    assert_eq!(headers(Some(r#"{"o":{"q":"1"},"o":null}"#)), none);
    for arguments in [
        "{}",
        "[]",
        "7",
        "null",
        r#"{"o":[{"q":"1"}]}"#,
        r#"{"o":{"p":"x"}}"#,
        r#"{"a":"#,
    ] {
        assert_eq!(headers(Some(arguments)), none, "{arguments}");
    }
    assert_eq!(headers(None), none);
}

/// A header against a body with one parameter.
fn compare(header: Option<&[u8]>, value: Option<&str>) -> Result<(), String> {
    let arguments = value.map(|value| format!(r#"{{"v":{value}}}"#));
    compare_param(
        &mirrored(&["v"], "mcp-param-user-id"),
        header,
        arguments.as_deref(),
    )
}

#[test]
fn headers_that_say_what_the_body_says() {
    for (header, value) in [
        (None, None),
        (None, Some("null")),
        (None, Some("{}")),
        (Some(&b"us-west1"[..]), Some(r#""us-west1""#)),
        (Some(b"  us-west1\t"), Some(r#""us-west1""#)),
        (Some(b"=?base64?dXMtd2VzdDE=?="), Some(r#""us-west1""#)),
        (Some(b"=?base64?IHBhZGRlZCA=?="), Some(r#"" padded ""#)),
        (
            Some(b"=?base64?SGVsbG8sIOS4lueVjA==?="),
            Some(r#""Hello, \u4e16界""#),
        ),
        (Some(b""), Some(r#""""#)),
        (Some(b"a\tb"), Some(r#""a\tb""#)),
        (Some(b"true"), Some("true")),
        (Some(b"42"), Some("42")),
        (Some(b"42.0"), Some("42")),
        (Some(b"4.2e1"), Some("42")),
        (Some(b"42"), Some("4.2E+1")),
        (Some(b"0"), Some("-0")),
        (Some(b"=?base64?NDI=?="), Some("42.0")),
        (
            Some(b"1e99999999999999999999"),
            Some("1e99999999999999999999"),
        ),
    ] {
        assert_eq!(compare(header, value), Ok(()), "{header:?} {value:?}");
    }
}

#[test]
fn headers_that_say_something_else() {
    let undecodable = "Mcp-Param-User-Id has characters or an encoding that it cannot have";
    for (header, value, sentence) in [
        (None, Some(r#""a""#), "Mcp-Param-User-Id is missing"),
        (None, Some(r#""""#), "Mcp-Param-User-Id is missing"),
        (None, Some("false"), "Mcp-Param-User-Id is missing"),
        (
            Some(&b"a"[..]),
            None,
            r#"Mcp-Param-User-Id says "a", the body says nothing"#,
        ),
        (
            Some(b""),
            Some("null"),
            r#"Mcp-Param-User-Id says "", the body says nothing"#,
        ),
        (
            Some(b"null"),
            Some("null"),
            r#"Mcp-Param-User-Id says "null", the body says nothing"#,
        ),
        (
            Some(b"a"),
            Some(r#""b""#),
            r#"Mcp-Param-User-Id says "a", the body says "b""#,
        ),
        (
            Some(b"A"),
            Some(r#""a""#),
            r#"Mcp-Param-User-Id says "A", the body says "a""#,
        ),
        (
            Some(b"42.0"),
            Some(r#""42""#),
            r#"Mcp-Param-User-Id says "42.0", the body says "42""#,
        ),
        (
            Some(b"43"),
            Some("42"),
            r#"Mcp-Param-User-Id says "43", the body says "42""#,
        ),
        (
            Some(b"042"),
            Some("42"),
            r#"Mcp-Param-User-Id says "042", the body says "42""#,
        ),
        (
            Some(b"9007199254740992"),
            Some("9007199254740993"),
            r#"Mcp-Param-User-Id says "9007199254740992", the body says "9007199254740993""#,
        ),
        (
            Some(b"True"),
            Some("true"),
            r#"Mcp-Param-User-Id says "True", the body says "true""#,
        ),
        (
            Some(b"=?BASE64?YQ==?="),
            Some(r#""a""#),
            r#"Mcp-Param-User-Id says "=?BASE64?YQ==?=", the body says "a""#,
        ),
        (Some(b"=?base64?YQ=?="), Some(r#""a""#), undecodable),
        (Some(b"=?base64?Y!==?="), Some(r#""a""#), undecodable),
        (Some("é".as_bytes()), Some(r#""é""#), undecodable),
        (Some(b"a\nb"), Some(r#""a\nb""#), undecodable),
        (Some(b"\xff"), None, undecodable),
    ] {
        assert_eq!(compare(header, value), Err(sentence.into()));
    }
    let long = format!("\"{}\"", "é".repeat(100_000));
    let said = compare(Some(b"a"), Some(&long)).expect_err("they differ");
    assert!(said.len() < 300, "a peer's text at any length");
}
