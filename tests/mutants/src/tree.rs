//! The copy of the project that is built: the core, the vectors' runner and what both need.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use toml::{Table, Value};
use walkdir::WalkDir;

/// Members of the workspace that are copied.
const MEMBERS: [&str; 3] = ["core", "replay", "tests"];

/// A copy. What is alike is not written again, so that cargo builds again only what changed.
#[derive(Debug)]
pub struct Tree {
    root: PathBuf,
}

impl Tree {
    /// Copies the project. Sources of these names (below `core/src`) are left to [`Tree::put`].
    ///
    /// # Errors
    ///
    /// Something cannot be read or written.
    pub fn copy(project: &Path, root: PathBuf, without: &BTreeSet<PathBuf>) -> Result<Self> {
        let tree = Self { root };
        let mut kept = BTreeSet::new();
        for member in MEMBERS {
            let folder = project.join(member);
            let files = WalkDir::new(&folder).into_iter().filter_entry(|entry| {
                // The crates within `tests/` are others.
                entry.depth() == 0 || !entry.path().join("Cargo.toml").exists()
            });
            for entry in files {
                let entry = entry?;
                let path = entry.path().strip_prefix(project)?;
                if entry.file_type().is_file() {
                    kept.insert(path.to_owned());
                    if !without.contains(path) {
                        tree.put(path, &fs::read(entry.path())?)?;
                    }
                }
            }
        }
        tree.forget_others(&kept)?;
        let manifest = fs::read_to_string(project.join("Cargo.toml"))?;
        tree.put("Cargo.toml".as_ref(), workspace(&manifest)?.as_bytes())?;
        tree.put(
            "Cargo.lock".as_ref(),
            &fs::read(project.join("Cargo.lock"))?,
        )?;
        Ok(tree)
    }

    /// Writes a file, unless that is what stands there.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn put(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let path = self.root.join(path);
        if fs::read(&path).is_ok_and(|there| there == bytes) {
            return Ok(());
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, bytes).with_context(|| format!("{} cannot be written", path.display()))
    }

    /// Where it lies.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What the project has no longer.
    fn forget_others(&self, kept: &BTreeSet<PathBuf>) -> Result<()> {
        for member in MEMBERS {
            for entry in WalkDir::new(self.root.join(member)) {
                let entry = entry?;
                let path = entry.path().strip_prefix(&self.root)?;
                if entry.file_type().is_file() && !kept.contains(path) {
                    fs::remove_file(entry.path())?;
                }
            }
        }
        Ok(())
    }
}

/// The manifest of the workspace with these members only, all of it optimised: it is built once and run often.
fn workspace(manifest: &str) -> Result<String> {
    let mut manifest: Table = manifest.parse()?;
    let workspace = manifest.get_mut("workspace").and_then(Value::as_table_mut);
    let members = MEMBERS.map(Value::from).to_vec();
    workspace
        .context("the project's Cargo.toml has no [workspace]")?
        .insert("members".into(), members.into());
    let profile: Table = "[profile.dev]\ndebug = 0\nopt-level = 2".parse()?;
    manifest.extend(profile);
    Ok(manifest.to_string())
}
