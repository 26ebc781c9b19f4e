//! Each stream is decoded whole, at every split in two, byte by byte, and with empty chunks between; the
//! results must be the same, and must be what the standard says.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use super::{Decoder, TooLarge};

#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Yielded {
    event: String,
    data: String,
    id: Option<String>,
    retry: Option<Duration>,
}

type Decoded = Vec<Result<Yielded, TooLarge>>;

fn decode<'a>(limit: usize, chunks: impl IntoIterator<Item = &'a [u8]>) -> (Decoded, Decoder) {
    let mut decoder = Decoder::new(limit);
    let mut events = Vec::new();
    for mut chunk in chunks {
        while let Some(event) = decoder.next(&mut chunk) {
            events.push(event.map(|event| Yielded {
                event: event.event.into(),
                data: event.data.into(),
                id: event.id.map(Into::into),
                retry: event.retry,
            }));
        }
        assert_eq!(chunk, b"", "`None` means that the input is used up");
        assert!(decoder.held() <= limit, "{} bytes are held", decoder.held());
    }
    (events, decoder)
}

/// Decodes in every way, and gives what all of them agree on: the events and the comment lines.
fn in_every_way(limit: usize, stream: &[u8]) -> (Decoded, u64) {
    let (whole, decoder) = decode(limit, [stream]);
    let agrees = |(decoded, other): (Decoded, Decoder), how: &str| {
        let shown = String::from_utf8_lossy(stream);
        assert_eq!(decoded, whole, "{how} of {shown:?}");
        if !decoded.contains(&Err(TooLarge)) {
            assert_eq!(other.comments(), decoder.comments(), "{how} of {shown:?}");
            assert_eq!(other.held(), decoder.held(), "{how} of {shown:?}");
        }
    };
    for at in 0..=stream.len() {
        let (left, right) = stream.split_at(at);
        agrees(decode(limit, [left, right]), "a split in two");
    }
    agrees(decode(limit, stream.chunks(1)), "single bytes");
    agrees(
        decode(limit, stream.chunks(1).flat_map(|byte| [byte, b""])),
        "single bytes and empty chunks",
    );
    agrees(decode(limit, stream.chunks(3)), "chunks of three");
    (whole, decoder.comments())
}

fn events(stream: impl AsRef<[u8]>) -> Vec<Yielded> {
    let (decoded, _) = in_every_way(1 << 20, stream.as_ref());
    decoded
        .into_iter()
        .map(|event| event.expect("an event"))
        .collect()
}

fn data(data: &str) -> Yielded {
    Yielded {
        data: data.into(),
        ..Yielded::default()
    }
}

#[test]
fn line_terminators() {
    for end in ["\n", "\r", "\r\n"] {
        let stream = ["data: a", "data: b", "", "data: c", "", ""].join(end);
        assert_eq!(events(stream), [data("a\nb"), data("c")], "{end:?}");
    }
    assert_eq!(
        events("data: a\r\ndata: b\n\rdata: c\r\r\n\ndata: d\n\r\n"),
        [data("a\nb"), data("c"), data("d")]
    );
}

#[test]
fn a_terminator_ends_the_event_before_its_second_half_comes() {
    let mut decoder = Decoder::new(100);
    let mut chunk: &[u8] = b"data: a\r\n\r";
    assert!(decoder.next(&mut chunk).is_some());
    let mut chunk: &[u8] = b"\ndata: b\n\n";
    let next = decoder.next(&mut chunk).expect("an event").expect("small");
    assert_eq!(next.data, "b");
}

#[test]
fn byte_order_mark() {
    assert_eq!(events("\u{feff}data: a\n\n"), [data("a")]);
    // Only one, and only at the start.
    assert_eq!(events("\u{feff}\u{feff}data: a\n\n"), []);
    assert_eq!(events("data: a\n\n\u{feff}data: b\n\n"), [data("a")]);
    // What only begins like one belongs to the first line.
    assert_eq!(events(b"\xefdata: a\ndata: b\n\n"), [data("b")]);
    assert_eq!(events(b"\xef\xbbdata: a\ndata: b\n\n"), [data("b")]);
    assert_eq!(events(b"\xef\xbb\n\ndata: b\n\n"), [data("b")]);
}

#[test]
fn fields_and_their_spaces() {
    assert_eq!(events("data:a\n\n"), [data("a")]);
    assert_eq!(events("data:  a\n\n"), [data(" a")]);
    assert_eq!(events("data:\ta \n\n"), [data("\ta ")]);
    assert_eq!(events("data::a\n\n"), [data(":a")]);
    assert_eq!(events("data\n\n"), [data("")]);
    assert_eq!(events("data\ndata\n\n"), [data("\n")]);
    assert_eq!(events("data:\ndata: a\ndata\n\n"), [data("\na\n")]);
    for unknown in [
        "dat: a",
        "data : a",
        "Data: a",
        " data: a",
        "database: a",
        "datum",
        "events: a",
        "x",
        "ident: a",
    ] {
        assert_eq!(events([unknown, "\n\n"].concat()), [], "{unknown:?}");
        assert_eq!(
            events([unknown, "\ndata: b\n\n"].concat()),
            [data("b")],
            "{unknown:?}"
        );
    }
}

