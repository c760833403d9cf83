//! Masks secrets in command lines, before they are kept, shown or sent.
//!
//! What is masked: the value of an option, variable, header or parameter whose name ends with a word for a secret, the
//! password in a URL, and the few short options that are known to take one.

mod key;
mod program;

use program::Program;

/// What stands in place of a secret.
const MASK: &str = "***";

/// The longest command line that is kept, in bytes.
pub const LONGEST: usize = 4096;

/// Joins the arguments of a command line by spaces, with `***` for every secret, cut with `…` at [`LONGEST`] bytes.
#[must_use]
pub fn mask(arguments: &[&[u8]]) -> String {
    let mut words = Words::default();
    let mut line = String::new();
    for (index, argument) in arguments.iter().enumerate() {
        line.push_str(if index > 0 { " " } else { "" });
        line.push_str(&words.mask(&String::from_utf8_lossy(argument)));
        if line.len() > LONGEST {
            break;
        }
    }
    cut(line)
}

fn cut(mut line: String) -> String {
    const SIGN: char = '…';
    if line.len() > LONGEST {
        line.truncate(line.floor_char_boundary(LONGEST - SIGN.len_utf8()));
        line.push(SIGN);
    }
    line
}

/// What is known while the arguments of a command, or the words of a text, go by.
#[derive(Debug, Default)]
struct Words {
    program: Program,
    follows: Follows,
    inside_command: bool,
}

/// What the next word is, going by the last one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Follows {
    #[default]
    Anything,
    Secret,
    /// `user:SECRET`.
    UserAndSecret,
}

impl Words {
    fn mask(&mut self, word: &str) -> String {
        if let Some(kept) = self.kept_of_value(word) {
            return format!("{}{MASK}", &word[..kept]);
        }
        self.look_at(word);
        if let Some(kept) = self.program.kept_of_attached(word).or_else(|| key::kept_of_assignment(word)) {
            return format!("{}{MASK}", &word[..kept]);
        }
        let masked = mask_urls(&mask_assignments(word));
        if masked.contains(char::is_whitespace) { mask_text(&masked) } else { masked }
    }

    /// How much may be kept of a word that is the value of the one before it.
    fn kept_of_value(&mut self, word: &str) -> Option<usize> {
        match std::mem::take(&mut self.follows) {
            Follows::Anything => None,
            // `--secret id=…` of docker names a secret and does not hold one.
            Follows::Secret => (!word.starts_with('-') && !word.starts_with("id=")).then_some(0),
            Follows::UserAndSecret => word.find(':').map(|colon| colon + 1),
        }
    }

    fn look_at(&mut self, word: &str) {
        if !self.inside_command {
            self.program = Program::of(word);
        }
        let ends_command = word.ends_with([';', '|', '&']);
        self.inside_command = !(ends_command || matches!(word, "sudo" | "env" | "exec" | "nohup" | "nice" | "time"));
        self.follows = if key::is_secret_option(word) { Follows::Secret } else { self.program.follows(word) };
    }
}

/// Masks the words of a text that holds a command line of its own, as of `sh -c`.
fn mask_text(text: &str) -> String {
    let mut words = Words::default();
    let mut masked = String::with_capacity(text.len());
    for piece in text.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        if !word.is_empty() {
            masked.push_str(&words.mask(word));
        }
        masked.push_str(&piece[word.len()..]);
    }
    masked
}

/// Masks `name=value` and `name: value` anywhere in a text: `sh -c` scripts, headers, JSON, connection strings.
fn mask_assignments(text: &str) -> String {
    let mut masked = String::new();
    let mut kept = 0;
    for (at, _) in text.match_indices(['=', ':']) {
        if at < kept || !key::is_secret(key::before(text, at)) {
            continue;
        }
        if let Some((begin, end)) = key::value_after(text, at) {
            masked.push_str(&text[kept..begin]);
            masked.push_str(MASK);
            kept = end;
        }
    }
    masked + &text[kept..]
}

/// Masks the password in `scheme://user:password@host`, and a long user name alone, which is a token.
///
/// Source: RFC 3986, 3.2.1.
fn mask_urls(text: &str) -> String {
    const TOKEN: usize = 20;
    let mut masked = String::new();
    let mut kept = 0;
    for (at, sign) in text.match_indices("://") {
        let begin = at + sign.len();
        if begin < kept {
            continue;
        }
        let Some(user) = user_of(&text[begin..]) else { continue };
        let secret = user.find(':').map(|colon| colon + 1).or_else(|| (user.len() >= TOKEN).then_some(0));
        if let Some(secret) = secret.filter(|secret| *secret < user.len()) {
            masked.push_str(&text[kept..begin + secret]);
            masked.push_str(MASK);
            kept = begin + user.len();
        }
    }
    masked + &text[kept..]
}

/// The user and password of what follows `://`.
fn user_of(rest: &str) -> Option<&str> {
    let word = rest.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).next()?;
    let authority = word.split(['/', '?', '#']).next()?;
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let no_port = authority.split_once(':').is_some_and(|(_, port)| !is_port(port));
    // A password that its writer did not escape may hold a slash.
    let searched = if no_port && !authority.contains('@') { word } else { authority };
    searched.rsplit_once('@').map(|(user, _host)| user)
}

#[cfg(test)]
mod tests;
