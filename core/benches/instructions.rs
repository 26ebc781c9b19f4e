//! What the codecs and whole calls cost.
//!
//! `benches/run` counts instructions under callgrind, and prints them beside the targets. `cargo bench
//! --features internals` compares times with what stands beside them, candidates taking turns in one run;
//! times of different runs or machines say nothing about each other.

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::env;
use std::hint::black_box;
use std::time::{Duration, Instant};

use mcp_sansio::internals::{Decoder, is_message};
use serde_json::value::RawValue;

mod calls;
mod inputs;

/// Works on an input so many times.
type Run = fn(&str, usize);

struct Case {
    name: &'static str,
    input: String,
    /// What its instructions are told for.
    per: Per,
    /// In instructions.
    target: Option<f64>,
    run: Run,
    /// What a run does beside the work that is measured.
    feed: Run,
    /// What it is compared with by time.
    beside: &'static [(&'static str, Run)],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Per {
    Byte,
    Call,
    Message,
}

fn cases() -> Vec<Case> {
    let sse = |name, input, target, run, feed| Case {
        name,
        input,
        per: Per::Byte,
        target,
        run,
        feed,
        beside: &[("memcpy", copy)],
    };
    let message = |name, input, target| Case {
        name,
        input,
        per: Per::Message,
        target,
        run: scan_messages,
        feed: nothing,
        beside: &[("memcpy", copy), ("serde_json RawValue", raw_value)],
    };
    let call = |name, run| Case {
        name,
        input: inputs::TOOL_RESULT.into(),
        per: Per::Call,
        target: Some(10_000.0),
        run,
        feed: nothing,
        beside: &[],
    };
    let small = inputs::small_events(1000, false);
    let with_ids = inputs::small_events(1000, true);
    let large = inputs::large_events(4, 1 << 20);
    vec![
        sse(
            "sse-small-16k",
            small.clone(),
            Some(4.1),
            decode::<16_384>,
            nothing,
        ),
        sse(
            "sse-small-1460",
            small.clone(),
            None,
            decode::<1460>,
            nothing,
        ),
        sse("sse-small-1", small, Some(105.0), decode::<1>, feed::<1>),
        sse("sse-ids-16k", with_ids, None, decode::<16_384>, nothing),
        sse(
            "sse-large-16k",
            large.clone(),
            Some(0.5),
            decode::<16_384>,
            nothing,
        ),
        sse(
            "sse-large-1460",
            large.clone(),
            None,
            decode::<1460>,
            nothing,
        ),
        sse(
            "sse-large-whole",
            large,
            Some(0.5),
            decode::<{ usize::MAX }>,
            nothing,
        ),
        message("scan-text-200", inputs::text_message(200), Some(2000.0)),
        message("scan-nest-162", inputs::nested_message(162), None),
        message("scan-text-4k", inputs::text_message(4096), None),
        message("scan-nest-4k", inputs::nested_message(4096), None),
        message("scan-text-1m", inputs::text_message(1 << 20), None),
        message("scan-nest-1m", inputs::nested_message(1 << 20), None),
        call("call-json", calls::json),
        call("call-sse", calls::sse),
        call("call-modern", calls::modern_json),
        call("call-modern-sse", calls::modern_sse),
    ]
}

fn decode<const CHUNK: usize>(stream: &str, times: usize) {
    for _ in 0..times {
        let mut decoder = Decoder::new(16 << 20);
        for mut chunk in black_box(stream).as_bytes().chunks(CHUNK) {
            while let Some(event) = decoder.next(&mut chunk) {
                _ = black_box(event);
            }
        }
    }
}

fn feed<const CHUNK: usize>(stream: &str, times: usize) {
    for _ in 0..times {
        for chunk in black_box(stream).as_bytes().chunks(CHUNK) {
            black_box(chunk);
        }
    }
}

fn scan_messages(text: &str, times: usize) {
    for _ in 0..times {
        assert!(black_box(is_message(black_box(text))), "no message");
    }
}

fn copy(text: &str, times: usize) {
    let mut copy = vec![0; text.len()];
    for _ in 0..times {
        copy.copy_from_slice(black_box(text).as_bytes());
        black_box(&mut copy);
    }
}

fn raw_value(text: &str, times: usize) {
    for _ in 0..times {
        _ = black_box(serde_json::from_str::<&RawValue>(black_box(text)));
    }
}

fn nothing(_: &str, _: usize) {}

/// `--list` gives the cases, `--bench [CASE]..` compares times, and `CASE [feed] TIMES` is for callgrind.
fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        // `cargo test --benches` only asks whether it runs.
        [] => {}
        ["--list"] => list(),
        [ref names @ .., "--bench"] | ["--bench", ref names @ ..] => time(names),
        [name, times] => count(name, false, times),
        [name, "feed", times] => count(name, true, times),
        _ => panic!("unknown arguments; the source says what there is"),
    }
}

fn list() {
    for case in cases() {
        let (unit, units) = match case.per {
            Per::Byte => ("byte", case.input.len()),
            Per::Call => ("call", 1),
            Per::Message => ("message", 1),
        };
        let target = case
            .target
            .map_or_else(|| "-".into(), |target| target.to_string());
        println!("{} {} {unit} {units} {target}", case.name, case.input.len());
    }
}

fn count(name: &str, feed: bool, times: &str) {
    let case = cases().into_iter().find(|case| case.name == name);
    let case = case.expect("a case that `--list` gives");
    let run = if feed { case.feed } else { case.run };
    run(&case.input, times.parse().expect("a number of times"));
}

/// Best of 25 short runs, the candidates taking turns: so what else the machine does falls out.
#[expect(clippy::disallowed_methods, reason = "here the clock is what is read")]
fn time(names: &[&str]) {
    for case in cases() {
        if !names.is_empty() && !names.contains(&case.name) {
            continue;
        }
        let times = (4 << 20) / case.input.len() + 1;
        let mut runs = vec![case.run];
        runs.extend(case.beside.iter().map(|(_, run)| *run));
        let mut best = vec![Duration::MAX; runs.len()];
        for _ in 0..25 {
            for (run, best) in runs.iter().zip(&mut best) {
                let start = Instant::now();
                run(&case.input, times);
                *best = start.elapsed().min(*best);
            }
        }
        let best: Vec<u128> = best.iter().map(|best| best.as_nanos().max(1)).collect();
        let bytes = (case.input.len() * times) as u128;
        print!("{:16} {:>9} ns", case.name, best[0] / times as u128);
        if case.per != Per::Call {
            print!("  {:>6} MB/s", bytes * 1000 / best[0]);
        }
        for ((name, _), other) in case.beside.iter().zip(&best[1..]) {
            let percent = best[0] * 100 / other;
            print!("  {}.{:02} x {name}", percent / 100, percent % 100);
        }
        println!();
    }
}
