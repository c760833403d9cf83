use super::*;
use serde_json::json;
use std::os::unix::fs::{MetadataExt, symlink};

struct Place {
    folder: tempfile::TempDir,
    file: File,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let file = File::new(folder.path().join("config.toml"));
    Place { folder, file }
}

fn with(text: impl AsRef<[u8]>) -> Place {
    let place = place();
    fs::write(&place.file.path, text).unwrap();
    place
}

fn patch(value: Value) -> Map<String, Value> {
    let Value::Object(patch) = value else { panic!("{value}") };
    patch
}

fn days(days: u32) -> Map<String, Value> {
    patch(json!({"general": {"retention_days": days}}))
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[track_caller]
fn refuses(place: &Place, fault: &str) {
    let error = place.file.load().unwrap_err();
    assert_eq!(error.to_string(), format!("{fault} The settings from before stay in force."));
    assert_eq!(error.at_start(), format!("{fault} The default settings are in force."));
}

#[test]
fn a_missing_file_means_the_defaults() {
    assert_eq!(place().file.load().unwrap(), Config::default());
    assert_eq!(File::new("/nowhere/at/all/config.toml").load().unwrap(), Config::default());
    assert_eq!(with("").file.load().unwrap(), Config::default());
}

#[test]
fn a_refused_file_is_named_with_line_and_column() {
    let text = format!("{}[detection.cpu_high]\nthreshold_percent = \"ninety\"\n", "\n".repeat(12));
    refuses(&with(text), "config.toml, line 14, column 21: threshold_percent must be 1 to 6400, not \"ninety\".");
}

#[test]
fn what_is_no_text_is_refused() {
    refuses(
        &with(b"[general]\n# \xc3\xa4\xff\n"),
        "config.toml, line 2, column 4: this is not UTF-8. Save the file as UTF-8 text.",
    );
    refuses(&with(b"\xff\xfe["), "config.toml, line 1, column 1: this is not UTF-8. Save the file as UTF-8 text.");
}

#[test]
fn more_than_a_mebibyte_is_refused() {
    let comment = |bytes: usize| with("#".repeat(bytes));
    assert_eq!(comment(1 << 20).file.load().unwrap(), Config::default());
    refuses(&comment((1 << 20) + 1), "config.toml is larger than 1 MiB and is not read. Make it smaller.");
}

#[test]
fn an_edit_that_would_be_too_large_is_refused() {
    let place = with("#".repeat(1 << 20));
    let error = place.file.edit(&days(7)).unwrap_err();
    assert_eq!(error.message, "config.toml cannot be written: it would be larger than 1 MiB. Nothing was changed.");
    assert_eq!(fs::metadata(&place.file.path).unwrap().len(), 1 << 20);
}

#[test]
fn what_is_no_file_is_refused_at_once() {
    let folder = place();
    fs::create_dir(&folder.file.path).unwrap();
    refuses(&folder, "config.toml is not a file. Move it away.");
    let pipe = place();
    nix::unistd::mkfifo(&pipe.file.path, nix::sys::stat::Mode::S_IRWXU).unwrap();
    refuses(&pipe, "config.toml is not a file. Move it away.");
    assert_eq!(pipe.file.edit(&days(3)).unwrap_err().code, ErrorCode::Internal);
}

#[test]
fn what_cannot_be_opened_is_refused() {
    let place = place();
    symlink("config.toml", &place.file.path).unwrap();
    let error = place.file.load().unwrap_err().to_string();
    assert!(error.starts_with("config.toml cannot be read: "), "{error}");
    assert_eq!(place.file.edit(&days(3)).unwrap_err().code, ErrorCode::Internal);
}

#[test]
fn the_first_edit_begins_with_the_template_in_a_private_place() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("a/runaway-guard");
    let file = File::new(folder.join("config.toml"));
    let config = file.edit(&days(7)).unwrap();
    assert_eq!(config.general.retention_days.get(), 7);
    assert_eq!(fs::read_to_string(&file.path).unwrap(), TEMPLATE.replace("retention_days = 90", "retention_days = 7"));
    assert_eq!((mode(&folder), mode(&file.path)), (0o700, 0o600));
    assert_eq!(file.load().unwrap(), config);
}

