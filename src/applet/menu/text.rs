//! Names of processes are anybody's text: these make them fit for one line of a menu.

/// How many characters a line of the menu has at most.
const WIDTH: usize = 64;

/// How many lines one problem has at most.
const LINES: usize = 4;

/// Puts `number` before the noun that fits it.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Takes the middle out of a long line: its start names the process, its end has the figures.
pub(super) fn shortened(line: &str) -> String {
    let line: Vec<char> = line.chars().map(visible).collect();
    if line.len() <= WIDTH {
        return line.into_iter().collect();
    }
    let tail = line.len() - WIDTH / 2;
    line[..WIDTH - WIDTH / 2 - 1].iter().chain(&['…']).chain(&line[tail..]).collect()
}

/// Breaks a sentence into lines between its words.
pub(super) fn lines(sentence: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in sentence.split_whitespace().map(shortened) {
        let full = lines.len() == LINES;
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(&word);
            }
            Some(line) if full => {
                line.push_str(" …");
                break;
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// Replaces what a host may take for markup by characters that look alike: some hosts parse the title of a tooltip,
/// some do not even parse its body, so that escaping would show in one of them.
pub(super) fn without_markup(text: &str) -> String {
    let plain = |c| match c {
        '<' => '‹',
        '>' => '›',
        '&' => '+',
        '\n' => '\n',
        other => visible(other),
    };
    text.chars().map(plain).collect()
}

/// Shows a control character, or one that turns the direction of text, as what it is: something strange.
fn visible(c: char) -> char {
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if c.is_control() || turns { '\u{fffd}' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_keeps_its_start_and_its_end() {
        let name = "n".repeat(200);
        let line = shortened(&format!("start-{name} is using 1.4 cores"));
        assert_eq!(line.chars().count(), WIDTH);
        assert!(line.starts_with("start-nnnn") && line.ends_with("nn is using 1.4 cores"), "{line}");
        assert_eq!(shortened(&"é".repeat(WIDTH)), "é".repeat(WIDTH));
    }

    #[test]
    fn hostile_characters_are_replaced() {
        assert_eq!(shortened("a\nb\u{1b}[31m\u{202e}c"), "a\u{fffd}b\u{fffd}[31m\u{fffd}c");
        assert_eq!(without_markup("<b>R&D</b>\nx\t"), "‹b›R+D‹/b›\nx\u{fffd}");
    }

    #[test]
    fn a_sentence_is_broken_between_words() {
        let sentence = "config.toml, line 14: threshold_percent must be 1 to 6400, not \"ninety\". The settings from \
                        before stay in force.";
        assert_eq!(
            lines(sentence),
            [
                "config.toml, line 14: threshold_percent must be 1 to 6400, not",
                "\"ninety\". The settings from before stay in force."
            ]
        );
        let endless = lines(&"word ".repeat(500));
        assert_eq!(endless.len(), LINES);
        assert!(endless[LINES - 1].ends_with("word …"));
        assert!(lines("").is_empty());
    }
}
