//! What the desktop asks for: light or dark, and its accent, now and whenever they change.
//!
//! Source: XDG Desktop Portal, `org.freedesktop.portal.Settings`, namespace `org.freedesktop.appearance`.

use super::{Appearance, Mode};
use iced::Color;
use iced::futures::{SinkExt, Stream, StreamExt};
use zbus::zvariant::{OwnedValue, Value};
use zbus::{Connection, MatchRule, MessageStream};

const PORTAL: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
const SETTINGS: &str = "org.freedesktop.portal.Settings";
const NAMESPACE: &str = "org.freedesktop.appearance";

/// Tells the appearance at once where the desktop names one, then each change of it. Ends where there is no portal.
pub fn appearances() -> impl Stream<Item = Appearance> {
    iced::stream::channel(4, async |mut told| {
        if let Err(error) = follow(&mut told).await {
            tracing::debug!("the desktop names no appearance: {error}");
        }
    })
}

async fn follow(told: &mut iced::futures::channel::mpsc::Sender<Appearance>) -> zbus::Result<()> {
    let bus = Connection::session().await?;
    let rule = MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .interface(SETTINGS)?
        .member("SettingChanged")?
        .arg(0, NAMESPACE)?
        .build();
    let mut changes = MessageStream::for_match_rule(rule, &bus, Some(8)).await?;
    let mut appearance = Appearance { mode: mode(read(&bus, "color-scheme").await?), accent: None };
    appearance.accent = read(&bus, "accent-color").await.ok().and_then(accent);
    if told.send(appearance).await.is_err() {
        return Ok(());
    }
    while let Some(change) = changes.next().await {
        let change = change?;
        let Ok((_, key, value)) = change.body().deserialize::<(String, String, OwnedValue)>() else { continue };
        match key.as_str() {
            "color-scheme" => appearance.mode = mode(value),
            "accent-color" => appearance.accent = accent(value),
            _ => continue,
        }
        if told.send(appearance).await.is_err() {
            break;
        }
    }
    Ok(())
}

async fn read(bus: &Connection, key: &str) -> zbus::Result<OwnedValue> {
    let answer = bus.call_method(Some(PORTAL), PATH, Some(SETTINGS), "Read", &(NAMESPACE, key)).await?;
    answer.body().deserialize()
}

/// 1 prefers dark, 2 light, 0 has no preference. `Read` wraps the value once more than it should.
fn mode(value: OwnedValue) -> Mode {
    match innermost(value.into()).downcast_ref::<u32>() {
        Ok(1) => Mode::Dark,
        _ => Mode::Light,
    }
}

/// Red, green and blue from 0 to 1; anything else means that there is none.
fn accent(value: OwnedValue) -> Option<Color> {
    let Value::Structure(color) = innermost(value.into()) else { return None };
    let parts: Vec<f64> = color.fields().iter().filter_map(|part| part.downcast_ref::<f64>().ok()).collect();
    let [red, green, blue] = parts[..] else { return None };
    let in_range = parts.iter().all(|part| (0.0..=1.0).contains(part));
    in_range.then(|| Color::from_rgb(red as f32, green as f32, blue as f32))
}

fn innermost(mut value: Value<'static>) -> Value<'static> {
    while let Value::Value(inner) = value {
        value = *inner;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned<'v>(value: impl Into<Value<'v>>) -> OwnedValue {
        value.into().try_into().unwrap()
    }

    #[test]
    fn color_schemes_are_understood_however_they_are_wrapped() {
        assert_eq!(mode(owned(1_u32)), Mode::Dark);
        assert_eq!(mode(owned(Value::Value(Box::new(1_u32.into())))), Mode::Dark);
        for light in [owned(0_u32), owned(2_u32), owned(7_u32), owned("dark")] {
            assert_eq!(mode(light), Mode::Light);
        }
    }

    #[test]
    fn an_accent_is_three_parts_in_range() {
        assert_eq!(accent(owned((1.0, 0.5, 0.0))), Some(Color::from_rgb(1.0, 0.5, 0.0)));
        assert_eq!(accent(owned((-1.0, -1.0, -1.0))), None);
        assert_eq!(accent(owned((1.0, 0.5))), None);
        assert_eq!(accent(owned(3_u32)), None);
    }
}
