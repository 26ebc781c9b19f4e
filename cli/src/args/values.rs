//! The values on the command line. Each parser says what to write instead.

use std::time::Duration;

use serde_json::Value;

pub(super) fn url(text: &str) -> Result<String, String> {
    let rest = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.starts_with('/') => Ok(text.to_owned()),
        Some(_) => Err(format!(
            "{text:?} names no host; write http://127.0.0.1:3000/mcp or the like"
        )),
        None if text.is_empty() || text.starts_with('/') => Err(format!(
            "{text:?} names no host; write http://127.0.0.1:3000/mcp or the like"
        )),
        None if text.contains("://") => Err(format!("{text:?} is neither http nor https")),
        None => Err(format!(
            "{text:?} has no scheme; write http://{text} or https://{text}"
        )),
    }
}

/// A name as it stands in `Host`: `example.com`, `example.com:8080` or `[::1]`.
pub(super) fn host(text: &str) -> Result<String, String> {
    let form = "write a name such as tunnel.example.com, or with its port, tunnel.example.com:8443";
    if text.contains("://") || text.contains('/') {
        return Err(format!("{text:?} is a URL; {form}"));
    }
    let is_named = |b: u8| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b);
    if text.is_empty() || !text.bytes().all(is_named) {
        return Err(format!("{text:?} is no host; {form}"));
    }
    Ok(text.to_ascii_lowercase())
}

pub(super) fn json_object(text: &str) -> Result<Value, String> {
    let form = r#"write an object such as '{"text": "hello"}'"#;
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(Value::Object(object)),
        Ok(_) => Err(format!("{text:?} is JSON but no object; {form}")),
        Err(error) => Err(format!("{text:?} is no JSON ({error}); {form}")),
    }
}

pub(super) fn header(text: &str) -> Result<(String, String), String> {
    let form = "write it as 'Name: value'";
    let (name, value) = text
        .split_once(':')
        .ok_or_else(|| format!("{text:?} has no colon; {form}"))?;
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(format!("{name:?} is no header name; {form}"));
    }
    let value = value.trim();
    if value.bytes().any(|b| b.is_ascii_control() && b != b'\t') {
        return Err(format!(
            "the value of {name} has control characters; {form}"
        ));
    }
    Ok((name.to_ascii_lowercase(), value.to_owned()))
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| format!("{text:?} is no number; write seconds, such as 30 or 0.5"))?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|timeout| !timeout.is_zero())
        .ok_or_else(|| format!("{text:?} must be more than zero; write seconds, such as 30 or 0.5"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_trimmed_and_its_name_in_lower_case() {
        assert_eq!(
            header("Authorization:  Bearer a:b "),
            Ok(("authorization".to_owned(), "Bearer a:b".to_owned()))
        );
    }
}
