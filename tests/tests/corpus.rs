//! Plays the inputs that the fuzzer kept through its targets: each of them once found something new in the code.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mcp_sansio_tests::fuzz::TARGETS;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

#[test]
fn what_the_fuzzer_kept_breaks_nothing() {
    for (name, target) in TARGETS {
        let path = folder("corpus").join(name).with_extension("txt");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        let mut bytes = 0;
        for (line, input) in text.lines().enumerate() {
            let input = STANDARD.decode(input);
            let input = input.unwrap_or_else(|error| panic!("{path:?}:{}: {error}", line + 1));
            target(&input);
            bytes += input.len();
        }
        assert!(bytes > 0, "{path:?} has no inputs");
        let count = text.lines().count();
        // How much was played is told past the harness, which keeps what passing tests print.
        let _ = writeln!(io::stdout(), "{name}: {count} inputs, {bytes} bytes");
    }
}

#[test]
fn each_target_has_a_program_and_each_corpus_a_target() {
    let expected: BTreeSet<_> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    for kind in ["corpus", "fuzz_targets"] {
        let files = fs::read_dir(folder(kind)).expect("a folder");
        let names = files.map(|file| stem(&file.expect("an entry").path()));
        assert_eq!(names.collect::<BTreeSet<_>>(), expected, "{kind}");
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz")
        .join(name)
}

fn stem(path: &Path) -> String {
    let stem = path.file_stem().expect("a file");
    stem.to_string_lossy().into_owned()
}
