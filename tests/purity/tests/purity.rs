//! The guest program, built for targets on which there is nothing but memory. A toolchain need not have them; that it
//! has not is told.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use anyhow::{Context as _, Result, ensure};
use mcp_sansio::Version;
use mcp_sansio_purity::{double, sealed};
use wasmi::{Engine, Instance, Linker, Module, Store};

const WASM: &str = "wasm32-unknown-unknown";
const BARE: &str = "thumbv7em-none-eabi";
const EXPORTS: [&str; 3] = ["double_legacy", "double_modern", "sealed"];

#[test]
fn the_guest_does_what_is_expected_of_it() {
    assert_eq!(double(Version::V2025_11_25, 21), 42);
    assert_eq!(double(Version::V2026_07_28, 21), 42);
    assert_eq!(sealed(21), 21);
}

/// All that a module of WebAssembly can do beyond its memory, it imports. This one imports nothing, and works.
#[test]
fn the_core_as_wasm_imports_nothing_and_runs() -> Result<()> {
    if !has(WASM)? {
        let why = format!("the toolchain has no {WASM}; the core was not run there");
        return tell(&format!("{why} (rustup target add {WASM})"));
    }
    let folder = build(WASM, "cdylib", &[])?;
    let wasm = fs::read(folder.join("mcp_sansio_purity.wasm"))?;
    assert_eq!(imports(&wasm)?, [""; 0]);

    let (mut store, guest) = instantiate(&wasm)?;
    for (export, expected) in EXPORTS.into_iter().zip([42, 42, 21]) {
        let function = guest.get_typed_func::<u32, u32>(&store, export)?;
        assert_eq!(function.call(&mut store, 21)?, expected, "{export}");
    }
    let size = wasm.len() / 1024;
    tell(&format!(
        "the core for {WASM} imports nothing, and runs ({size} KiB)"
    ))
}

/// The linker refuses a program in which a name is open, whether the C library has it or the system.
#[test]
fn the_core_is_linked_with_nothing() -> Result<()> {
    if !has(BARE)? {
        let why = format!("the toolchain has no {BARE}; the core was not linked for it");
        return tell(&format!("{why} (rustup target add {BARE})"));
    }
    for export in EXPORTS {
        // Whatever it does not need is left out, and it would be a warning if there were no such export.
        let option = format!("-Clink-args=--entry={export} --fatal-warnings");
        build(BARE, "bin", &[&option])?;
    }
    tell(&format!("the core for {BARE} is linked with nothing"))
}

/// Past the harness, which keeps to itself what a test prints that passes: who runs this wants to know what was not
/// looked at.
fn tell(line: &str) -> Result<()> {
    Ok(writeln!(io::stderr(), "{line}")?)
}

#[test]
fn an_import_is_seen() -> Result<()> {
    let wasm = [
        b"\0asm\x01\0\0\0",                 // version 1
        &b"\x01\x05\x01\x60\0\x01\x7e"[..], // types: of no arguments, with a 64-bit result
        b"\x02\x0b\x01\x03env\x03now\0\0",  // imports: `now` of `env`, a function of that type
    ];
    let wasm = wasm.concat();
    assert_eq!(imports(&wasm)?, ["env.now"]);
    assert!(instantiate(&wasm).is_err());
    Ok(())
}

fn imports(wasm: &[u8]) -> Result<Vec<String>> {
    let module = Module::new(&Engine::default(), wasm)?;
    let imports = module.imports();
    Ok(imports
        .map(|import| format!("{}.{}", import.module(), import.name()))
        .collect())
}

fn instantiate(wasm: &[u8]) -> Result<(Store<()>, Instance)> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let module = Module::new(&engine, wasm)?;
    let guest = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
    Ok((store, guest))
}

/// Whether the toolchain that runs this test has the target's library.
fn has(target: &str) -> Result<bool> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let printed = Command::new(rustc)
        .args(["--print=target-libdir", "--target", target])
        .output()?;
    ensure!(printed.status.success(), "rustc does not know {target}");
    Ok(PathBuf::from(String::from_utf8(printed.stdout)?.trim()).is_dir())
}

/// Builds the guest into the folder that it gives.
fn build(target: &str, kind: &str, options: &[&str]) -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = folder.parent().context("it is in the target folder")?;
    let built = Command::new(env::var_os("CARGO").context("cargo runs this test")?)
        .args([
            "rustc",
            "--quiet",
            "--package",
            env!("CARGO_PKG_NAME"),
            "--lib",
        ])
        .args(["--target", target, "--crate-type", kind, "--target-dir"])
        .arg(folder)
        .arg("--")
        .args(options)
        .status()?;
    ensure!(built.success(), "the guest is not built for {target}");
    Ok(folder.join(target).join("debug"))
}
