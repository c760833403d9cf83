//! Desktop entries, as far as start at login needs them.
//!
//! Source: Desktop Entry Specification, "Basic format of the file", "Possible value types" and "The Exec key".

use crate::paths::APP_ID;

/// What starts the applet and never a window.
pub(super) const BACKGROUND: &str = "--background";

/// The keys of `[Desktop Entry]`, with their values as they are written.
#[derive(Debug)]
pub(super) struct Entry(Vec<(String, String)>);

impl Entry {
    /// Reads the group `[Desktop Entry]`; what is not understood is left out.
    pub(super) fn parse(text: &str) -> Self {
        let lines = text.lines().map(str::trim).skip_while(|line| *line != "[Desktop Entry]").skip(1);
        let keys = lines.take_while(|line| !line.starts_with('[')).filter_map(|line| line.split_once('='));
        Self(keys.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned())).collect())
    }

    /// Tells whether the entry says that nothing is to be started.
    pub(super) fn is_switched_off(&self) -> bool {
        self.raw("Hidden") == Some("true") || self.raw("X-GNOME-Autostart-enabled") == Some("false")
    }

    /// The program without which nothing is to be started.
    pub(super) fn try_exec(&self) -> Option<String> {
        self.raw("TryExec").map(unescape).filter(|program| !program.is_empty())
    }

    /// The program that is started; None where there is no command or its quotes do not match.
    pub(super) fn program(&self) -> Option<String> {
        self.command()?.into_iter().find(|word| word != "env")
    }

    /// The absolute path of the program that start at login was switched on for; None where somebody else wrote the entry, or
    /// changed what it starts.
    pub(super) fn written_for(&self) -> Option<String> {
        let command = self.command().filter(|_| !self.is_switched_off() && self.try_exec().is_none())?;
        let command = command.iter().map(String::as_str).skip_while(|word| *word == "env").collect::<Vec<_>>();
        match command[..] {
            [program, BACKGROUND] if program.starts_with('/') => Some(program.to_owned()),
            _ => None,
        }
    }

    fn command(&self) -> Option<Vec<String>> {
        split(&unescape(self.raw("Exec")?))
    }

    fn raw(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

/// Writes a program's path as the begin of an Exec line.
///
/// `GLib` looks for the program before it has understood `%%`: one with `%` in its path it only starts through env.
pub(super) fn program(path: &str) -> String {
    let through = if path.contains('%') { "env " } else { "" };
    format!("{through}{}", quote(path))
}

/// Quotes an argument, defuses its field codes, and then escapes it as every string of an entry.
fn quote(program: &str) -> String {
    let mut quoted = String::from("\"");
    for character in program.chars() {
        match character {
            '"' | '`' | '$' | '\\' => quoted.extend(['\\', character]),
            '%' => quoted.push_str("%%"),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t").replace('\r', "\\r")
}

/// Gives auto-launch's entry the application's name and icon.
pub(super) fn mend(text: &str) -> String {
    let mut mended = String::new();
    for line in text.lines() {
        match line.split_once('=').map_or("", |(key, _)| key) {
            "Name" => mended.push_str("Name=RunawayGuard"),
            "Comment" => mended.push_str("Comment=Notices the process that has run away"),
            _ => mended.push_str(line),
        }
        mended.push('\n');
    }
    mended + "Icon=" + APP_ID + "\n"
}

fn unescape(value: &str) -> String {
    let mut plain = String::new();
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            Some('s') => plain.push(' '),
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some('r') => plain.push('\r'),
            Some('\\') => plain.push('\\'),
            other => plain.extend(['\\'].into_iter().chain(other)),
        }
    }
    plain
}

fn split(exec: &str) -> Option<Vec<String>> {
    let mut arguments = Vec::new();
    let mut current: Option<String> = None;
    let mut quoted = false;
    let mut characters = exec.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => {
                quoted = !quoted;
                current.get_or_insert_default();
            }
            '\\' => current.get_or_insert_default().push(characters.next()?),
            ' ' | '\t' | '\n' if !quoted => arguments.extend(current.take()),
            '%' => current.get_or_insert_default().push_str(if characters.next()? == '%' { "%" } else { "" }),
            _ => current.get_or_insert_default().push(character),
        }
    }
    arguments.extend(current);
    (!quoted).then_some(arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_as_the_specification_asks() {
        assert_eq!(quote("/usr/bin/runaway-guard"), r#""/usr/bin/runaway-guard""#);
        assert_eq!(quote("/a b/100%"), r#""/a b/100%%""#);
        assert_eq!(quote(r#"/q"uo`te$\x"#), r#""/q\\"uo\\`te\\$\\\\x""#);
        assert_eq!(quote("/new\nline"), r#""/new\nline""#);
    }

    proptest::proptest! {
        #[test]
        fn a_quoted_path_is_read_back_as_it_was(path in "/[^\\x00]{1,40}") {
            let entry = Entry::parse(&format!("[Desktop Entry]\nExec={} --background\n", program(&path)));
            proptest::prop_assert_eq!(entry.command().and_then(|words| words.last().cloned()), Some("--background".into()));
            proptest::prop_assert_eq!(entry.program(), Some(path));
        }

        #[test]
        fn no_entry_panics(text in "(\\[Desktop Entry\\]\nExec=)?[%\"\\\\ =a\n]{0,40}") {
            let entry = Entry::parse(&text);
            let _ = (entry.command(), entry.try_exec(), entry.is_switched_off());
        }
    }

    #[test]
    fn commands_of_others_are_understood() {
        let command = |exec: &str| {
            Entry::parse(&format!("# x\n[Desktop Entry]\nExec = {exec}\n[Other]\nHidden=true\n")).command()
        };
        let of = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(command("runaway-guard --background"), of(&["runaway-guard", "--background"]));
        assert_eq!(command(r"/opt/with\\ space/x  %U"), of(&["/opt/with space/x", ""]));
        assert_eq!(command(r#""unfinished"#), None);
        assert_eq!(command("ends with %"), None);
        assert_eq!(Entry::parse("").command(), None);
    }

    #[test]
    fn the_entry_gets_the_name_and_icon_of_the_application() {
        let written =
            "[Desktop Entry]\nType=Application\nName=/x/y\nComment=/x/y startup script\nExec=\"/p\" -b\nTerminal=false";
        let expected = "[Desktop Entry]\nType=Application\nName=RunawayGuard\n\
            Comment=Notices the process that has run away\nExec=\"/p\" -b\nTerminal=false\n\
            Icon=io.github.runawayguard.applet\n";
        assert_eq!(mend(written), expected);
    }
}
