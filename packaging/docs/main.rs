//! Writes what is generated of the program into a folder: manual pages, shell completions, and what it is made of.

// As in the tests, so that its modules are looked for beside it.
#[path = "pages.rs"]
mod pages;

mod audit;
mod bill;
mod parts;
mod third_party;

use std::io::{Result, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        return ExitCode::from(2);
    };
    let Err(error) = write(&folder) else { return ExitCode::SUCCESS };
    let _ = writeln!(std::io::stderr(), "docs: {error}");
    ExitCode::FAILURE
}

fn write(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    for (name, text) in pages::all() {
        std::fs::write(folder.join(name), text)?;
    }
    let parts = parts::linked()?;
    std::fs::write(folder.join("runaway-guard.cdx.json"), bill::of(&parts)?)?;
    std::fs::write(folder.join("third-party.txt"), third_party::of(&parts))?;
    std::fs::write(folder.join("dep-v0"), audit::of(&parts)?)
}
