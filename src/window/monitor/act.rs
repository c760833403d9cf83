//! What can be done about a process: from the menu, by a key, from the details.

use super::form::{self, Form};
use super::{Effects, Message, Monitor, Outcome, Overlay, Selected, processes};
use crate::figures::harmless;
use crate::protocol::request::{AddWhitelist, KillProcess, SignalName};
use crate::protocol::{MatchType, Process, Request};
use crate::window::Scene;
use crate::window::ask::{Ask, Effect};
use crate::window::widget::menu::{Entry, destructive, entry};
use iced::keyboard::{Key, Modifiers, key::Named};

/// Something to do about a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Ask it to end.
    Terminate,
    /// End it.
    Kill,
    /// Stop it until it is continued.
    Pause,
    /// Let it go on.
    Continue,
    /// Say why it is told of, or is not, or hide that again.
    Explain,
    /// Never alert about its name.
    AllowName,
    /// Never alert about its command line.
    AllowCommandLine,
    /// Never alert about what a regex finds, which is edited first.
    AllowRegex,
    /// Copy it as a line.
    Copy,
    /// Copy its pid.
    CopyPid,
    /// Copy its command line.
    CopyCommandLine,
}

impl Act {
    const ALL: [Self; 11] = [
        Self::Terminate,
        Self::Kill,
        Self::Pause,
        Self::Continue,
        Self::Explain,
        Self::AllowName,
        Self::AllowCommandLine,
        Self::AllowRegex,
        Self::Copy,
        Self::CopyPid,
        Self::CopyCommandLine,
    ];

