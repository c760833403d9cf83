//! The messages that go to a notification server and come from it, each in one place.
//!
//! notify-rust describes a notification and puts its hints on the wire. The call itself goes over the guard's own
//! connection: a server may let only the connection that sent a notification replace and close it, and may tell only
//! that connection of its buttons, whereas notify-rust makes a new connection for each.
//!
//! Source: Desktop Notifications Specification, "D-BUS Protocol".

use super::board::Signal;
use super::content::{Capabilities, Content, Urgency};
use crate::applet::bus::{NOTIFICATIONS, QUEUED};
use crate::paths::APP_ID;
use notify_rust::{CloseReason, Hint, Notification, Timeout};
use serde::Serialize;
use std::collections::HashMap;
use zbus::names::OwnedUniqueName;
use zbus::zvariant::{DynamicType, Value};
use zbus::{Connection, MatchRule, Message, MessageStream};

const PATH: &str = "/org/freedesktop/Notifications";

/// A running server, reached by the unique name of its connection, so that no call goes astray to its successor.
#[derive(Clone, Debug)]
pub struct Server {
    /// The connection of ours.
    pub connection: Connection,
    /// The connection of the server.
    pub owner: OwnedUniqueName,
}

impl Server {
    /// Asks what it can show.
    ///
    /// # Errors
    /// The server's refusal, or the end of the bus; show a notification without extras then.
    pub async fn capabilities(&self) -> zbus::Result<Capabilities> {
        let names: Vec<String> = self.call("GetCapabilities", &()).await?.body().deserialize()?;
        // One that does not tell its name is like most.
        let name = self.name().await.unwrap_or_default();
        Ok(Capabilities::of(&name, &names))
    }

    /// Shows a notification, in place of the one with the id `replaces` where that is not 0, and gives its id. Where the
    /// server cannot put it in that place, it is shown anew.
    ///
    /// # Errors
    /// The server's refusal, or its end; show the alert elsewhere.
    pub async fn show(&self, replaces: u32, content: &Content, icon: &str) -> zbus::Result<u32> {
        match self.notify(replaces, content, icon).await {
            // It may have left one there that is half the old one.
            Err(error) if replaces != 0 && !is_gone(&error) => {
                tracing::debug!("the notification {replaces} cannot be changed, and is shown anew: {error}");
                // One that is gone already is as good as closed.
                let _ = self.close(replaces).await;
                self.notify(0, content, icon).await
            }
            shown => shown,
        }
    }

    async fn notify(&self, replaces: u32, content: &Content, icon: &str) -> zbus::Result<u32> {
        let notification = notification(content, icon);
        let hints: HashMap<&str, Value<'_>> = notification.hints.iter().map(Into::into).collect();
        let body = (
            &notification.appname,
            replaces,
            &notification.icon,
            &notification.summary,
            &notification.body,
            &notification.actions,
            hints,
            i32::from(notification.timeout),
        );
        self.call("Notify", &body).await?.body().deserialize()
    }

    /// Takes a notification off the screen.
    ///
    /// # Errors
    /// The server's refusal, where it is gone already; there is nothing to do then.
    pub async fn close(&self, id: u32) -> zbus::Result<()> {
        self.call("CloseNotification", &id).await.map(drop)
    }

    async fn name(&self) -> zbus::Result<String> {
        let told = self.call("GetServerInformation", &()).await?;
        let (name, _vendor, _version, _protocol): (String, String, String, String) = told.body().deserialize()?;
        Ok(name)
    }

    async fn call(&self, method: &str, body: &(impl Serialize + DynamicType)) -> zbus::Result<Message> {
        self.connection.call_method(Some(&self.owner), PATH, Some(NOTIFICATIONS), method, body).await
    }
}

/// Asks the bus to start a server.
///
/// # Errors
/// Where the bus knows of none, or it did not start; install or repair one.
pub async fn start(connection: &Connection) -> zbus::Result<()> {
    let daemon = zbus::fdo::DBusProxy::new(connection).await?;
    daemon.start_service_by_name(NOTIFICATIONS.try_into()?, 0).await?;
    Ok(())
}

/// Begins to listen to the signals of every server.
///
/// # Errors
/// Where the bus has ended.
pub async fn listen(connection: &Connection) -> zbus::Result<MessageStream> {
    let rule = MatchRule::builder().msg_type(zbus::message::Type::Signal).interface(NOTIFICATIONS)?.build();
    MessageStream::for_match_rule(rule, connection, Some(QUEUED)).await
}

/// Understands a signal of this server; None where it is another's, or none of those that matter.
#[must_use]
pub fn signal(message: &Message, owner: &OwnedUniqueName) -> Option<(u32, Signal)> {
    let header = message.header();
    header.sender().filter(|sender| sender.as_str() == owner.as_str())?;
    match header.member()?.as_str() {
        "ActionInvoked" => {
            let (id, key) = message.body().deserialize::<(u32, String)>().ok()?;
            Some((id, Signal::Action(key)))
        }
        "NotificationClosed" => {
            let (id, reason) = message.body().deserialize::<(u32, u32)>().ok()?;
            Some((id, Signal::Closed(CloseReason::from(reason) == CloseReason::Dismissed)))
        }
        _ => None,
    }
}

/// Tells whether an error means that the other side is gone, rather than that it refused.
#[must_use]
pub fn is_gone(error: &zbus::Error) -> bool {
    const GONE: [&str; 4] = ["NoReply", "ServiceUnknown", "NameHasNoOwner", "Disconnected"];
    if let zbus::Error::MethodError(name, ..) = error {
        name.strip_prefix("org.freedesktop.DBus.Error.").is_some_and(|name| GONE.contains(&name))
    } else {
        matches!(error, zbus::Error::InputOutput(_))
    }
}

fn notification(content: &Content, icon: &str) -> Notification {
    let urgency = match content.urgency {
        Urgency::Normal => notify_rust::Urgency::Normal,
        Urgency::Critical => notify_rust::Urgency::Critical,
    };
    let mut notification = Notification::new();
    notification
        .appname("RunawayGuard")
        .summary(&content.title)
        .body(&content.body)
        .icon(icon)
        .urgency(urgency)
        .timeout(content.expires.map_or(Timeout::Never, Timeout::Milliseconds))
        .hint(Hint::Category(content.category.to_owned()))
        .hint(Hint::DesktopEntry(APP_ID.to_owned()));
    if content.expires.is_some() {
        notification.hint(Hint::Transient(true));
    }
    for (key, label) in &content.actions {
        notification.action(key, label);
    }
    notification
}
