//! The session bus, and who is on it.

use super::{Check, LIMIT};
use crate::paths::UNIT;
use tokio::time::timeout;
use zbus::connection::Builder;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;
use zbus::zvariant::OwnedObjectPath;
use zbus::{Connection, Proxy};

const TRAY: &str = "org.kde.StatusNotifierWatcher";
const NOTICES: &str = "org.freedesktop.Notifications";
const SYSTEMD: &str = "org.freedesktop.systemd1";

/// Looks at bus, tray host and notification server of this session.
pub(super) fn checks() -> Vec<Check> {
    let address = std::env::var("DBUS_SESSION_BUS_ADDRESS").ok().filter(|address| !address.is_empty());
    checks_at(address.as_deref())
}

/// Looks at the bus at an address, or where it usually is, within the time limit.
pub(super) fn checks_at(address: Option<&str>) -> Vec<Check> {
    within_limit(look(address)).unwrap_or_else(|why| vec![unreachable(&why, address.is_some())])
}

/// Tells what keeps the packaged unit from starting the guard at login, where systemd starts what this desktop starts then, and
/// leaves out the packaged entry.
pub(super) fn unit() -> Option<Check> {
    // Without a bus, or without systemd on it, no unit is waited for.
    within_limit(async { unit_on(&Connection::session().await?).await }).ok().flatten()
}

/// See [`unit`].
pub(super) async fn unit_on(bus: &Connection) -> zbus::Result<Option<Check>> {
    let systemd = Proxy::new(bus, SYSTEMD, "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager").await?;
    let target: OwnedObjectPath = systemd.call("GetUnit", &("xdg-desktop-autostart.target",)).await?;
    let target = Proxy::new(bus, SYSTEMD, target, "org.freedesktop.systemd1.Unit").await?;
    let desktop: String = target.get_property("ActiveState").await?;
    let unit: String = systemd.call("GetUnitFileState", &(UNIT,)).await?;
    let (detail, verb) = match unit.as_str() {
        _ if desktop != "active" => return Ok(None),
        "masked" | "masked-runtime" => ("masked", "unmask"),
        "disabled" => ("not enabled", "enable"),
        _ => return Ok(None),
    };
    let remedy = format!(
        "Have it start: systemctl --user {verb} {UNIT}, or for all users: sudo systemctl --global {verb} {UNIT}"
    );
    Ok(Some(Check::wrong("autostart", format!("this desktop leaves it to the unit {UNIT}, which is {detail}"), remedy)))
}

fn within_limit<T>(asked: impl Future<Output = zbus::Result<T>>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.map_err(|error| error.to_string())?.block_on(async { timeout(LIMIT, asked).await }) {
        Ok(told) => told.map_err(|error| error.to_string()),
        Err(_) => Err("it did not answer within 2 s".to_owned()),
    }
}

async fn look(address: Option<&str>) -> zbus::Result<Vec<Check>> {
    let bus = match address {
        Some(address) => Builder::address(address)?.build().await?,
        None => Connection::session().await?,
    };
    Ok(vec![Check::ok("session bus", "reached"), tray(&bus).await?, notices(&bus).await?])
}

/// Where an address is given and leads nowhere something is wrong; where none is, this is no desktop's session.
fn unreachable(why: &str, given: bool) -> Check {
    let detail = format!("{why}; no tray and no notifications");
    if given {
        Check::wrong("session bus", detail, "Log in again, or unset DBUS_SESSION_BUS_ADDRESS.")
    } else {
        Check::missing("session bus", detail, "Start the guard from a desktop's session.")
    }
}

async fn tray(bus: &Connection) -> zbus::Result<Check> {
    let owned = DBusProxy::new(bus).await?.name_has_owner(BusName::try_from(TRAY)?).await?;
    let remedy =
        "On GNOME install the extension AppIndicator; elsewhere use a panel whose tray shows StatusNotifierItems.";
    Ok(if owned { Check::ok("tray host", TRAY) } else { Check::missing("tray host", "none", remedy) })
}

async fn notices(bus: &Connection) -> zbus::Result<Check> {
    let names = DBusProxy::new(bus).await?;
    if names.name_has_owner(BusName::try_from(NOTICES)?).await? {
        return server(bus).await;
    }
    // A server that is started when it is needed is not started only to be looked at.
    let activatable = names.list_activatable_names().await?.iter().any(|name| name.as_str() == NOTICES);
    let remedy = "Install one, such as dunst, mako or xfce4-notifyd.";
    Ok(if activatable {
        Check::ok("notifications", "a server is started when it is needed")
    } else {
        Check::missing("notifications", "no server", remedy)
    })
}

async fn server(bus: &Connection) -> zbus::Result<Check> {
    let path = "/org/freedesktop/Notifications";
    let ask = |method: &'static str| bus.call_method(Some(NOTICES), path, Some(NOTICES), method, &());
    let (name, _vendor, version, _spec): (String, String, String, String) =
        ask("GetServerInformation").await?.body().deserialize()?;
    let capabilities: Vec<String> = ask("GetCapabilities").await?.body().deserialize()?;
    let with_buttons = capabilities.iter().any(|capability| capability == "actions");
    Ok(if with_buttons {
        Check::ok("notifications", format!("{name} {version}, with buttons"))
    } else {
        let remedy = "The tray's menu has the same actions.";
        Check::missing("notifications", format!("{name} {version}, without buttons"), remedy)
    })
}