#[test]
fn an_edit_that_changes_nothing_writes_nothing() {
    let place = with("[general]\nretention_days = 7\n");
    let before = fs::metadata(&place.file.path).unwrap();
    assert_eq!(place.file.edit(&days(7)).unwrap(), place.file.load().unwrap());
    assert_eq!(fs::metadata(&place.file.path).unwrap().ino(), before.ino());
    let missing = self::place();
    assert_eq!(missing.file.edit(&Map::new()).unwrap(), Config::default());
    assert!(names(missing.folder.path()).is_empty());
}

#[test]
fn an_edit_sees_the_file_as_it_is_now() {
    let place = with("[general]\nretention_days = 7\n");
    place.file.load().unwrap();
    fs::write(&place.file.path, "[general]\nkill_grace_seconds = 9\n").unwrap();
    let config = place.file.edit(&days(8)).unwrap();
    assert_eq!((config.general.kill_grace_seconds.get(), config.general.retention_days.get()), (9, 8));
}

/// Edits while an editor saves these, each right after the file was read: once to begin with it, and once to see that it is
/// still there.
fn edit_while_saved(place: &Place, saves: &[&str]) -> Result<Config, protocol::Error> {
    let mut saves = saves.iter();
    let read = || {
        let text = place.file.read();
        if let Some(saved) = saves.next() {
            fs::write(&place.file.path, saved).unwrap();
        }
        text
    };
    place.file.edit_what(read, &days(8))
}

#[test]
fn what_an_editor_saves_meanwhile_is_kept() {
    let place = with("[general]\nretention_days = 7\n");
    let config = edit_while_saved(&place, &["[general]\nkill_grace_seconds = 9\nretention_days = 7\n"]).unwrap();
    assert_eq!((config.general.kill_grace_seconds.get(), config.general.retention_days.get()), (9, 8));
    assert_eq!(place.file.load().unwrap(), config);
    fs::write(&place.file.path, "").unwrap();
    edit_while_saved(&place, &["retention_days ="]).unwrap_err();
    assert_eq!(fs::read_to_string(&place.file.path).unwrap(), "retention_days =");
    assert_eq!(names(place.folder.path()), ["config.toml"]);
}

#[test]
fn a_file_that_never_rests_is_not_edited() {
    let place = with("");
    let saves: Vec<_> = (0..2 * MOST_EDITS).map(|save| format!("# {save}\n")).collect();
    let error = edit_while_saved(&place, &saves.iter().map(String::as_str).collect::<Vec<_>>()).unwrap_err();
    let said = "config.toml cannot be written: another program keeps on writing it. Nothing was changed.";
    assert_eq!((error.code, error.message.as_str()), (ErrorCode::Internal, said));
    assert_eq!(fs::read_to_string(&place.file.path).unwrap(), saves[2 * MOST_EDITS - 1]);
    assert_eq!(names(place.folder.path()), ["config.toml"]);
}

#[test]
fn a_file_is_replaced_whole_and_keeps_its_mode() {
    let place = with("[general]\nretention_days = 7 # mine\n");
    fs::set_permissions(&place.file.path, Permissions::from_mode(0o640)).unwrap();
    let mut reader = fs::File::open(&place.file.path).unwrap();
    place.file.edit(&days(8)).unwrap();
    assert_eq!(fs::read_to_string(&place.file.path).unwrap(), "[general]\nretention_days = 8 # mine\n");
    assert_eq!(mode(&place.file.path), 0o640);
    let mut old = String::new();
    reader.read_to_string(&mut old).unwrap();
    assert_eq!(old, "[general]\nretention_days = 7 # mine\n", "one who reads it now sees the old file whole");
    assert_eq!(names(place.folder.path()), ["config.toml"]);
}