#[test]
fn event_names() {
    let named = |event: &str, text: &str| Yielded {
        event: event.into(),
        ..data(text)
    };
    assert_eq!(
        events("event: message\ndata: a\n\ndata: b\n\n"),
        [named("message", "a"), data("b")],
        "a name holds for one event"
    );
    assert_eq!(events("event: x\ndata: a\nevent:y\n\n"), [named("y", "a")]);
    assert_eq!(events("event: x\ndata: a\nevent\n\n"), [named("", "a")]);
    assert_eq!(events("event: x\n\n"), [named("x", "")]);
}

#[test]
fn ids() {
    let with_id = |id: &str, text: &str| Yielded {
        id: Some(id.into()),
        ..data(text)
    };
    assert_eq!(
        events("id: 1\ndata: a\n\ndata: b\n\n"),
        [with_id("1", "a"), data("b")],
        "an id is told with its own event"
    );
    assert_eq!(events("id: 1\n\n"), [with_id("1", "")], "a cursor alone");
    assert_eq!(
        events("id: 1\ndata:\n\n"),
        [with_id("1", "")],
        "a priming event"
    );
    assert_eq!(
        events("id\ndata: a\n\nid:\n\n"),
        [with_id("", "a"), with_id("", "")]
    );
    assert_eq!(
        events("id: 1\nid: 2\nid: 3\0\ndata: a\n\n"),
        [with_id("2", "a")]
    );
    assert_eq!(events("id: a long one with\0\n\ndata: a\n\n"), [data("a")]);
    assert_eq!(events("id:\0\n\n"), []);
}

#[test]
fn retries() {
    let with_retry = |milliseconds| Yielded {
        retry: Some(Duration::from_millis(milliseconds)),
        ..Yielded::default()
    };
    assert_eq!(events("retry: 10\n\n"), [with_retry(10)]);
    assert_eq!(events("retry:007\n\n"), [with_retry(7)]);
    assert_eq!(events("retry: 0\n\n"), [with_retry(0)]);
    assert_eq!(
        events("retry: 10\nretry: 20\nretry: x\n\n"),
        [with_retry(20)]
    );
    for invalid in [
        "", " ", "-1", "+1", "1.5", "1e3", "1 ", "  1", "0x1", "\u{0661}",
    ] {
        assert_eq!(
            events(["retry: ", invalid, "\n\n"].concat()),
            [],
            "{invalid:?}"
        );
    }
    assert_eq!(
        events("retry: 99999999999999999999999\n\n"),
        [with_retry(u64::MAX)]
    );
}

#[test]
fn comments() {
    let stream = b":\n: keep-alive\n\n\n:data: a\ndata: b\n:\n: c";
    assert_eq!(in_every_way(100, stream), (vec![], 5));
    assert_eq!(
        events(": a\ndata: b\n:c\ndata: d\n: e\n\n: f\n\n"),
        [data("b\nd")]
    );
}

#[test]
fn what_is_unfinished_is_no_event() {
    for stream in [
        "data: a",
        "data: a\n",
        "data: a\r",
        "data: a\r\n",
        "id: 1\ndata: a\n:",
    ] {
        assert_eq!(events(stream), [], "{stream:?}");
    }
    assert_eq!(
        events("\n\r\n\r\r\n"),
        [],
        "blank lines alone are no events"
    );
}

#[test]
fn what_is_not_utf_8_is_replaced() {
    assert_eq!(
        events("data: é€😀\nid: ß\n\n"),
        [Yielded {
            id: Some("ß".into()),
            ..data("é€😀")
        }]
    );
    assert_eq!(
        events(b"data: a\xffb\xe2\x82\n\n"),
        [data("a\u{fffd}b\u{fffd}")]
    );
    assert_eq!(
        events(b"data: \xf0\x9f\x98\ndata: \x80\n\n"),
        [data("\u{fffd}\n\u{fffd}")]
    );
    assert_eq!(
        events(b"event: \xc0\nid: \xed\xa0\x80\n\n"),
        [Yielded {
            event: "\u{fffd}".into(),
            id: Some("\u{fffd}\u{fffd}\u{fffd}".into()),
            ..Yielded::default()
        }]
    );
    assert_eq!(events(b"data\xff: a\n\ndata: b\n\n"), [data("b")]);
}

