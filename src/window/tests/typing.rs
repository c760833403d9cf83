//! Fields of a [`Stage`]: what is typed, and the keys pressed in them.

use super::Stage;
use iced::keyboard::{Event as KeyEvent, Key, Modifiers};
use iced::widget::Id;
use iced_test::simulator::tap_key;

impl Stage {
    /// Types into a field in place of what it has.
    pub(in crate::window) fn retype(&mut self, field: &'static str, text: &str) {
        let messages = self.simulate(|simulator| {
            let modified = |modifiers| iced::Event::Keyboard(KeyEvent::ModifiersChanged(modifiers));
            simulator.click(Id::new(field)).unwrap_or_else(|error| panic!("no field {field:?}: {error}"));
            simulator.simulate([modified(Modifiers::CTRL)]);
            simulator.simulate(tap_key(Key::Character("a".into()), None));
            simulator.simulate([modified(Modifiers::empty())]);
            simulator.typewrite(text);
        });
        for message in messages {
            self.send(message);
        }
    }

    /// Clicks into a field or a control, and presses a key.
    pub(in crate::window) fn press_in(&mut self, field: &'static str, key: impl Into<Key>) {
        let messages = self.simulate(|simulator| {
            simulator.click(Id::new(field)).unwrap_or_else(|error| panic!("no field {field:?}: {error}"));
            simulator.tap_key(key);
        });
        for message in messages {
            self.send(message);
        }
    }

    /// Clicks on a control.
    pub(in crate::window) fn click_on(&mut self, control: &'static str) {
        let messages = self.simulate(|simulator| {
            simulator.click(Id::new(control)).unwrap_or_else(|error| panic!("no control {control:?}: {error}"));
        });
        for message in messages {
            self.send(message);
        }
    }
}
