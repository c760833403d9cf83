//! Writes what is generated of the program into a folder: manual pages and shell completions.

// As in the tests, so that its modules are looked for beside it.
#[path = "pages.rs"]
mod pages;

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> std::io::Result<ExitCode> {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        return Ok(ExitCode::from(2));
    };
    std::fs::create_dir_all(&folder)?;
    for (name, text) in pages::all() {
        std::fs::write(folder.join(name), text)?;
    }
    Ok(ExitCode::SUCCESS)
}