#[test]
fn the_limit_is_exact() {
    for block in [
        "event: name\ndata: 123456789\n",
        "data: 1234\r\nid: 12\rretry:9\r\n",
        "data: 12345\r: not counted\rdata: 123456789\r",
    ] {
        let lines = block
            .split(['\r', '\n'])
            .filter(|line| !line.starts_with(':'));
        let size: usize = lines.map(str::len).sum();
        let stream = ["data: before\n\n", block, "\n\ndata: after\n\n"].concat();
        let (decoded, _) = in_every_way(size, stream.as_bytes());
        assert!(decoded.iter().all(Result::is_ok), "{block:?}");
        let (decoded, _) = in_every_way(size - 1, stream.as_bytes());
        assert_eq!(decoded.last(), Some(&Err(TooLarge)), "{block:?}");
        assert_eq!(
            decoded.iter().filter(|event| event.is_err()).count(),
            1,
            "{block:?}"
        );
    }
}

#[test]
fn the_limit_holds_for_the_replaced_text() {
    let stream = b"data: \xff\xff\xff\xff\n\n";
    assert_eq!(
        in_every_way(12, stream).0,
        [Ok(data("\u{fffd}\u{fffd}\u{fffd}\u{fffd}"))]
    );
    assert_eq!(in_every_way(11, stream).0, [Err(TooLarge)]);
}

#[test]
fn a_line_without_end_is_caught() {
    for start in ["data: ", "id: ", "event: ", "retry: ", "unknown: ", ""] {
        let mut decoder = Decoder::new(1000);
        let mut chunk = start.as_bytes();
        assert!(decoder.next(&mut chunk).is_none());
        let mut fed = start.len();
        loop {
            let mut chunk: &[u8] = &[b'7'; 100];
            fed += chunk.len();
            match decoder.next(&mut chunk) {
                None => assert!(fed <= 1000 && decoder.held() <= 1000, "{start:?}"),
                Some(event) => {
                    assert_eq!(event.expect_err("too large"), TooLarge);
                    break;
                }
            }
        }
        assert!(fed <= 1100, "{start:?}");
        assert_eq!(decoder.held(), 0);
        let mut chunk: &[u8] = b"\n\ndata: a\n\n";
        assert!(
            decoder.next(&mut chunk).is_none(),
            "a failed stream stays failed"
        );
        assert_eq!(chunk, b"");
    }
}

#[test]
fn comments_neither_count_nor_stay() {
    let mut decoder = Decoder::new(10);
    for _ in 0..100 {
        for part in [&b": "[..], &[b'x'; 1024], b"\n"] {
            let mut chunk = part;
            assert!(decoder.next(&mut chunk).is_none());
            assert_eq!(decoder.held(), 0);
        }
    }
    assert_eq!(decoder.comments(), 100);
    let mut chunk: &[u8] = b"data: a\n\n";
    assert!(matches!(decoder.next(&mut chunk), Some(Ok(event)) if event.data == "a"));
}

/// The standard's algorithm on a whole text, without a thought for memory or speed.
fn by_the_book(stream: &[u8]) -> Vec<Yielded> {
    let text = String::from_utf8_lossy(stream);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<&str> = text.split('\n').collect();
    lines.pop();
    let mut events = Vec::new();
    let mut event = Yielded::default();
    let mut lines_of_data: Vec<&str> = Vec::new();
    let mut any = false;
    for line in lines {
        if line.is_empty() {
            event.data = lines_of_data.join("\n");
            if any {
                events.push(event);
            }
            event = Yielded::default();
            lines_of_data.clear();
            any = false;
            continue;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "data" => lines_of_data.push(value),
            "event" => event.event = value.into(),
            "id" if !value.contains('\0') => event.id = Some(value.into()),
            "retry" if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) => {
                event.retry = Some(Duration::from_millis(value.parse().unwrap_or(u64::MAX)));
            }
            _ => continue,
        }
        any = true;
    }
    events
}

#[test]
fn random_streams_are_read_by_the_book() {
    const PIECES: [&[u8]; 24] = [
        b"data",
        b"data:",
        b"data: ",
        b"event: ",
        b"id: ",
        b"id",
        b"retry: ",
        b"retry:",
        b":",
        b" ",
        b"\n",
        b"\n",
        b"\n\n",
        b"\r",
        b"\r\n",
        b"\r\n\r\n",
        b"x",
        b"12",
        b"\0",
        b"\xef\xbb\xbf",
        b"\xf0\x9f",
        b"\xff",
        "é".as_bytes(),
        b"message",
    ];
    let mut random = 7_u64;
    let mut draw = |below: usize| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(random >> 33).expect("31 bits") % below
    };
    let (mut yielded, mut too_large) = (0, 0);
    for _ in 0..3000 {
        let stream: Vec<u8> = (0..draw(30))
            .flat_map(|_| PIECES[draw(PIECES.len())])
            .copied()
            .collect();
        let expected = by_the_book(&stream);
        assert_eq!(
            events(&stream),
            expected,
            "{:?}",
            String::from_utf8_lossy(&stream)
        );
        yielded += expected.len();
        let (limited, _) = in_every_way(draw(40), &stream);
        too_large += limited.iter().filter(|event| event.is_err()).count();
    }
    assert!(yielded > 1000, "only {yielded} events");
    assert!(too_large > 300, "only {too_large} too large");
}
