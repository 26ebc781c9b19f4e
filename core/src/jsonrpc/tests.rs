use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use bytes::Bytes;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::malformed::Malformed;
use super::*;
use crate::RpcError;

/// Texts that make the scan differ from `serde_json` if it is wrong anywhere.
const SEEDS: &[&str] = &[
    r#"{"method":"tools/call","params":{"name":"echo","arguments":{"text":"a\nb\t\"c\" \\ \/ \u00e9 \ud83d\ude00 é😀"}},"jsonrpc":"2.0","id":17}"#,
    r#"{"result":{"content":[{"type":"text","text":"ok"},{"type":"text","text":""}],"isError":false},"jsonrpc":"2.0","id":"a-1"}"#,
    r#" [ 1 , -0 , 0.5 , -12.25e+10 , 1E5 , 6e-3 , 1234567890123456789012345678901234567890 , true , false , null , [ ] , { } , "" ] "#,
    "{\"a\":\t[{\"b\":[[],[{}],{\"c\":[0]}]}]\r\n, \"d\" : \"\u{7f}\u{80}\" }",
    r#"{"\\é":{"\\":1},"\\\u005c\"":2,"é\u0069d":3,"\/":[]}"#,
    r#""\ud800 \udc00\ud800 \uFFFF""#,
    "ftrue",
    "fnull",
    "alse",
    "nulll",
    "fals",
    "-",
    "01",
    "1.",
    ".1",
    "1e",
    "1e+",
    "+1",
    "-01",
    "--1",
    "0x1",
    "1 2",
    "tru",
    "truee",
    "nul",
    "Infinity",
    "NaN",
    "",
    " ",
    "{",
    "[",
    "]",
    "}",
    "{]",
    "[}",
    "[,]",
    "[1,]",
    "[1 1]",
    "{,}",
    r#"{"a"}"#,
    r#"{"a":}"#,
    r#"{"a":1,}"#,
    "{1:1}",
    "{a:1}",
    r#"""#,
    r#""\"#,
    r#""\x""#,
    r#""\u""#,
    r#""\u12""#,
    r#""\u12g4""#,
    "\"\u{1}\"",
    "\"\n\"",
    "'a'",
    "\u{feff}{}",
    "{}\u{0}",
    "\u{b}1",
    "[1]//",
    "/**/1",
];

/// Whether the text that this was said of is JSON at least.
fn is_json(malformed: &Malformed) -> bool {
    malformed.to_string().starts_with("not a JSON-RPC message")
}

fn random(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |below| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(state >> 33).expect("31 bits") % below
    }
}

/// Whether the scan and `serde_json` agree about a text; whether it is JSON.
fn agree(text: &[u8]) -> bool {
    let expected =
        serde_json::from_slice::<IgnoredAny>(text).is_ok() && str::from_utf8(text).is_ok();
    assert_eq!(
        is_value(text),
        expected,
        "{:?}",
        String::from_utf8_lossy(text)
    );
    if let Ok(text) = str::from_utf8(text) {
        let is_json = scan(text).map_or_else(|malformed| is_json(&malformed), |_| true);
        assert_eq!(is_json, expected, "{text:?}");
        let is_object = expected && text.trim_start().starts_with('{');
        let mut all_are_values = true;
        let see = |_: &str, value: &str| all_are_values &= is_value(value.as_bytes());
        assert_eq!(members(text, see).is_ok(), is_object, "{text:?}");
        assert!(!is_object || all_are_values, "{text:?}");
        assert_eq!(super::is_object(text.as_bytes()), is_object, "{text:?}");
        let is_array = expected && text.trim_start().starts_with('[');
        let mut all_are_values = true;
        let see = |value: &str| all_are_values &= is_value(value.as_bytes());
        assert_eq!(elements(text, see).is_ok(), is_array, "{text:?}");
        assert!(!is_array || all_are_values, "{text:?}");
        assert!(
            !expected || read_all(text).is_some_and(is_space),
            "{text:?}"
        );
    }
    expected
}

/// Reads a value piece by piece; what follows it.
fn read_all(text: &str) -> Option<&str> {
    match text.trim_start().as_bytes().first()? {
        b'{' => read_members(text, |_, value| read_all(value)),
        b'[' => read_elements(text, read_all),
        _ => read_value(text).map(|(_, rest)| rest),
    }
}

fn is_space(text: &str) -> bool {
    text.trim().is_empty()
}

