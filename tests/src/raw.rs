//! The text of a member as it stands in a JSON object: parsed and written again, a value may look
//! different, and what must be echoed byte for byte could not be checked.

/// The text of the object's member of that name, without the white space around it.
pub(crate) fn member<'a>(object: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = object.trim_start().strip_prefix('{')?;
    loop {
        let (key, after) = value(rest)?;
        let (text, after) = value(after.trim_start().strip_prefix(':')?)?;
        if serde_json::from_str::<String>(key).is_ok_and(|key| key == name) {
            return Some(text);
        }
        rest = after.trim_start().strip_prefix(',')?;
    }
}

/// The first value of a text, and what follows it.
fn value(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            if !in_string && depth == 0 {
                return text.split_at_checked(at + 1);
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    return text.split_at_checked(at + 1);
                }
            }
            // A number or a word ends where something else begins.
            b',' | b':' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => {
                return (at > 0).then(|| text.split_at(at));
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::member;

    #[test]
    fn a_member_is_given_as_it_stands() {
        let text = r#" {"a": [1, {"b": "]"}], "state" : "\u0041\/\"}" , "n":1e0,"o":{} }"#;
        assert_eq!(member(text, "state"), Some(r#""\u0041\/\"}""#));
        assert_eq!(member(text, "a"), Some(r#"[1, {"b": "]"}]"#));
        assert_eq!(member(text, "n"), Some("1e0"));
        assert_eq!(member(text, "o"), Some("{}"));
        assert_eq!(member(text, "b"), None);
        assert_eq!(member(r#"{"st\u0061te": 1 }"#, "state"), Some("1"));
        assert_eq!(member("[]", "state"), None);
        assert_eq!(member("{}", "state"), None);
    }
}