    /// Understands a key. Letters need Ctrl.
    pub(super) fn of_key(key: &Key, modifiers: Modifiers) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.shortcut().is_pressed(key, modifiers))
    }

    fn shortcut(self) -> Shortcut {
        match self {
            Self::Terminate => Shortcut("Del"),
            Self::Kill => Shortcut("Shift+Del"),
            Self::Pause => Shortcut("Ctrl+S"),
            Self::Continue => Shortcut("Ctrl+R"),
            Self::Explain => Shortcut("Ctrl+I"),
            Self::AllowName => Shortcut("Ctrl+L"),
            Self::AllowCommandLine => Shortcut("Ctrl+Shift+L"),
            Self::AllowRegex => Shortcut("Ctrl+E"),
            Self::Copy => Shortcut("Ctrl+C"),
            Self::CopyPid => Shortcut("Ctrl+Shift+P"),
            Self::CopyCommandLine => Shortcut("Ctrl+Shift+C"),
        }
    }

    fn label(self, process: &Process) -> String {
        match self {
            Self::Terminate => "Terminate …".to_owned(),
            Self::Kill => "Kill …".to_owned(),
            Self::Pause => "Pause".to_owned(),
            Self::Continue => "Continue".to_owned(),
            Self::Explain => "Explain".to_owned(),
            Self::AllowName => format!("Whitelist “{}”", shortened(&process.name)),
            Self::AllowCommandLine => "Whitelist the command line".to_owned(),
            Self::AllowRegex => "Whitelist by a regex …".to_owned(),
            Self::Copy => "Copy".to_owned(),
            Self::CopyPid => "Copy the PID".to_owned(),
            Self::CopyCommandLine => "Copy the command line".to_owned(),
        }
    }

    /// Tells whether it can be done about a process now.
    pub(super) fn is_possible(self, process: &Process, has_ended: bool) -> bool {
        match self {
            Self::Terminate | Self::Kill => !has_ended,
            Self::Pause => !has_ended && !process.state.is_stopped(),
            Self::Continue => !has_ended && process.state.is_stopped(),
            Self::AllowCommandLine | Self::CopyCommandLine => !process.cmdline.is_empty(),
            Self::Explain | Self::AllowName | Self::AllowRegex | Self::Copy | Self::CopyPid => true,
        }
    }

    /// Tells whether it is asked once more before it is done.
    pub(super) fn is_destructive(self) -> bool {
        matches!(self, Self::Terminate | Self::Kill)
    }

    /// Gives the words of that question: what is asked, what it means, what the button says.
    pub(super) fn question(self, process: &Process) -> (String, String, &'static str) {
        let who = who(process);
        let part = super::rows::application(process)
            .map_or_else(String::new, |application| format!("It belongs to {}. ", harmless(application)));
        if self == Self::Kill {
            let meant = "It ends at once (SIGKILL), and loses what it has not saved.";
            (format!("Kill {who}?"), format!("{part}{meant}"), "Kill")
        } else {
            let meant = "It is asked to end (SIGTERM), and may save its work before.";
            (format!("Terminate {who}?"), format!("{part}{meant}"), "Terminate")
        }
    }

    /// Gives what the applet is asked; None for what the window does itself.
    pub(super) fn request(self, process: &Process) -> Option<Request> {
        let allow = |pattern: &String, match_type| {
            Some(Request::AddWhitelist(AddWhitelist { pattern: pattern.clone(), match_type, reason: None }))
        };
        match self {
            Self::Terminate => Some(signal(process, "SIGTERM")),
            Self::Kill => Some(signal(process, "SIGKILL")),
            Self::Pause => Some(signal(process, "SIGSTOP")),
            Self::Continue => Some(signal(process, "SIGCONT")),
            Self::AllowName => allow(&process.name, MatchType::Name),
            Self::AllowCommandLine => allow(&process.cmdline, MatchType::Cmdline),
            Self::Explain | Self::AllowRegex | Self::Copy | Self::CopyPid | Self::CopyCommandLine => None,
        }
    }

    /// Gives what is copied.
    pub(super) fn copied(self, process: &Process) -> Option<String> {
        match self {
            Self::Copy => Some(format!("{}\t{}\t{}", process.pid, harmless(&process.name), harmless(&process.cmdline))),
            Self::CopyPid => Some(process.pid.to_string()),
            Self::CopyCommandLine => Some(process.cmdline.clone()),
            Self::Terminate
            | Self::Kill
            | Self::Pause
            | Self::Continue
            | Self::Explain
            | Self::AllowName
            | Self::AllowCommandLine
            | Self::AllowRegex => None,
        }
    }

    /// Says what is being done, until it is known what came of it.
    pub(super) fn begun(self, process: &Process) -> String {
        let who = who(process);
        match self {
            Self::Terminate => format!("Asking {who} to end …"),
            Self::Kill => format!("Killing {who} …"),
            Self::Pause => format!("Pausing {who} …"),
            Self::Continue => format!("Continuing {who} …"),
            Self::Explain => String::new(),
            Self::AllowName | Self::AllowCommandLine | Self::AllowRegex => "Adding to the whitelist …".to_owned(),
            Self::Copy | Self::CopyPid | Self::CopyCommandLine => self.done(process),
        }
    }

    /// Says what was done.
    pub(super) fn done(self, process: &Process) -> String {
        let who = who(process);
        match self {
            Self::Terminate => format!("{who} was asked to end."),
            Self::Kill => format!("{who} was killed."),
            Self::Pause => format!("{who} is paused."),
            Self::Continue => format!("{who} goes on."),
            Self::Explain => String::new(),
            Self::AllowName => format!("The whitelist has “{}” now.", shortened(&process.name)),
            Self::AllowCommandLine => "The whitelist has this command line now.".to_owned(),
            Self::AllowRegex => "The whitelist has this regex now.".to_owned(),
            Self::Copy => "Copied as a line.".to_owned(),
            Self::CopyPid => "The PID was copied.".to_owned(),
            Self::CopyCommandLine => "The command line was copied.".to_owned(),
        }
    }
}