#[test]
fn the_scan_accepts_what_serde_json_accepts() {
    for seed in SEEDS {
        agree(seed.as_bytes());
        for cut in 0..seed.len() {
            agree(&seed.as_bytes()[..cut]);
            agree(&seed.as_bytes()[cut..]);
        }
    }
}

#[test]
fn the_scan_accepts_what_serde_json_accepts_in_mutated_texts() {
    const BYTES: &[u8] = b"{}[]\",:\\ \n\t0123456789-+.eEtrufalsn\x00\x1f\x7f\xc3\xa9/bdD";
    let mut draw = random(1);
    let (mut valid, mut invalid) = (0, 0);
    for _ in 0..60_000 {
        let mut text = SEEDS[draw(SEEDS.len())].as_bytes().to_vec();
        for _ in 0..=draw(3) {
            let at = draw(text.len() + 1);
            let byte = BYTES[draw(BYTES.len())];
            match draw(5) {
                0 => text.insert(at, byte),
                1 if at < text.len() => _ = text.remove(at),
                2 if at < text.len() => text[at] = byte,
                // Brackets and quotes moved elsewhere.
                3 if at < text.len() => {
                    let to = draw(text.len());
                    text.swap(at, to);
                }
                // A piece of another text.
                _ => {
                    let other = SEEDS[draw(SEEDS.len())].as_bytes();
                    let from = draw(other.len() + 1);
                    let to = from + draw(other.len() - from + 1);
                    text.splice(at..at, other[from..to].iter().copied());
                }
            }
        }
        if agree(&text) {
            valid += 1;
        } else {
            invalid += 1;
        }
    }
    assert!(
        valid > 3000 && invalid > 30_000,
        "{valid} valid, {invalid} invalid"
    );
}

#[test]
fn every_byte_in_every_place_of_a_string() {
    // Around the eight bytes that the scan reads at a time.
    for len in 0..20 {
        for at in 0..len {
            for byte in 0..=0x7f {
                let mut text = Vec::from("\"aaaaaaaaaaaaaaaaaaaa");
                text.truncate(1 + len);
                text[1 + at] = byte;
                text.push(b'"');
                agree(&text);
            }
        }
    }
}

