//! A JSON object that is being written: members in the order given, on one line.

use alloc::format;
use alloc::string::{String, ToString as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use core::time::Duration;

use crate::jsonrpc::{is_value, quote};

pub(super) struct Object(String);

impl Object {
    pub(super) const fn new() -> Self {
        Self(String::new())
    }

    /// An object that begins with its `type`.
    pub(super) fn of_type(name: &str) -> Self {
        Self::new().text("type", name)
    }

    pub(super) fn text(self, name: &str, value: &str) -> Self {
        self.member(name, &quote(value))
    }

    pub(super) fn number(self, name: &str, value: u64) -> Self {
        self.member(name, &value.to_string())
    }

    pub(super) fn flag(self, name: &str, value: bool) -> Self {
        self.member(name, if value { "true" } else { "false" })
    }

    pub(super) fn null(self, name: &str) -> Self {
        self.member(name, "null")
    }

    pub(super) fn object(self, name: &str, value: Self) -> Self {
        self.member(name, &value.finish())
    }

    /// Values that are JSON texts already.
    pub(super) fn list(self, name: &str, values: &[String]) -> Self {
        self.member(name, &format!("[{}]", values.join(",")))
    }

    /// A time, written in milliseconds.
    pub(super) fn micros(self, name: &str, micros: u64) -> Self {
        self.member(name, &millis(micros))
    }

    /// A duration, written in milliseconds; rounded up to a microsecond, as the machine's timers do.
    pub(super) fn duration(self, name: &str, duration: Duration) -> Self {
        self.member(name, &duration_millis(duration))
    }

    /// A payload that should be JSON text. A host may hand over what is none, or what is too deep for any
    /// reader: then it stands as a string in the member `<name>_text`.
    pub(super) fn json(self, name: &str, payload: &[u8]) -> Self {
        let text = String::from_utf8_lossy(payload);
        if is_value(payload) {
            // Outside of strings, where JSON has no raw line break, a line break is a space.
            self.member(name, &text.replace(['\n', '\r'], " "))
        } else {
            self.text(&format!("{name}_text"), &text)
        }
    }

    /// Bytes: as text in the member `data` where they are UTF-8, else in `base64`.
    pub(super) fn bytes(self, data: &[u8]) -> Self {
        match core::str::from_utf8(data) {
            Ok(text) => self.text("data", text),
            Err(_) => self.text("base64", &STANDARD.encode(data)),
        }
    }

    /// What stands for a payload that is left out: how long it was.
    pub(super) fn length(self, name: &str, length: usize) -> Self {
        self.member(name, &format!("{{\"bytes\":{length}}}"))
    }

    /// Any JSON text.
    pub(super) fn member(mut self, name: &str, value: &str) -> Self {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\":");
        self.0.push_str(value);
        self
    }

    pub(super) fn finish(mut self) -> String {
        if self.0.is_empty() {
            self.0.push('{');
        }
        self.0.push('}');
        self.0
    }
}

pub(super) fn duration_millis(duration: Duration) -> String {
    millis(u64::try_from(duration.as_nanos().div_ceil(1_000)).unwrap_or(u64::MAX))
}

/// Microseconds as a JSON number of milliseconds, exactly.
fn millis(micros: u64) -> String {
    let (whole, rest) = (micros / 1_000, micros % 1_000);
    if rest == 0 {
        whole.to_string()
    } else {
        format!("{whole}.{rest:03}")
            .trim_end_matches('0')
            .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_are_exact_and_short() {
        for (micros, expected) in [
            (0, "0"),
            (1, "0.001"),
            (1_500, "1.5"),
            (250_000, "250"),
            (1_010, "1.01"),
        ] {
            assert_eq!(millis(micros), expected);
        }
    }

    #[test]
    fn a_payload_that_is_no_json_stands_as_text() {
        assert_eq!(
            Object::new().json("params", b"{oops").finish(),
            r#"{"params_text":"{oops"}"#
        );
        assert_eq!(
            Object::new().json("params", b"[1,\r\n2]").finish(),
            r#"{"params":[1,  2]}"#
        );
    }

    #[test]
    fn bytes_that_are_no_text_stand_as_base64() {
        assert_eq!(
            Object::new().bytes(&[0xff, 0xfe]).finish(),
            r#"{"base64":"//4="}"#
        );
    }
}
