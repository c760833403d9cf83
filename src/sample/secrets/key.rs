//! Tells by a name whether its value is a secret, and where that value ends.

/// Names that are a secret with whatever stands before them: `PGPASSWORD`, `clientSecret`.
const ENDINGS: [&str; 6] = ["password", "passwd", "passphrase", "secret", "token", "apikey"];

/// Words that are a secret as the whole last word of a name: `db-pass`, `MYSQL_PWD`.
const LAST_WORDS: [&str; 8] =
    ["pass", "pwd", "storepass", "keypass", "credential", "credentials", "authorization", "cookie"];

/// Words before `key` that make a secret of it: `X-Api-Key`, `AWS_SECRET_ACCESS_KEY`.
const KINDS_OF_KEY: [&str; 7] = ["api", "access", "secret", "auth", "encryption", "signing", "account"];

/// Names whose value goes on after a space: `Authorization: Bearer …`.
const HEADERS: [&str; 2] = ["authorization", "cookie"];

/// Tells whether a name is one of a secret: `--db-password`, `GITHUB_TOKEN`, `apiKey`.
pub(super) fn is_secret(name: &str) -> bool {
    let words = words(name);
    let Some(last) = words.last().map(String::as_str) else { return false };
    let before = words.len().checked_sub(2).and_then(|index| words.get(index)).map_or("", String::as_str);
    match last {
        "key" => KINDS_OF_KEY.contains(&before),
        _ if words.first().is_some_and(|first| first == "no") => false,
        _ => LAST_WORDS.contains(&last) || ENDINGS.iter().any(|ending| last.ends_with(ending)),
    }
}

/// Tells whether the whole argument is an option whose value is the next argument.
pub(super) fn is_secret_option(argument: &str) -> bool {
    let named = |name: &str| is_secret(name) && name.bytes().all(is_name);
    match argument.strip_prefix("--") {
        Some(name) => named(name),
        // With one dash, short words are other options: ffmpeg's `-pass 1`.
        None => argument.strip_prefix('-').is_some_and(|name| name.len() > "-pass".len() && named(name)),
    }
}

/// How much of `--password=secret` may be kept, where the argument begins with the name: the secret is all the rest.
pub(super) fn kept_of_assignment(argument: &str) -> Option<usize> {
    let at = argument.find('=')?;
    let name = argument[..at].trim_start_matches('-');
    let value = &argument[at + 1..];
    let whole = !name.is_empty() && name.bytes().all(is_name) && is_secret(name);
    (whole && !is_harmless(name, value)).then_some(at + 1)
}

/// The name that ends before the sign at this place; a quote may stand between.
pub(super) fn before(text: &str, at: usize) -> &str {
    let text = text[..at].trim_end_matches(['"', '\'']);
    let name = text.bytes().rev().take_while(|byte| is_name(*byte)).count();
    &text[text.len() - name..]
}

/// Where the value begins and ends that follows the sign at this place; None where there is none to hide.
pub(super) fn value_after(text: &str, at: usize) -> Option<(usize, usize)> {
    let name = before(text, at);
    let colon = text.as_bytes().get(at) == Some(&b':');
    let rest = &text[at + 1..];
    let spaces = if colon { rest.len() - rest.trim_start_matches(' ').len() } else { 0 };
    let quote = rest[spaces..].chars().next().filter(|c| matches!(c, '"' | '\''));
    let begin = at + 1 + spaces + quote.map_or(0, char::len_utf8);
    let value = &text[begin..];
    if value.is_empty() || is_harmless(name, value) || (colon && value.starts_with([':', '/'])) {
        return None;
    }
    let header = colon && words(name).last().is_some_and(|last| HEADERS.contains(&last.as_str()));
    let ends = |c: char| match quote {
        Some(quote) => c == quote,
        None if header => matches!(c, '"' | '\''),
        None => c.is_whitespace() || matches!(c, '"' | '\'' | '&' | ';' | ',' | '}' | ')'),
    };
    let end = value.find(ends).map_or(text.len(), |end| begin + end);
    let begin = if header { begin + scheme(&text[begin..end]) } else { begin };
    (begin < end).then_some((begin, end))
}

/// The length of `Bearer ` and its like, which may be kept.
fn scheme(value: &str) -> usize {
    value.find(' ').map_or(0, |space| space + 1).min(value.len())
}

/// An empty value hides nothing; `PWD` is the shell's working folder.
fn is_harmless(name: &str, value: &str) -> bool {
    value.is_empty() || (name.eq_ignore_ascii_case("pwd") && value.starts_with('/'))
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// Divides `AWS_SECRET_KEY`, `db-password`, `spring.datasource.password` and `trustStorePassword` into lower-case words.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_small = false;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() || (after_small && c.is_ascii_uppercase()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_ascii_alphanumeric()) {
            word.push(c.to_ascii_lowercase());
        }
        after_small = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}
