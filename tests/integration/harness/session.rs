//! A blocking connection to the test's bus.

use serde::{Serialize, de::DeserializeOwned};
use std::collections::HashMap;
use std::pin::Pin;
use std::time::Duration;
use tokio::runtime::Runtime;
use zbus::export::futures_core::Stream as _;
use zbus::names::BusName;
use zbus::zvariant::{DynamicType, OwnedValue, Type};
use zbus::{Connection, Message, MessageStream};

/// How long one call may take.
const CALL: Duration = Duration::from_secs(20);

/// A connection with the runtime that drives it: while no call is made, nothing of it runs.
pub(crate) struct Session {
    runtime: Runtime,
    connection: Connection,
}

/// One object of another program: its bus name, path and interface.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) name: &'a str,
    pub(crate) path: &'a str,
    pub(crate) interface: &'a str,
}

impl Session {
    /// Connects to the bus at the address.
    pub(crate) fn connect(address: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let connection = runtime.block_on(async { zbus::connection::Builder::address(address)?.build().await });
        Self { runtime, connection: connection.unwrap() }
    }

    /// Calls a method, and returns what it answered.
    pub(crate) fn try_call<B, R>(&self, target: Target<'_>, method: &str, body: &B) -> zbus::Result<R>
    where
        B: Serialize + DynamicType,
        R: DeserializeOwned + Type,
    {
        let call = self.connection.call_method(Some(target.name), target.path, Some(target.interface), method, body);
        let reply = self.within(call).unwrap_or_else(|| panic!("{target:?}: {method} is not answered"))?;
        reply.body().deserialize()
    }

    /// Calls a method that must succeed.
    pub(crate) fn call<B, R>(&self, target: Target<'_>, method: &str, body: &B) -> R
    where
        B: Serialize + DynamicType,
        R: DeserializeOwned + Type,
    {
        self.try_call(target, method, body).unwrap_or_else(|error| panic!("{target:?}: {method}: {error}"))
    }

    /// All properties of an object's interface; None where it is gone.
    pub(crate) fn properties(&self, target: Target<'_>) -> Option<HashMap<String, OwnedValue>> {
        let object = Target { interface: "org.freedesktop.DBus.Properties", ..target };
        self.try_call(object, "GetAll", &(target.interface,)).ok()
    }

    /// The unique name of a name's owner.
    pub(crate) fn owner(&self, name: &str) -> Option<String> {
        let bus =
            Target { name: "org.freedesktop.DBus", path: "/org/freedesktop/DBus", interface: "org.freedesktop.DBus" };
        self.try_call(bus, "GetNameOwner", &(BusName::try_from(name).unwrap(),)).ok()
    }

    /// Makes this connection a monitor of the messages that the rules name; it can call nothing afterwards.
    pub(super) fn monitor(&self, rules: &[&str]) -> MessageStream {
        let rules: Vec<_> = rules.iter().map(|rule| zbus::MatchRule::try_from(*rule).unwrap()).collect();
        let watching = async {
            let stream = MessageStream::from(&self.connection);
            zbus::fdo::MonitoringProxy::new(&self.connection).await?.become_monitor(&rules, 0).await?;
            zbus::Result::Ok(stream)
        };
        self.within(watching).expect("the bus answers").unwrap()
    }

    /// The next message of a stream, if one comes within the time.
    pub(super) fn next(&self, stream: &mut MessageStream, within: Duration) -> Option<Message> {
        let next = std::future::poll_fn(|context| Pin::new(&mut *stream).poll_next(context));
        self.runtime.block_on(async { tokio::time::timeout(within, next).await }).ok()??.ok()
    }

    fn within<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.runtime.block_on(async { tokio::time::timeout(CALL, work).await }).ok()
    }
}