impl Monitor {
    pub(super) fn act(&mut self, act: Act, scene: &Scene) -> Effects {
        let possible = |selected: &&Selected| act.is_possible(&selected.process, selected.has_ended);
        let Some(selected) = self.selected.as_ref().filter(possible) else { return Vec::new() };
        let process = selected.process.clone();
        if act.is_destructive() {
            self.overlay = Some(Overlay::Question(act, Box::new(process)));
            return Vec::new();
        }
        if act == Act::AllowRegex {
            self.overlay = Some(Overlay::Form(Form::new(&process.name, processes(scene))));
            return vec![Effect::Do(iced::widget::operation::focus(form::FIELD))];
        }
        if act == Act::Explain {
            return self.show_explanation(scene);
        }
        self.carry_out(act, process)
    }

    pub(super) fn carry_out(&mut self, act: Act, process: Process) -> Effects {
        if let Some(text) = act.copied(&process) {
            self.begin(act, process);
            return vec![Effect::Do(iced::clipboard::write(text))];
        }
        let request = act.request(&process);
        request.map_or_else(Vec::new, |request| self.ask(act, process, request))
    }

    pub(super) fn ask(&mut self, act: Act, process: Process, request: Request) -> Effects {
        let number = self.begin(act, process);
        vec![Ask::new(request, move |answer| Message::Came(number, answer)).into()]
    }

    fn begin(&mut self, act: Act, process: Process) -> u64 {
        self.actions += 1;
        self.outcome = Some(Outcome::new(self.actions, act, process));
        self.actions
    }
}

/// Names a process with its pid.
pub(super) fn who(process: &Process) -> String {
    format!("{} ({})", shortened(&process.name), process.pid)
}

/// A name may be as long as it likes; a sentence may not.
fn shortened(name: &str) -> String {
    let name = harmless(name);
    if name.chars().count() <= 32 { name } else { name.chars().take(31).chain(['…']).collect() }
}

/// The menu of a process.
pub(super) fn entries(process: &Process, has_ended: bool) -> Vec<Entry<Act>> {
    let of = |act: Act| {
        let action = act.is_possible(process, has_ended).then_some(act);
        let make = if act.is_destructive() { destructive } else { entry };
        make(act.label(process), act.shortcut().0, action)
    };
    let groups: [&[Act]; 4] = [
        &[Act::Terminate, Act::Kill],
        &[Act::Pause, Act::Continue],
        &[Act::Explain, Act::AllowName, Act::AllowCommandLine, Act::AllowRegex],
        &[Act::Copy, Act::CopyPid, Act::CopyCommandLine],
    ];
    let mut entries: Vec<Entry<Act>> = Vec::new();
    for group in groups {
        if !entries.is_empty() {
            entries.push(Entry::Line);
        }
        entries.extend(group.iter().copied().map(of));
    }
    entries
}

fn signal(process: &Process, name: &str) -> Request {
    Request::KillProcess(KillProcess {
        pid: process.pid.into(),
        signal: SignalName::Name(name.to_owned()),
        start_time: Some(process.start_time),
        ask: matches!(name, "SIGTERM" | "SIGKILL"),
    })
}

/// A key as people write it: `Shift+Del`, or a letter with Ctrl.
#[derive(Clone, Copy)]
struct Shortcut(&'static str);

impl Shortcut {
    fn is_pressed(self, key: &Key, modifiers: Modifiers) -> bool {
        let held = [("Ctrl+", Modifiers::CTRL), ("Shift+", Modifiers::SHIFT)];
        let held = held.into_iter().filter(|(name, _)| self.0.contains(name));
        let last = self.0.rsplit('+').next().unwrap_or_default();
        let is_key = match key {
            Key::Named(Named::Delete) => last == "Del",
            Key::Character(pressed) => pressed.eq_ignore_ascii_case(last),
            Key::Named(_) | Key::Unidentified => false,
        };
        is_key && modifiers == held.map(|(_, modifier)| modifier).collect()
    }
}
