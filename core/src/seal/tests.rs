use alloc::string::ToString as _;
use alloc::vec::Vec;

use super::*;

const KEY: [u8; 32] = [7; 32];
const NONCE: [u8; 24] = [1; 24];
const PARAMS: &str = r#"{"name":"delete","arguments":{"path":"/a","count":1}}"#;

fn context(params: &str) -> StateContext<'_> {
    StateContext {
        principal: Some("alice"),
        method: "tools/call",
        params: Some(params.as_bytes()),
    }
}

fn seal(state: &[u8]) -> String {
    seal_state(&KEY, &NONCE, &context(PARAMS), 1000, state)
}

fn open(context: &StateContext<'_>, sealed: &str) -> Result<Vec<u8>, StateError> {
    open_state(&KEY, context, 999, sealed)
}

#[test]
fn states_come_back() {
    let all: Vec<u8> = (0..=255).collect();
    for len in 0..=all.len() {
        let sealed = seal(&all[..len]);
        assert_eq!(open(&context(PARAMS), &sealed), Ok(all[..len].to_vec()));
        assert_eq!(
            sealed.len(),
            (49 + len) * 4 / 3 + usize::from((49 + len) % 3 != 0)
        );
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        assert!(sealed.bytes().all(plain));
    }
}

/// Servers of several versions may share a key. This text was computed from the layout by another
/// implementation of the cipher.
#[test]
fn the_layout_does_not_change() {
    assert_eq!(
        seal(b"state"),
        "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAbF0A03J7O53Tp_290I1dIdX0TWQpLH7Vs96qgow"
    );
}

#[test]
fn no_bit_can_be_changed() {
    let sealed = URL_SAFE_NO_PAD.decode(seal(b"state")).expect("Base64");
    for at in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[at / 8] ^= 1 << (at % 8);
        let expected = if at < 8 {
            StateError::Malformed
        } else {
            StateError::Forged
        };
        let changed = URL_SAFE_NO_PAD.encode(changed);
        assert_eq!(open(&context(PARAMS), &changed), Err(expected), "bit {at}");
    }
}

#[test]
fn no_part_can_be_left_out() {
    let sealed = URL_SAFE_NO_PAD.decode(seal(b"state")).expect("Base64");
    for len in 0..sealed.len() {
        let expected = if len < 49 {
            StateError::Malformed
        } else {
            StateError::Forged
        };
        let cut = URL_SAFE_NO_PAD.encode(&sealed[..len]);
        assert_eq!(open(&context(PARAMS), &cut), Err(expected), "{len} bytes");
    }
    let longer = URL_SAFE_NO_PAD.encode([&sealed[..], b"x"].concat());
    assert_eq!(open(&context(PARAMS), &longer), Err(StateError::Forged));
}

#[test]
fn other_texts_are_malformed() {
    let sealed = seal(b"state");
    for text in [
        "",
        "AQ",
        "state",
        "é",
        &sealed[1..],
        &[&sealed, "="].concat(),
        &[" ", &sealed].concat(),
        &sealed.replacen('A', "+", 1),
    ] {
        let opened = open(&context(PARAMS), text);
        assert_eq!(opened, Err(StateError::Malformed), "{text}");
    }
}

#[test]
fn another_context_does_not_open_it() {
    let sealed = seal(b"state");
    let own = context(PARAMS);
    let mut others = Vec::new();
    for principal in [None, Some(""), Some("alic"), Some("Alice"), Some("alicet")] {
        others.push(StateContext { principal, ..own });
    }
    for method in ["", "prompts/get", "tools/cal", "ools/call"] {
        others.push(StateContext { method, ..own });
    }
    // The same bytes, parted elsewhere.
    others.push(StateContext {
        principal: Some("alicetools"),
        method: "/call",
        ..own
    });
    for params in [
        "{}",
        "",
        r#"{"name":"delete"}"#,
        r#"{"name":"delete","arguments":{"path":"/b","count":1}}"#,
        r#"{"name":"delete","arguments":{"path":"/a","count":2}}"#,
        r#"{"name":"delete","arguments":{"path":"/a","count":"1"}}"#,
        r#"{"name":"delete","arguments":{"path":"/a","count":1,"force":true}}"#,
        r#"{"name":"read","arguments":{"path":"/a","count":1}}"#,
    ] {
        others.push(context(params));
    }
    others.push(StateContext {
        params: None,
        ..own
    });
    for other in others {
        assert_eq!(open(&other, &sealed), Err(StateError::Forged), "{other:?}");
    }
    let mut key = KEY;
    key[31] ^= 0x80;
    let opened = open_state(&key, &own, 999, &sealed);
    assert_eq!(opened, Err(StateError::Forged));
}

