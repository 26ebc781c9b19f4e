//! Media types, compared as RFC 9110 section 8.3.1 says: case aside, parameters aside.

/// What a response's `content-type` makes of its body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Media {
    Json,
    Other,
    Sse,
}

impl Media {
    pub(crate) fn of(content_type: Option<&str>) -> Self {
        let essence = content_type
            .and_then(|value| value.split(';').next())
            .unwrap_or("")
            .trim();
        if essence.eq_ignore_ascii_case("application/json") {
            Self::Json
        } else if essence.eq_ignore_ascii_case("text/event-stream") {
            Self::Sse
        } else {
            Self::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_parameters_do_not_matter() {
        assert_eq!(
            Media::of(Some("Application/JSON; charset=utf-8")),
            Media::Json
        );
        assert_eq!(Media::of(Some("TEXT/EVENT-STREAM")), Media::Sse);
        assert_eq!(Media::of(Some("application/json-seq")), Media::Other);
        assert_eq!(Media::of(None), Media::Other);
    }
}
