//! The item as ksni serves it on the bus.

use super::Shown;
use super::keeper::Host;
use crate::applet::icons::Icon;
use crate::applet::{Event, menu};
use crate::paths::APP_ID;
use crate::protocol::Severity;
use ksni::menu::{CheckmarkItem, StandardItem, SubMenu};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::{mpsc, watch};

/// The item: what it shows, and where its clicks go.
pub(super) struct Item {
    events: mpsc::Sender<Event>,
    host: watch::Sender<Host>,
    /// Whether the icons may be named, since a theme has them.
    named: bool,
    shown: Arc<Shown>,
    menu: Vec<menu::Item>,
    pixmaps: Vec<ksni::Icon>,
    /// How often the meaning of the menu's numbers changed, see [`Item::show`].
    generation: usize,
}

impl Item {
    pub(super) fn new(shown: Arc<Shown>, named: bool, events: mpsc::Sender<Event>, host: watch::Sender<Host>) -> Self {
        let (menu, pixmaps) = (shown.face.menu.clone(), pixmaps(shown.face.icon));
        Self { events, host, named, shown, menu, pixmaps, generation: 0 }
    }

    /// Shows this from now on.
    ///
    /// A host clicks by number, and ksni keeps the numbers while the menu keeps its shape: a click on one alert's Kill
    /// that was under way would reach another's. So whenever any number would come to mean something else, the shape
    /// is changed out of sight, and ksni refuses the old numbers: see [`generation_mark`].
    pub(super) fn show(&mut self, shown: Arc<Shown>) {
        if meanings(&self.menu) != meanings(&shown.face.menu) {
            self.generation += 1;
        }
        if self.shown.face.icon != shown.face.icon {
            self.pixmaps = pixmaps(shown.face.icon);
        }
        self.menu.clone_from(&shown.face.menu);
        self.shown = shown;
    }

    fn name(&self, icon: Icon) -> String {
        if self.named { icon.name().into() } else { String::new() }
    }

    fn send(&self, event: Event) {
        if let Err(error) = self.events.try_send(event) {
            tracing::warn!("a click in the tray was lost: {error}");
        }
    }

    fn entry(&self, item: &menu::Item) -> ksni::MenuItem<Self> {
        match item {
            menu::Item::Label(label) => {
                StandardItem { label: escaped(label), enabled: false, ..Default::default() }.into()
            }
            menu::Item::Action { label, enabled, command } => StandardItem {
                label: escaped(label),
                enabled: *enabled,
                activate: click(command, *enabled),
                ..Default::default()
            }
            .into(),
            menu::Item::Submenu { label, severity, items } => SubMenu {
                label: escaped(label),
                icon_name: severity.map(|severity| self.name(icon(severity))).unwrap_or_default(),
                submenu: items.iter().map(|item| self.entry(item)).collect(),
                ..Default::default()
            }
            .into(),
            menu::Item::Check { label, checked, command } => CheckmarkItem {
                label: escaped(label),
                checked: *checked,
                activate: click(command, true),
                ..Default::default()
            }
            .into(),
            menu::Item::Separator => ksni::MenuItem::Separator,
        }
    }
}

impl ksni::Tray for Item {
    fn id(&self) -> String {
        APP_ID.into()
    }

    fn category(&self) -> ksni::Category {
        ksni::Category::SystemServices
    }

    fn title(&self) -> String {
        "RunawayGuard".into()
    }

    fn status(&self) -> ksni::Status {
        if self.shown.face.needs_attention { ksni::Status::NeedsAttention } else { ksni::Status::Active }
    }

    fn icon_name(&self) -> String {
        self.name(self.shown.face.icon)
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        self.pixmaps.clone()
    }

    fn attention_icon_name(&self) -> String {
        self.icon_name()
    }

    fn attention_icon_pixmap(&self) -> Vec<ksni::Icon> {
        self.icon_pixmap()
    }

    fn tool_tip(&self) -> ksni::ToolTip {
        let tooltip = self.shown.face.tooltip.clone();
        ksni::ToolTip {
            icon_name: self.icon_name(),
            icon_pixmap: Vec::new(),
            title: tooltip.title,
            description: tooltip.body,
        }
    }

    fn menu(&self) -> Vec<ksni::MenuItem<Self>> {
        self.menu.iter().map(|item| self.entry(item)).chain([generation_mark(self.generation)]).collect()
    }

    /// What is left of a pause changes by itself.
    fn menu_about_to_show(&mut self) {
        self.menu = menu::menu(&self.shown.view, self.shown.autostart, unix_now());
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.send(Event::OpenWindow(None));
    }

    fn watcher_online(&self) {
        self.host.send_replace(Host::Here);
    }

    fn watcher_offline(&self, reason: ksni::OfflineReason) -> bool {
        self.host.send_replace(Host::from(reason));
        true
    }
}

/// What each number of the menu means: its command, or nothing, in the order in which ksni counts them.
fn meanings(items: &[menu::Item]) -> Vec<Vec<Option<&menu::Command>>> {
    let deeper = items.iter().flat_map(|item| match item {
        menu::Item::Submenu { items, .. } => meanings(items),
        menu::Item::Label(_) | menu::Item::Action { .. } | menu::Item::Check { .. } | menu::Item::Separator => vec![],
    });
    let own = items.iter().map(|item| match item {
        menu::Item::Action { command, enabled: true, .. } | menu::Item::Check { command, .. } => Some(command),
        menu::Item::Action { enabled: false, .. }
        | menu::Item::Label(_)
        | menu::Item::Submenu { .. }
        | menu::Item::Separator => None,
    });
    std::iter::once(own.collect()).chain(deeper).collect()
}

/// An invisible last entry, with a number of entries of its own that differs from one generation to the next: whatever
/// else changes with it, two generations never have the same shape. It takes four turns to come round, so that ksni may
/// even miss some.
fn generation_mark(generation: usize) -> ksni::MenuItem<Item> {
    let hidden = || StandardItem { visible: false, enabled: false, ..Default::default() }.into();
    SubMenu { visible: false, submenu: (0..=generation % 4).map(|_| hidden()).collect(), ..Default::default() }.into()
}

/// A click on an entry that may not be chosen does nothing, whatever the host thinks.
fn click(command: &menu::Command, enabled: bool) -> Box<dyn Fn(&mut Item) + Send> {
    let command = Some(command.clone()).filter(|_| enabled);
    Box::new(move |item| {
        if let Some(command) = command.clone() {
            item.send(command.into());
        }
    })
}

/// An underscore marks the letter for the keyboard; two of them show one.
fn escaped(label: &str) -> String {
    label.replace('_', "__")
}

fn icon(severity: Severity) -> Icon {
    match severity {
        Severity::Warning => Icon::Warning,
        Severity::Critical => Icon::Critical,
    }
}

fn pixmaps(icon: Icon) -> Vec<ksni::Icon> {
    let shared = |pixmap: crate::applet::icons::Pixmap| ksni::Icon {
        width: i32::from(pixmap.side),
        height: i32::from(pixmap.side),
        data: pixmap.argb,
    };
    icon.pixmaps().into_iter().map(shared).collect()
}

fn unix_now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs().cast_signed())
}
