//! `Retry-After` in its seconds form. The date form needs a wall clock, which the core does not have;
//! it counts as absent, and the machine's own back-off stands.

use core::time::Duration;

pub(crate) fn parse(value: Option<&str>) -> Option<Duration> {
    let value = value?;
    if value.is_empty() || !value.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // More digits than a u64 holds is a long wait, not a malformed one.
    Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_read_and_dates_are_not() {
        assert_eq!(parse(Some("7")), Some(Duration::from_secs(7)));
        assert_eq!(
            parse(Some("99999999999999999999")),
            Some(Duration::from_secs(u64::MAX))
        );
        assert_eq!(parse(Some("-1")), None);
        assert_eq!(parse(Some("Fri, 31 Dec 1999 23:59:59 GMT")), None);
        assert_eq!(parse(None), None);
    }
}
