//! JSON numbers by what they say, however they are written, without the rounding of floating point.

use alloc::string::String;
use core::fmt;

use super::scan::whole;

/// The largest integer up to which floating point numbers tell every two integers apart.
const SAFE: i64 = (1 << 53) - 1;

/// How many zeros are written out at the end of an integer.
const MOST_ZEROS: usize = 32;

/// A number: its digits, times ten to the power of the exponent. The digits neither begin nor end with
/// a zero, so equal numbers are equal here; zero has no digits, and no sign.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// `None` if the text is no JSON number, or if nothing could hold its exponent.
    pub(crate) fn parse(raw: &str) -> Option<Self> {
        let (negative, unsigned) = match raw.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, raw),
        };
        if !unsigned.starts_with(|c: char| c.is_ascii_digit())
            || !raw.ends_with(|c: char| c.is_ascii_digit())
            || whole(raw).is_err()
        {
            return None;
        }
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = [integer, fraction].concat();
        let unpadded = all.trim_end_matches('0');
        let digits = unpadded.trim_start_matches('0');
        if digits.is_empty() {
            return Some(Self {
                negative: false,
                digits: String::new(),
                exponent: 0,
            });
        }
        let padding = i64::try_from(all.len() - unpadded.len()).ok()?;
        let behind_point = i64::try_from(fraction.len()).ok()?;
        let exponent: i64 = exponent.parse().ok()?;
        Some(Self {
            negative,
            digits: digits.into(),
            exponent: exponent.checked_add(padding)?.checked_sub(behind_point)?,
        })
    }

    /// Whether this JSON value is a number in the spelling that it would get here, without reading it.
    pub(crate) fn is_plain(raw: &str) -> bool {
        let digits = raw.strip_prefix('-').unwrap_or(raw);
        digits.len() <= MOST_ZEROS
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && raw != "-0"
    }

    /// The integer that it is, if it is one of those that floating point holds safely.
    pub(crate) fn safe_integer(&self) -> Option<i64> {
        if self.digits.is_empty() {
            return Some(0);
        }
        // More than 16 digits are out of range in any case.
        let exponent = u32::try_from(self.exponent).ok().filter(|e| *e < 16)?;
        let digits: i64 = self.digits.parse().ok()?;
        let magnitude = digits.checked_mul(10_i64.pow(exponent))?;
        (magnitude <= SAFE).then_some(if self.negative { -magnitude } else { magnitude })
    }
}

/// As JSON, equal numbers in the same way: an integer as its digits, unless that means a row of zeros.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            digits, exponent, ..
        } = self;
        let sign = if self.negative { "-" } else { "" };
        match usize::try_from(*exponent) {
            Ok(_) if digits.is_empty() => f.write_str("0"),
            Ok(zeros @ 0..=MOST_ZEROS) => {
                let width = digits.len() + zeros;
                write!(f, "{sign}{digits:0<width$}")
            }
            _ => write!(f, "{sign}{digits}e{exponent}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn spellings_of_one_number_are_equal() {
        for group in [
            &[
                "42",
                "42.0",
                "4.2e1",
                "420E-1",
                "0.0042e+4",
                "42e0",
                "42e-0",
            ][..],
            &["0", "-0", "0.000", "0e5", "-0.0E-99999999999999999999999"],
            &["-7", "-7.00", "-0.7e1", "-700e-2"],
            &["1e400", "10e399", "0.1e401"],
            &["9007199254740993", "9007199254740993.0"],
            &["0.1", "1e-1", "100e-3"],
        ] {
            for a in group {
                for b in group {
                    let (a, b) = (Decimal::parse(a), Decimal::parse(b));
                    assert!(a.is_some());
                    assert_eq!(a, b);
                }
            }
        }
        for (a, b) in [
            ("42", "-42"),
            ("42", "420"),
            ("42", "42.000000000000000000001"),
            ("9007199254740992", "9007199254740993"),
            ("1e400", "1e401"),
            ("105", "15"),
            ("0", "1"),
        ] {
            assert_ne!(Decimal::parse(a), Decimal::parse(b), "{a} {b}");
        }
    }

    #[test]
    fn what_is_no_number() {
        for raw in [
            "", "-", "+1", "01", "1.", ".5", "1e", "0x1", " 1", "1 ", "1,2", "\"1\"", "null",
            "Infinity", "--1", "1_0", "٣",
        ] {
            assert_eq!(Decimal::parse(raw), None, "{raw:?}");
        }
        assert_eq!(Decimal::parse("1e99999999999999999999"), None);
        assert_eq!(Decimal::parse("1.5e-9223372036854775808"), None);
    }

    #[test]
    fn equal_numbers_are_written_in_the_same_way() {
        let zeros = "0".repeat(40);
        for (raw, written) in [
            ("42", "42"),
            ("-4.20e1", "-42"),
            ("-0.0", "0"),
            ("0e-7", "0"),
            ("1200", "1200"),
            ("0.25e-3", "25e-5"),
            ("1e32", &["1", &zeros[..32]].concat()),
            (&["1", &zeros[..32]].concat(), &["1", &zeros[..32]].concat()),
            ("1e33", "1e33"),
            (&["1", &zeros[..33]].concat(), "1e33"),
            (
                "123456789012345678901234567890123456",
                "123456789012345678901234567890123456",
            ),
        ] {
            let decimal = Decimal::parse(raw).expect(raw);
            assert_eq!(decimal.to_string(), written, "{raw}");
            assert_eq!(Decimal::parse(written), Some(decimal), "{raw}");
            assert!(!Decimal::is_plain(raw) || raw == written, "{raw}");
        }
        assert!(Decimal::is_plain("-120") && Decimal::is_plain("0"));
        for raw in ["-0", "1.0", "1e0", &zeros.replacen('0', "1", 1)] {
            assert!(!Decimal::is_plain(raw), "{raw}");
        }
    }

    #[test]
    fn safe_integers() {
        for (raw, integer) in [
            ("0", Some(0)),
            ("-0.0", Some(0)),
            ("42.0", Some(42)),
            ("-4.2e1", Some(-42)),
            ("1e15", Some(1_000_000_000_000_000)),
            ("9007199254740991", Some(9_007_199_254_740_991)),
            ("-9007199254740991", Some(-9_007_199_254_740_991)),
            ("9007199254740992", None),
            ("-9007199254740992", None),
            ("1e16", None),
            ("1e400", None),
            ("123456789012345678901234567890", None),
            ("0.5", None),
            ("1e-1", None),
        ] {
            let decimal = Decimal::parse(raw).expect(raw);
            assert_eq!(decimal.safe_integer(), integer, "{raw}");
        }
    }
}
