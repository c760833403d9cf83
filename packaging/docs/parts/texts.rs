//! The texts of a crate's licences.

use super::cargo::Package;
use std::io::{Error, Result};
use std::path::Path;

/// What repositories say whose crates carry no text. It is for as long as they do not.
const KEPT: [(&str, &str); 1] = [("https://github.com/nical/lyon", include_str!("../../third-party/lyon.txt"))];

/// How the files begin that hold them, in lower case.
const NAMES: [&str; 6] = ["license", "licence", "copying", "copyright", "unlicense", "notice"];

/// Reads those that a crate carries, else those of a crate from the same repository, else those that are kept here.
///
/// # Errors
/// Where there is none: its text is then to be put into `packaging/third-party`, and named above.
pub(crate) fn of<'a>(package: &'a Package, all: impl IntoIterator<Item = &'a Package>) -> Result<Vec<String>> {
    let siblings =
        all.into_iter().filter(|other| package.repository.is_some() && other.repository == package.repository);
    for candidate in std::iter::once(package).chain(siblings) {
        let texts = within(candidate.folder())?;
        if !texts.is_empty() {
            return Ok(texts);
        }
    }
    let kept = KEPT.iter().find(|(repository, _)| package.repository.as_deref() == Some(repository));
    let (_, text) = kept.ok_or_else(|| {
        let Package { name, version, .. } = package;
        let remedy = "put the text into packaging/third-party, and name it in packaging/docs/parts/texts.rs";
        Error::other(format!("{name} {version} carries no licence: {remedy}"))
    })?;
    Ok(vec![(*text).to_owned()])
}

fn within(folder: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in folder.read_dir()? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_lowercase();
        if entry.file_type()?.is_file() && NAMES.iter().any(|begin| name.starts_with(begin)) {
            files.push(entry.path());
        }
    }
    files.sort();
    files.into_iter().map(|file| Ok(String::from_utf8_lossy(&std::fs::read(file)?).into_owned())).collect()
}
