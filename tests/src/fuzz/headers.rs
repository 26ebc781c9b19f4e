//! What is read from headers and written into them, against public crates that know HTTP.

use data_encoding::BASE64;
use http::HeaderValue;
use mcp_sansio::internals::{bearer_error, decode_header, encode_header, is_header_value, media};
use mcp_sansio::{
    ExchangeHead, Handshake, Identity, Instant, ResponseMode, Server, ServerConfig, ServerOutput,
};
use mediatype::{MediaType, MediaTypeList, Name, ReadParams as _};

const JSON: &str = "application/json";
const SSE: &str = "text/event-stream";
const WHITE_SPACE: [char; 2] = [' ', '\t'];

/// The bytes are the value of a header: of any, of `Mcp-Name`, of `Content-Type`, of `WWW-Authenticate`, of
/// `Accept` (there, a line feed begins another line); and a text that is to be written into one.
///
/// # Panics
/// If a value is read in another way than the standards say, or what is written does not come back.
pub fn headers(data: &[u8]) {
    assert_eq!(
        is_header_value(data),
        HeaderValue::from_bytes(data).is_ok(),
        "whether it can stand in a header"
    );
    assert_eq!(decode_header(data).as_deref(), decoded(data).as_deref());
    if let Ok(text) = str::from_utf8(data) {
        comes_back(text);
        media_type(text);
        challenges(text);
    }
    let lines: Vec<_> = data.split(|&byte| byte == b'\n').collect();
    for (method, media) in [("POST", JSON), ("GET", SSE)] {
        if let Some(taken) = taken(&lines, media) {
            assert_eq!(is_served(method, &lines), taken, "{media} in `Accept`");
        }
    }
}

/// 2026-07-28, transports/streamable-http, "Value Encoding": what a value stands for.
fn decoded(value: &[u8]) -> Option<String> {
    let is_allowed = |&byte: &u8| byte == b'\t' || (b' '..=b'~').contains(&byte);
    let text = str::from_utf8(value).ok()?;
    let text = text.trim_matches(WHITE_SPACE);
    if !value.iter().all(is_allowed) {
        return None;
    }
    let inner = text.strip_prefix("=?base64?");
    let Some(inner) = inner.and_then(|rest| rest.strip_suffix("?=")) else {
        return Some(text.to_owned());
    };
    String::from_utf8(BASE64.decode(inner.as_bytes()).ok()?).ok()
}

fn comes_back(text: &str) {
    let value = encode_header(text);
    assert!(
        value.iter().all(|byte| (b' '..=b'~').contains(byte)),
        "not everyone lets {value:?} pass"
    );
    assert_eq!(decode_header(&value).as_deref(), Some(text), "{value:?}");
}

/// Parameters are not looked at, so they need not be well-formed.
fn media_type(text: &str) {
    let ours = media(text);
    let essence = text.split(';').next().unwrap_or_default().trim();
    match MediaType::parse(text.trim_matches(WHITE_SPACE)) {
        Ok(theirs) => {
            let theirs = theirs.essence().to_string();
            let known = [JSON, SSE].into_iter();
            let known = known.into_iter().find(|k| k.eq_ignore_ascii_case(&theirs));
            assert_eq!(ours, known, "{theirs}");
        }
        Err(_) => assert!(ours.is_none_or(|ours| ours.eq_ignore_ascii_case(essence))),
    }
}

/// A value that is malformed is read too, for what can be read of it.
fn challenges(text: &str) {
    let Ok(challenges) = http_auth::parse_challenges(text) else {
        return;
    };
    let mut parameters = challenges
        .iter()
        .filter(|challenge| challenge.scheme.eq_ignore_ascii_case("bearer"))
        .flat_map(|challenge| &challenge.params);
    let theirs = parameters.find(|(name, _)| name.eq_ignore_ascii_case("error"));
    let theirs = theirs.map(|(_, error)| error.as_escaped());
    assert_eq!(bearer_error(text), theirs, "in `WWW-Authenticate`");
}

/// Whether a server of ours takes such a request for one that accepts what it has to send.
fn is_served(method: &str, accept: &[&[u8]]) -> bool {
    let mut config = ServerConfig::new(Handshake::Core(Identity::new("fuzz", "1")));
    config.mode = ResponseMode::Json;
    let mut server = Server::new(config, [0; 32]).expect("a server with its defaults");
    let mut headers: Vec<(&str, &[u8])> =
        vec![("host", b"localhost"), ("content-type", JSON.as_bytes())];
    headers.extend(accept.iter().map(|&line| ("accept", line)));
    let head = ExchangeHead {
        method,
        headers: &headers,
        principal: None,
    };
    server.accept(Instant::from_micros(0), head);
    let mut outputs = std::iter::from_fn(|| server.poll_output());
    !outputs.any(|output| matches!(output, ServerOutput::Head { status: 406, .. }))
}

/// RFC 9110, section 12.5.1: whether these lines take the media type. `None` where it does not say: for what is
/// malformed, and where equally precise ranges disagree. That parameters can make a range more precise is left
/// out, there and here.
fn taken(lines: &[&[u8]], media: &str) -> Option<bool> {
    let media = MediaType::parse(media).ok()?;
    let any = Name::new("*")?;
    let mut found = Vec::new();
    for line in lines {
        for range in MediaTypeList::new(str::from_utf8(line).ok()?) {
            let range = range.ok()?;
            let precision = match (range.ty, range.subty, range.suffix) {
                (ty, subty, None) if ty == any && subty == any => 0,
                (ty, subty, None) if ty == media.ty && subty == any => 1,
                (ty, subty, None) if ty == media.ty && subty == media.subty => 2,
                _ => continue,
            };
            let weights: Vec<_> = range.params().filter(|(name, _)| *name == "q").collect();
            let is_taken = match weights[..] {
                [] => true,
                [(_, weight)] => has_weight(weight.as_str())?,
                _ => return None,
            };
            found.push((precision, is_taken));
        }
    }
    let best = found.iter().map(|&(precision, _)| precision).max();
    let mut verdicts = found.iter().filter(|(p, _)| Some(*p) == best);
    let Some(&(_, verdict)) = verdicts.next() else {
        return Some(false);
    };
    verdicts
        .all(|&(_, other)| other == verdict)
        .then_some(verdict)
}

/// RFC 9110, section 12.4.2: whether a weight is more than zero; `None` if it is none.
fn has_weight(weight: &str) -> Option<bool> {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    let is_short = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let is_zero = fraction.bytes().all(|byte| byte == b'0');
    match whole {
        "0" if is_short => Some(!is_zero),
        "1" if is_short && is_zero => Some(true),
        _ => None,
    }
}
