//! A real panel, and the items in its tray.

use super::session::Target;
use super::{Bus, Home, Running, Session, fixture};
use std::collections::HashMap;
use zbus::zvariant::{OwnedValue, Structure, Value};

const WATCHER: Target<'static> = Target {
    name: "org.kde.StatusNotifierWatcher",
    path: "/StatusNotifierWatcher",
    interface: "org.kde.StatusNotifierWatcher",
};

/// An `xfce4-panel` at the top of the screen with nothing but a tray.
pub(crate) struct Panel {
    _process: Running,
}

/// A StatusNotifierItem that the panel shows, as other programs see it.
#[derive(Debug)]
pub(crate) struct Item {
    service: String,
    properties: HashMap<String, OwnedValue>,
}

/// A line of an item's menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// What the menu calls it.
    pub(crate) id: i32,
    /// The text, without the underscores of access keys; empty for separators.
    pub(crate) label: String,
    /// Whether it can be clicked.
    pub(crate) enabled: bool,
    /// Whether it is shown.
    pub(crate) visible: bool,
    /// Whether it is a switch that is on.
    pub(crate) checked: bool,
    /// The lines of its submenu.
    pub(crate) lines: Vec<Line>,
}

/// Starts the settings daemon that the panel reads its config from; elsewhere the bus starts it.
pub(super) fn start_xfconf(home: &Home) -> Running {
    let folder = home.path("config/xfce4/xfconf/xfce-perchannel-xml");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("xfce4-panel.xml"), fixture("desktop/xfce4-panel.xml")).unwrap();
    let service = std::fs::read_to_string("/usr/share/dbus-1/services/org.xfce.Xfconf.service").unwrap();
    let program = service.lines().find_map(|line| line.strip_prefix("Exec=")).unwrap();
    Running::start(home, "xfconfd", &mut home.command(program))
}

impl Panel {
    /// Starts it and waits until it is the tray's host.
    pub(super) fn start(home: &Home, bus: &Bus) -> Self {
        bus.wait_for_owner("org.xfce.Xfconf");
        let process = Running::start(home, "xfce4-panel", home.command("xfce4-panel").arg("--disable-wm-check"));
        bus.wait_for_owner(WATCHER.name);
        Self { _process: process }
    }
}

/// What `GetLayout` answers: the revision, and the root's id, properties and children.
type Layout = (u32, (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>));

impl Item {
    /// The item with this id, where one is registered with the panel.
    pub(crate) fn find(session: &Session, id: &str) -> Option<Self> {
        let mut watcher = session.properties(WATCHER)?;
        let registered = Vec::<String>::try_from(watcher.remove("RegisteredStatusNotifierItems")?).ok()?;
        registered.iter().filter_map(|address| Self::read(session, address)).find(|item| item.text("Id") == id)
    }

    fn read(session: &Session, address: &str) -> Option<Self> {
        let (service, path) = address.split_at(address.find('/')?);
        let target = Target { name: service, path, interface: "org.kde.StatusNotifierItem" };
        let properties = session.properties(target)?;
        Some(Self { service: service.to_owned(), properties })
    }

    /// A property that is a text, as it was when the item was found; empty where there is none.
    pub(crate) fn text(&self, property: &str) -> String {
        match self.properties.get(property).map(|value| &**value) {
            Some(Value::Str(text)) => text.to_string(),
            _ => String::new(),
        }
    }

    /// Title and text of its tooltip.
    pub(crate) fn tooltip(&self) -> (String, String) {
        let tooltip = self.properties.get("ToolTip").and_then(|value| value.downcast_ref::<&Structure<'_>>().ok());
        let part = |at: usize| tooltip.and_then(|parts| String::try_from(&parts.fields()[at]).ok()).unwrap_or_default();
        (part(2), part(3))
    }

    /// How many pictures its icon has, in as many sizes.
    pub(crate) fn picture_count(&self) -> usize {
        match self.properties.get("IconPixmap").map(|value| &**value) {
            Some(Value::Array(pictures)) => pictures.len(),
            _ => 0,
        }
    }

    /// Its menu as it is now.
    pub(crate) fn menu(&self, session: &Session) -> Vec<Line> {
        let wanted: Vec<&str> = Vec::new();
        let (_revision, layout): (u32, OwnedValue) = {
            let reply: Layout = session.call(self.menu_target(), "GetLayout", &(0_i32, -1_i32, wanted));
            (reply.0, OwnedValue::try_from(Value::from(Structure::from(reply.1))).unwrap())
        };
        Line::read(&layout).lines
    }

    /// Clicks the line with this label, where the menu has it and it can be clicked.
    pub(crate) fn choose(&self, session: &Session, label: &str) -> bool {
        let menu = self.menu(session);
        let Some(line) = find(&menu, &|line| line.label == label && line.enabled) else { return false };
        session.call::<_, ()>(self.menu_target(), "Event", &(line.id, "clicked", Value::from(0_i32), 0_u32));
        true
    }

    /// Every label of its menu and submenus, from above to below.
    pub(crate) fn labels(&self, session: &Session) -> Vec<String> {
        self.menu(session).iter().flat_map(Line::labels).collect()
    }

    fn menu_target(&self) -> Target<'_> {
        let path = match self.properties.get("Menu").map(|value| &**value) {
            Some(Value::ObjectPath(path)) => path.as_str(),
            other => panic!("the item {} has no menu but {other:?}", self.service),
        };
        Target { name: &self.service, path, interface: "com.canonical.dbusmenu" }
    }
}

impl Line {
    fn read(value: &Value<'_>) -> Self {
        let layout = value.downcast_ref::<&Structure<'_>>().unwrap();
        let [Value::I32(id), Value::Dict(properties), Value::Array(lines)] = layout.fields() else {
            panic!("not a dbusmenu layout: {layout:?}");
        };
        let text = |name: &str| properties.get::<_, String>(&name).ok().flatten();
        let is = |name: &str| properties.get::<_, bool>(&name).ok().flatten().unwrap_or(true);
        Self {
            id: *id,
            label: text("label").unwrap_or_default().replace('_', ""),
            enabled: is("enabled"),
            visible: is("visible"),
            checked: properties.get::<_, i32>(&"toggle-state").ok().flatten() == Some(1),
            lines: lines.iter().map(Self::unwrap_and_read).collect(),
        }
    }

    fn unwrap_and_read(value: &Value<'_>) -> Self {
        if let Value::Value(inner) = value { Self::read(inner) } else { Self::read(value) }
    }

    fn labels(&self) -> Vec<String> {
        std::iter::once(self.label.clone()).chain(self.lines.iter().flat_map(Self::labels)).collect()
    }
}

/// The first line of a menu and its submenus that fits.
pub(crate) fn find<'a>(lines: &'a [Line], fits: &dyn Fn(&Line) -> bool) -> Option<&'a Line> {
    lines.iter().find_map(|line| if fits(line) { Some(line) } else { find(&line.lines, fits) })
}
