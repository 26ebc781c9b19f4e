//! What this crate brings into an application.

use std::process::Command;

/// Of tokio there is its `sync` module, which hyper uses, and nothing that would run, sleep or open a socket. (Its `default` is empty.)
#[test]
fn no_tokio_but_its_sync_module() {
    let listed = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--all-features"])
        .args([
            "--package",
            env!("CARGO_PKG_NAME"),
            "--edges",
            "normal,build",
        ])
        .args(["--prefix", "none", "--no-dedupe", "--format", "{p} [{f}]"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let complaint = String::from_utf8(listed.stderr).unwrap();
    assert!(listed.status.success(), "{complaint}");
    let tree = String::from_utf8(listed.stdout).unwrap();
    for there in ["hyper v1", "async-io v2", "rustls v0"] {
        assert!(tree.contains(there), "no {there} in\n{tree}");
    }
    let is_of_tokio = |line: &&str| {
        ["tokio", "mio ", "h2 ", "reqwest "]
            .iter()
            .any(|name| line.starts_with(name))
    };
    let mut of_tokio: Vec<_> = tree.lines().filter(is_of_tokio).collect();
    of_tokio.dedup();
    let [tokio] = of_tokio[..] else {
        panic!("one line, and the same each time: {of_tokio:?}");
    };
    assert!(
        tokio.starts_with("tokio v1") && tokio.ends_with("[default,sync]"),
        "{tokio}"
    );
}
