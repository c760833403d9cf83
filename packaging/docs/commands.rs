//! The command line: its manual page and its completions.

use super::{begin, block, heading, joined, see_also, term, verbatim};
use clap::builder::PossibleValue;
use clap::{Arg, Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};
use runaway_guard::cli::Arguments;

const FILES: [(&str, &str); 6] = [
    ("~/.config/runaway-guard/config.toml", "the settings, see runaway-guard-config(5)"),
    ("~/.local/share/runaway-guard/history.db", "alerts and whitelist"),
    ("$XDG_RUNTIME_DIR/runaway-guard.sock", "the socket, see runaway-guard-socket(7)"),
    ("/usr/lib/systemd/user/runaway-guard.service", "what starts it at login where systemd runs the desktop"),
    ("/usr/libexec/runaway-guard-kill", "what polkit runs as root to end a process of another user"),
    (
        "/usr/share/polkit-1/actions/io.github.runawayguard.applet.policy",
        "who is asked for that, see polkit(8); rules in /etc/polkit-1/rules.d have the last word",
    ),
];

/// The page of section 1.
pub(super) fn page() -> String {
    let command = shown();
    let mut page = begin("runaway-guard", "1", "notice the process that has run away");
    heading(&mut page, "SYNOPSIS");
    page.text([bold("runaway-guard"), roman(" ["), italic("OPTIONS"), roman("] ["), italic("COMMAND"), roman("]")]);
    heading(&mut page, "DESCRIPTION");
    page.text([roman(help(command.get_about()))]);
    heading(&mut page, "OPTIONS");
    arguments(&mut page, command.get_arguments());
    heading(&mut page, "COMMANDS");
    subcommands(&mut page, &command);
    for part in help(command.get_after_help()).split("\n\n") {
        let (title, lines) = part.split_once(":\n").unwrap_or_default();
        heading(&mut page, &title.to_uppercase());
        block(&mut page, lines);
    }
    heading(&mut page, "FILES");
    for (path, what) in FILES {
        term(&mut page, vec![italic(path)], vec![roman(what)]);
    }
    see_also(&mut page, &["runaway-guard-config(5)", "runaway-guard-socket(7)"]);
    page.to_roff()
}

/// The completion for a shell.
pub(super) fn completion(shell: Shell) -> String {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut shown(), "runaway-guard", &mut text);
    // clap_complete 4.6 calls a program with a hyphen by two names in bash, and then finds nothing below its commands.
    String::from_utf8_lossy(&text).replace("runaway__subcmd__guard", "runaway__guard")
}

/// The command without what is hidden, which completions would show.
fn shown() -> Command {
    let whole = Arguments::command();
    let mut command = Command::new("runaway-guard")
        .version(env!("CARGO_PKG_VERSION"))
        .about(whole.get_about().cloned().unwrap_or_default())
        .after_help(whole.get_after_help().cloned().unwrap_or_default())
        .args(whole.get_arguments().cloned())
        .subcommands(whole.get_subcommands().filter(|command| !command.is_hide_set()).cloned());
    command.build();
    command
}

fn subcommands(page: &mut Roff, command: &Command) {
    for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
        if command.has_subcommands() {
            subcommands(page, command);
        } else {
            subcommand(page, command);
        }
        let said = help(command.get_after_help());
        if !said.is_empty() {
            verbatim(page, &said);
        }
    }
}

fn subcommand(page: &mut Roff, command: &Command) {
    let usage = command.clone().render_usage().to_string();
    page.control("SS", [usage.trim_start_matches("Usage: ")]);
    page.text([roman(help(command.get_about()))]);
    // What goes with every command is told once, at the top.
    arguments(page, command.get_arguments().filter(|arg| !arg.is_global_set()));
}

fn arguments<'a>(page: &mut Roff, arguments: impl Iterator<Item = &'a Arg>) {
    for arg in arguments.filter(|arg| !arg.is_hide_set() && arg.get_id() != "help") {
        term(page, name(arg), vec![roman(text(arg))]);
    }
}

fn name(arg: &Arg) -> Vec<Inline> {
    let short = arg.get_short().map(|short| format!("-{short}"));
    let long = arg.get_long().map(|long| format!("--{long}"));
    let mut name = vec![bold(joined(short.into_iter().chain(long), ", "))];
    if arg.get_action().takes_values() {
        let values = joined(arg.get_value_names().unwrap_or_default(), " ");
        let space = if arg.is_positional() { "" } else { " " };
        name.extend([roman(space), italic(values)]);
    }
    name
}

fn text(arg: &Arg) -> String {
    let mut words = vec![help(arg.get_help())];
    if arg.get_action().takes_values() {
        let possible = arg.get_possible_values();
        let names = joined(possible.iter().map(PossibleValue::get_name), ", ");
        let default = joined(arg.get_default_values().iter().map(|value| value.display()), ", ");
        words.extend(Some(names).filter(|names| !names.is_empty()).map(|names| format!("[{names}]")));
        words.extend(Some(default).filter(|value| !value.is_empty()).map(|value| format!("(by default {value})")));
    }
    words.join(" ")
}

fn help(text: Option<&clap::builder::StyledStr>) -> String {
    text.map(ToString::to_string).unwrap_or_default().replace('`', "")
}
