//! `WWW-Authenticate`, as far as the transport has to understand it.

use super::list;

/// The `error` of the Bearer challenge in the value of a `WWW-Authenticate` header (RFC 6750 section 3; RFC
/// 9110 section 11.6.1). There may be several challenges in one value.
pub(crate) fn bearer_error(value: &str) -> Option<&str> {
    let mut is_bearer = false;
    for element in list::split(value, ',') {
        let (word, rest) = split_word(element);
        let (name, rest) = if rest.starts_with('=') {
            (word, rest) // A parameter of the challenge that began before.
        } else {
            is_bearer = word.eq_ignore_ascii_case("bearer");
            split_word(rest)
        };
        if is_bearer
            && name.eq_ignore_ascii_case("error")
            && let Some(error) = rest.strip_prefix('=')
        {
            return Some(unquoted(error.trim()));
        }
    }
    None
}

/// The word at the beginning, and what comes after it and the space behind it.
fn split_word(text: &str) -> (&str, &str) {
    let end = text.find([' ', '\t', '=']).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    (word, rest.trim_start())
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::bearer_error;

    #[test]
    fn the_error_of_the_bearer_challenge_is_found() {
        for value in [
            r#"Bearer error="insufficient_scope""#,
            "bearer error=insufficient_scope, scope=\"a b\"",
            r#"BEARER realm="a, error=other", Error = "insufficient_scope""#,
            r#"Bearer realm="say \"hi\", error=x",error="insufficient_scope""#,
            r#"Basic realm="error", Bearer scope="x", error="insufficient_scope""#,
            r#"Negotiate abc==, Bearer error="insufficient_scope""#,
        ] {
            assert_eq!(bearer_error(value), Some("insufficient_scope"), "{value}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_not() {
        for value in [
            "",
            "Bearer",
            "error=insufficient_scope",
            r#"DPoP error="insufficient_scope""#,
            r#"Bearer realm="x", Basic realm="y", error="insufficient_scope""#,
            r#"Bearer error_description="error=insufficient_scope""#,
            r#"Bearer realm="error="insufficient_scope"#,
        ] {
            assert_ne!(bearer_error(value), Some("insufficient_scope"), "{value}");
        }
        let other = r#"Bearer error="invalid_token", error_description="not insufficient_scope""#;
        assert_eq!(bearer_error(other), Some("invalid_token"));
    }
}