#[test]
fn a_link_stays_and_its_target_is_edited() {
    let place = place();
    let target = place.folder.path().join("dotfiles/guard.toml");
    fs::create_dir(target.parent().unwrap()).unwrap();
    fs::write(&target, "[general]\nretention_days = 7\n").unwrap();
    symlink("dotfiles/link.toml", &place.file.path).unwrap();
    symlink("guard.toml", target.with_file_name("link.toml")).unwrap();
    place.file.edit(&days(8)).unwrap();
    assert!(fs::symlink_metadata(&place.file.path).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&target).unwrap(), "[general]\nretention_days = 8\n");
    assert_eq!(names(target.parent().unwrap()), ["guard.toml", "link.toml"]);
}

#[test]
fn a_link_to_nothing_gets_its_target() {
    let place = place();
    symlink("dotfiles/guard.toml", &place.file.path).unwrap();
    assert_eq!(place.file.load().unwrap(), Config::default());
    place.file.edit(&days(8)).unwrap();
    assert!(fs::symlink_metadata(&place.file.path).unwrap().is_symlink());
    assert_eq!(place.file.load().unwrap().general.retention_days.get(), 8);
}

#[test]
fn a_broken_file_is_never_overwritten() {
    let text = "[general]\nretention_days = 7\nkill_grace_seconds = soon\n";
    let place = with(text);
    let error = place.file.edit(&days(8)).unwrap_err();
    let message = "config.toml, line 3, column 22: soon is not a value. Write a number, true, false, or text in quotes. \
        Nothing was changed.";
    assert_eq!(error, protocol::Error::new(ErrorCode::InvalidConfig, message));
    assert_eq!(fs::read_to_string(&place.file.path).unwrap(), text);
    assert_eq!(names(place.folder.path()), ["config.toml"]);
}

#[test]
fn a_refused_patch_leaves_the_file() {
    let place = with("[general]\nretention_days = 7\n");
    let error = place.file.edit(&days(0)).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidConfig);
    assert_eq!(error.message, "general.retention_days must be 1 to 36500, not 0. Nothing was changed.");
    assert_eq!(fs::read_to_string(&place.file.path).unwrap(), "[general]\nretention_days = 7\n");
}

#[test]
fn a_write_that_fails_says_so_and_leaves_nothing_behind() {
    let place = place();
    let file = File::new(place.folder.path().join("plain/config.toml"));
    symlink("/proc/self/config.toml", &place.file.path).unwrap();
    let error = place.file.edit(&days(8)).unwrap_err();
    assert_eq!(error.code, ErrorCode::Internal);
    assert!(error.message.starts_with("config.toml cannot be written: "), "{}", error.message);
    fs::write(place.folder.path().join("plain"), "").unwrap();
    assert_eq!(file.edit(&days(8)).unwrap_err().code, ErrorCode::Internal);
    assert_eq!(names(place.folder.path()), ["config.toml", "plain"]);
}

/// Nobody but root may read such a folder, so a thread of root's takes another user's place.
#[test]
fn an_edit_is_made_though_its_folder_cannot_be_put_onto_the_disk() {
    let place = with("[general]\nretention_days = 7\n");
    let owner = if nix::unistd::getuid().is_root() { nix::unistd::Uid::from_raw(65534) } else { nix::unistd::getuid() };
    for path in [place.folder.path(), &place.file.path] {
        std::os::unix::fs::chown(path, Some(owner.as_raw()), None).unwrap();
    }
    fs::set_permissions(place.folder.path(), Permissions::from_mode(0o300)).unwrap();
    let edited = std::thread::scope(|scope| {
        let edit = || {
            nix::unistd::setfsuid(owner);
            place.file.edit(&days(8))
        };
        scope.spawn(edit).join().unwrap()
    });
    fs::set_permissions(place.folder.path(), Permissions::from_mode(0o700)).unwrap();
    assert_eq!(fs::read_to_string(&place.file.path).unwrap(), "[general]\nretention_days = 8\n");
    assert_eq!(edited.map(|config| config.general.retention_days.get()), Ok(8));
}

#[test]
fn what_a_crash_left_behind_does_not_stand_in_the_way() {
    let place = with("");
    let left = place.folder.path().join(format!(".config.toml.{}.new", std::process::id()));
    fs::write(&left, "half").unwrap();
    place.file.edit(&days(8)).unwrap();
    assert_eq!(names(place.folder.path()), ["config.toml"]);
}