#[test]
fn nobody_is_not_the_empty_name() {
    let nobody = StateContext {
        principal: None,
        ..context(PARAMS)
    };
    let empty = StateContext {
        principal: Some(""),
        ..nobody
    };
    let sealed = seal_state(&KEY, &NONCE, &nobody, 1000, b"");
    assert_eq!(open(&nobody, &sealed), Ok(Vec::new()));
    assert_eq!(open(&empty, &sealed), Err(StateError::Forged));
}

#[test]
fn the_next_round_opens_it() {
    let sealed = seal(b"state");
    for params in [
        PARAMS,
        r#" {"arguments" : {"count":1.0,"path":"\/a"},"name":"d\u0065lete"} "#,
        r#"{"_meta":{"progressToken":2},"name":"delete","arguments":{"path":"/a","count":1},
            "inputResponses":{"sure":{"action":"accept"}},"requestState":"x"}"#,
    ] {
        assert_eq!(
            open(&context(params), &sealed),
            Ok(b"state".to_vec()),
            "{params}"
        );
    }
    let none = StateContext {
        params: None,
        ..context("")
    };
    let sealed = seal_state(&KEY, &NONCE, &none, 1000, b"");
    let answered = r#"{"inputResponses":{},"requestState":"x","_meta":{}}"#;
    assert_eq!(open(&context(answered), &sealed), Ok(Vec::new()));
}

#[test]
fn it_expires_on_time() {
    let own = context(PARAMS);
    for (expires, now, opens) in [
        (1000, 0, true),
        (1000, 999, true),
        (1000, 1000, false),
        (1000, u64::MAX, false),
        (0, 0, false),
        (u64::MAX, u64::MAX - 1, true),
    ] {
        let sealed = seal_state(&KEY, &NONCE, &own, expires, b"state");
        let expected = if opens {
            Ok(b"state".to_vec())
        } else {
            Err(StateError::Expired)
        };
        assert_eq!(open_state(&KEY, &own, now, &sealed), expected);
        // Whom it does not belong to is not told its age.
        let other = StateContext {
            method: "prompts/get",
            ..own
        };
        let opened = open_state(&KEY, &other, now, &sealed);
        assert_eq!(opened, Err(StateError::Forged));
    }
}

#[test]
fn nothing_of_the_state_is_readable_and_each_nonce_gives_another_text() {
    let secret = b"a secret that is long enough";
    let own = context(PARAMS);
    let one = seal(secret);
    let bytes = URL_SAFE_NO_PAD.decode(&one).expect("Base64");
    assert!(!bytes.windows(6).any(|window| secret.starts_with(window)));
    let other = seal_state(&KEY, &[2; 24], &own, 1000, secret);
    assert_ne!(one[40..], other[40..]);
    assert_eq!(open(&own, &other), Ok(secret.to_vec()));
}

#[test]
fn errors_are_sentences() {
    for (error, sentence) in [
        (
            StateError::Expired,
            "the requestState has expired: start the request again",
        ),
        (
            StateError::Forged,
            "the requestState does not belong to this request",
        ),
        (
            StateError::Malformed,
            "the requestState is not one of this server",
        ),
    ] {
        assert_eq!(error.to_string(), sentence);
    }
}