#[test]
fn depth() {
    let nested =
        |depth: usize, open: &str, close: &str| [open.repeat(depth), close.repeat(depth)].concat();
    assert!(is_value(nested(128, "[", "]").as_bytes()));
    assert!(!is_value(nested(129, "[", "]").as_bytes()));
    let objects = |depth: usize| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
    assert!(is_object(objects(128).as_bytes()));
    assert!(!is_object(objects(129).as_bytes()));
    assert!(members(&objects(128), |_, _| {}).is_ok());
    let message = |depth| format!(r#"{{"id":1,"result":{}}}"#, objects(depth));
    assert!(scan(&message(127)).is_ok());
    let deep = scan(&message(128)).expect_err("too deep");
    assert_eq!(
        deep.to_string(),
        "not readable: nested deeper than 128 levels"
    );
    assert!(scan(&format!("[{}]", message(126))).is_ok());
    assert!(scan(&format!("[{}]", message(127))).is_err());
}

fn one(text: &str) -> Message<'_> {
    match scan(text) {
        Ok(Scanned::One(message)) => message,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn the_four_kinds() {
    assert_eq!(
        one(r#" {"params" : {"a":[1]} , "method":"ping","jsonrpc":"2.0","id":1e0} "#),
        Message::Request {
            id: "1e0",
            method: "ping".into(),
            params: Some(r#"{"a":[1]}"#)
        }
    );
    assert_eq!(
        one(r#"{"jsonrpc":"2.0","id":"\u0031","method":"a\/b"}"#),
        Message::Request {
            id: r#""\u0031""#,
            method: "a/b".into(),
            params: None
        }
    );
    assert_eq!(
        one(r#"{"jsonrpc":"2.0","method":"notifications/initialized","other":null}"#),
        Message::Notification {
            method: "notifications/initialized".into(),
            params: None
        }
    );
    assert_eq!(
        one(r#"{"jsonrpc":"2.0","id":-7,"result":null}"#),
        Message::Result {
            id: "-7",
            result: "null"
        }
    );
    assert_eq!(
        one(
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no \"such\"","data":[1, 2]}}"#
        ),
        Message::Error {
            id: Some("1"),
            error: RpcError {
                code: -32601,
                message: "no \"such\"".into(),
                data: Some(Bytes::from_static(b"[1, 2]")),
            },
        }
    );
}

#[test]
fn borrowed_where_nothing_is_escaped() {
    let Message::Notification {
        method: Cow::Borrowed("x"),
        ..
    } = one(r#"{"jsonrpc":"2.0","method":"x"}"#)
    else {
        panic!("a copy was made");
    };
}

#[test]
fn answers_are_read_leniently() {
    assert_eq!(
        one(r#"{"id":1,"result":{}}"#),
        Message::Result {
            id: "1",
            result: "{}"
        }
    );
    let error = |text| match one(text) {
        Message::Error { id, error } => (id, error.code, error.message, error.data),
        other => panic!("{other:?}"),
    };
    let none = |id, code, message: &str| (id, code, message.to_string(), None);
    assert_eq!(
        error(r#"{"id":null,"error":{"code":1,"message":"m"}}"#),
        none(None, 1, "m")
    );
    assert_eq!(
        error(r#"{"error":{"code":1.5,"message":"m"}}"#),
        none(None, -32603, "m")
    );
    assert_eq!(
        error(r#"{"error":{"code":"1","message":7}}"#),
        none(None, -32603, r#"{"code":"1","message":7}"#)
    );
    assert_eq!(
        error(r#"{"error":{"code":99999999999999999999,"message":"m"}}"#),
        none(None, -32603, "m")
    );
    assert_eq!(
        error(r#"{"error":"session not found"}"#),
        none(None, -32603, "session not found")
    );
    assert_eq!(error(r#"{"error":[1]}"#), none(None, -32603, "[1]"));
}

#[test]
fn of_members_that_come_twice_the_last_counts() {
    assert_eq!(
        one(r#"{"jsonrpc":"1","id":true,"result":1,"jsonrpc":"2.0","\u0069d":2,"result":3}"#),
        Message::Result {
            id: "2",
            result: "3"
        }
    );
    let Message::Error { error, .. } =
        one(r#"{"error":{"code":1,"code":2,"message":"a","message":"b"}}"#)
    else {
        panic!("no error");
    };
    assert_eq!((error.code, &*error.message), (2, "b"));
}

#[test]
fn json_that_is_no_message() {
    for (text, reason) in [
        ("1", "it is not an object"),
        ("\"{}\"", "it is not an object"),
        ("{}", "it has no `method`, `result` or `error`"),
        (r#"{"method":"x"}"#, "`jsonrpc` is missing"),
        (
            r#"{"jsonrpc":"1.0","method":"x"}"#,
            "`jsonrpc` is not \"2.0\"",
        ),
        (
            r#"{"jsonrpc":2.0,"id":1,"result":1}"#,
            "`jsonrpc` is not \"2.0\"",
        ),
        (
            r#"{"jsonrpc":"2.0","method":1}"#,
            "`method` is not a string",
        ),
        (
            r#"{"jsonrpc":"2.0","method":"x","id":null}"#,
            "the `id` of a request is null",
        ),
        (
            r#"{"jsonrpc":"2.0","method":"x","id":{}}"#,
            "`id` is neither a string nor a number",
        ),
        (
            r#"{"jsonrpc":"2.0","method":"x","id":true}"#,
            "`id` is neither a string nor a number",
        ),
        (
            r#"{"jsonrpc":"2.0","error":{},"id":[1]}"#,
            "`id` is neither a string nor a number",
        ),
        (r#"{"result":1}"#, "a result has no `id`"),
        (r#"{"id":null,"result":1}"#, "a result has no `id`"),
        (
            r#"{"id":1,"result":1,"error":{}}"#,
            "it has a `result` and an `error`",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"x","result":1}"#,
            "it has a `method` and a `result` or `error`",
        ),
        ("[]", "the batch is empty"),
    ] {
        let malformed = scan(text).expect_err(text);
        assert!(is_json(&malformed), "{text}");
        assert_eq!(
            malformed.to_string(),
            format!("not a JSON-RPC message: {reason}"),
            "{text}"
        );
    }
}

#[test]
fn what_is_no_json_says_where() {
    for (text, sentence) in [
        ("<html>", "not JSON: unexpected '<' at byte 0"),
        ("", "not JSON: it is empty"),
        (r#"{"id":1"#, "not JSON: it ends too early, at byte 7"),
        (r#"{"id":1} x"#, "not JSON: unexpected 'x' at byte 9"),
        ("[{}}", "not JSON: unexpected '}' at byte 3"),
        (r#"["é" é]"#, "not JSON: unexpected 'é' at byte 6"),
        (r#"{"a":tru}"#, "not JSON: unexpected 't' at byte 5"),
        ("[\"\n\"]", "not JSON: unexpected '\\n' at byte 2"),
    ] {
        let malformed = scan(text).expect_err(text);
        assert!(!is_json(&malformed), "{text}");
        assert_eq!(malformed.to_string(), sentence, "{text}");
    }
}

#[test]
fn batches() {
    let text = r#" [ {"jsonrpc":"2.0","method":"a"} ,{"id":1,"result":[{}]},7, [] , {"jsonrpc":"2.0","id":2,"method":"b"}] "#;
    let Ok(Scanned::Batch(batch)) = scan(text) else {
        panic!("no batch");
    };
    let read: Vec<_> = batch.collect();
    assert_eq!(read.len(), 5);
    assert_eq!(
        read[0],
        Ok(Message::Notification {
            method: "a".into(),
            params: None
        })
    );
    assert_eq!(
        read[1],
        Ok(Message::Result {
            id: "1",
            result: "[{}]"
        })
    );
    assert!(read[2].is_err() && read[3].is_err());
    assert_eq!(
        read[4],
        Ok(Message::Request {
            id: "2",
            method: "b".into(),
            params: None
        })
    );
    assert!(scan(r#"[{"id":1,"result":1},]"#).is_err_and(|malformed| !is_json(&malformed)));
}

#[test]
fn members_of_an_object() {
    let text = " { \"a\" : 1 ,\"b\\u0063\":[ 1 ],\n\"a\":{\"x\": \"}\"} } ";
    let mut found: Vec<(String, &str)> = Vec::new();
    members(text, |key, value| found.push((key.into(), value))).expect("an object");
    assert_eq!(
        found,
        [
            ("a".into(), "1"),
            ("bc".into(), "[ 1 ]"),
            ("a".into(), "{\"x\": \"}\"}")
        ]
    );
    assert_eq!(member(text, "a"), Some("{\"x\": \"}\"}"), "the last counts");
    assert_eq!(member(text, "bc"), Some("[ 1 ]"));
    assert_eq!(member(text, "x"), None);
    assert_eq!(member("[]", "x"), None);
    assert_eq!(member("{\"x\":1", "x"), None);
    members("{ }", |key, _| panic!("a member {key}")).expect("an object");
}

#[test]
fn elements_of_an_array() {
    let text = " [ 1 ,{\"a\":[2]},\n\"]\" , [ ] ] ";
    let mut found = Vec::new();
    elements(text, |value| found.push(value)).expect("an array");
    assert_eq!(found, ["1", "{\"a\":[2]}", "\"]\"", "[ ]"]);
    elements("[ ]", |value| panic!("an element {value}")).expect("an array");
    let malformed = elements("[1 2]", |_| {}).expect_err("no array");
    assert_eq!(malformed.to_string(), "not JSON: unexpected '2' at byte 3");
}

#[test]
fn elements_are_retained() {
    for (array, retained) in [
        ("[]", "[]"),
        (" [ ] ", " [ ] "),
        ("[1]", "[1]"),
        ("[ 0 ]", "[  ]"),
        ("[0, 1]", "[1]"),
        ("[1 , 0]", "[1]"),
        (" [ 0 ,\t1 , 0,2 ,0 ] ", " [ 1,2 ] "),
        ("[1, 0,  2,3]", "[1,  2,3]"),
        ("[0,0]", "[]"),
        ("{}", "{}"),
        ("[1,0", "[1,0"),
    ] {
        assert_eq!(retain_elements(array, |value| value != "0"), retained);
    }
}

#[test]
fn values_are_read_one_after_the_other() {
    let text = " {\"a\\u0062\" : [1, {\"x\":2}] ,\"c\":\"d\"}, rest";
    let mut found = Vec::new();
    let rest = read_members(text, |key, value| {
        found.push(String::from(key));
        if key == "c" {
            let (value, rest) = read_value(value)?;
            found.push(value.into());
            return Some(rest);
        }
        read_elements(value, |element| {
            let (value, rest) = read_value(element)?;
            found.push(value.into());
            Some(rest)
        })
    });
    assert_eq!(rest, Some(", rest"));
    assert_eq!(found, ["ab", "1", "{\"x\":2}", "c", "\"d\""]);
    assert_eq!(read_members("{}x", |_, _| None), Some("x"));
    assert_eq!(read_elements(" [ ] ", |_| None), Some(" "));
    assert_eq!(read_elements("[1]", |_| None), None, "the reader stops");
    for text in ["", "1", "[]", "{\"a\"}", "{\"a\":1", "{\"a\":1,}"] {
        let read = read_members(text, |_, value| read_value(value).map(|(_, rest)| rest));
        assert_eq!(read, None, "{text}");
    }
}

#[test]
fn members_are_spliced_in() {
    for (object, spliced) in [
        ("{}", r#"{"k":[1]}"#),
        (" { } ", r#" {"k":[1] } "#),
        (r#"{"a":1 }"#, r#"{"a":1,"k":[1] }"#),
        (r#"{"k":1, "a":2}"#, r#"{"k":[1], "a":2}"#),
        (
            r#"{"a" : {"k":0} , "\u006b" : null , "b":0, "k":"k"}"#,
            r#"{"a" : {"k":0} , "\u006b" : [1] , "b":0, "k":[1]}"#,
        ),
        ("[]", "[]"),
        ("{", "{"),
    ] {
        assert_eq!(splice_member(object, "k", |_| "[1]".into()), spliced);
    }
    assert_eq!(splice_member("{}", "\"\n", |_| "1".into()), r#"{"\"\n":1}"#);
    let longer = |old: Option<&str>| [old.unwrap_or("0"), "1"].concat();
    assert_eq!(splice_member(r#"{"k":3}"#, "k", longer), r#"{"k":31}"#);
    assert_eq!(splice_member("{}", "k", longer), r#"{"k":01}"#);
}

#[test]
fn strings_are_read_as_serde_json_reads_them() {
    for raw in [
        r#""""#,
        r#"" plain é😀 ""#,
        r#""\"\\\/\b\f\n\r\t\u0000\u00e9\u20ac\ud83d\ude00""#,
        r#""a\nbbbbbbbbbbbbbbbbbb\n""#,
        r#""\uD83D\uDE00x""#,
    ] {
        let expected: String = serde_json::from_str(raw).expect("a string");
        assert_eq!(string(raw).as_deref(), Some(&*expected), "{raw}");
    }
    // Half a surrogate pair, which serde_json refuses.
    assert_eq!(string(r#""a\ud800b""#).as_deref(), Some("a\u{fffd}b"));
    assert_eq!(
        string(r#""\udc00\ud800\ud83d\ude00""#).as_deref(),
        Some("\u{fffd}\u{fffd}😀")
    );
    assert_eq!(string(r#""\ud800\u0041""#).as_deref(), Some("\u{fffd}A"));
    assert_eq!(string(r#""\ud800""#).as_deref(), Some("\u{fffd}"));
    for raw in ["", "1", "null", "\"", "\"\"\"", "\"a", "{}", "\"\n\""] {
        assert_eq!(string(raw), None, "{raw}");
    }
}

#[test]
fn strings_are_quoted_as_serde_json_quotes_them() {
    let mut texts: Vec<String> = (0..=0x100)
        .filter_map(char::from_u32)
        .map(String::from)
        .collect();
    texts.push(texts.concat());
    texts.push("tools/call".into());
    texts.push("é\u{2028}\n😀\u{10ffff}".into());
    for text in texts {
        let quoted = quote(&text);
        assert_eq!(quoted, serde_json::to_string(&text).expect("a string"));
        assert_eq!(string(&quoted).as_deref(), Some(&*text));
    }
}

#[test]
fn what_is_encoded_is_read_back() {
    let text = request(7, "a\"b", Some(r#"{"x":1}"#));
    assert_eq!(
        text,
        r#"{"jsonrpc":"2.0","id":7,"method":"a\"b","params":{"x":1}}"#
    );
    assert_eq!(
        request(7, "a", None),
        r#"{"jsonrpc":"2.0","id":7,"method":"a"}"#
    );
    assert_eq!(notification("n", None), r#"{"jsonrpc":"2.0","method":"n"}"#);
    assert_eq!(
        notification("n", Some("{}")),
        r#"{"jsonrpc":"2.0","method":"n","params":{}}"#
    );
    assert_eq!(
        result("\"i\"", "[1]"),
        r#"{"jsonrpc":"2.0","id":"i","result":[1]}"#
    );
    let mut failed = RpcError::new(-32001, "line\nbreak");
    assert_eq!(
        error("1", &failed),
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"line\nbreak"}}"#
    );
    failed.data = Some(Bytes::from_static(b"{\"a\": 1}"));
    let text = error("\"x\"", &failed);
    let text = str::from_utf8(&text).expect("text");
    assert_eq!(
        one(text),
        Message::Error {
            id: Some("\"x\""),
            error: failed
        }
    );
    let value: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(value["error"]["data"]["a"], 1);
}
