//! A menu of what can be done, at the pointer or under a button.

use super::button::quiet_style;
use super::control::{Status, Style, control};
use super::{body, line, place, shape, small};
use crate::window::theme::{self, Colors};
use iced::keyboard::{Key, key::Named};
use iced::widget::{Column, Stack, container, mouse_area, row, space};
use iced::{Center, Element, Fill, Point};

const WIDTH: f32 = 312.0;

/// An open menu.
#[derive(Clone, Debug, PartialEq)]
pub struct Menu<A> {
    at: Point,
    entries: Vec<Entry<A>>,
    highlighted: Option<usize>,
}

/// An entry of a menu.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry<A> {
    /// Something to do.
    Action {
        /// What it says.
        label: String,
        /// The key that does it without the menu.
        key: &'static str,
        /// What it does; None where it cannot be done now.
        action: Option<A>,
        /// Whether it ends or removes something.
        is_destructive: bool,
        /// Whether it is on, where it can be on or off.
        is_ticked: Option<bool>,
    },
    /// A line between groups.
    Line,
}

/// What happens to an open menu.
#[derive(Clone, Debug, PartialEq)]
pub enum Event<A> {
    /// Another entry is highlighted.
    Highlight(usize),
    /// An entry is chosen: the menu closes.
    Choose(A),
    /// Nothing is chosen: the menu closes.
    Close,
}

/// Makes an entry.
pub fn entry<A>(label: impl Into<String>, key: &'static str, action: Option<A>) -> Entry<A> {
    Entry::Action { label: label.into(), key, action, is_destructive: false, is_ticked: None }
}

/// Makes an entry that is on or off.
pub fn ticked<A>(label: impl Into<String>, is_ticked: bool, action: Option<A>) -> Entry<A> {
    Entry::Action { label: label.into(), key: "", action, is_destructive: false, is_ticked: Some(is_ticked) }
}

/// Makes an entry that ends or removes something.
pub fn destructive<A>(label: impl Into<String>, key: &'static str, action: Option<A>) -> Entry<A> {
    Entry::Action { label: label.into(), key, action, is_destructive: true, is_ticked: None }
}

impl<A: Clone> Menu<A> {
    /// Opens a menu with its upper left corner at a point of the window.
    #[must_use]
    pub fn new(at: Point, entries: Vec<Entry<A>>) -> Self {
        Self { at, entries, highlighted: None }
    }

    /// Highlights an entry.
    pub fn highlight(&mut self, index: usize) {
        self.highlighted = Some(index);
    }

    /// Ticks the entries that are on, and no others.
    pub fn tick(&mut self, is_on: impl Fn(&A) -> bool) {
        for entry in &mut self.entries {
            if let Entry::Action { action: Some(action), is_ticked: Some(is_ticked), .. } = entry {
                *is_ticked = is_on(action);
            }
        }
    }

    /// Gives what a key means while the menu is open; no key goes on to what lies under it.
    #[expect(clippy::wildcard_enum_match_arm, reason = "there are hundreds of keys")]
    #[must_use]
    pub fn key(&self, key: &Key) -> Option<Event<A>> {
        let Key::Named(named) = key else { return None };
        match named {
            Named::ArrowDown => self.next(1).map(Event::Highlight),
            Named::ArrowUp => self.next(-1).map(Event::Highlight),
            Named::Enter | Named::Space => self.chosen().map(Event::Choose),
            Named::Escape => Some(Event::Close),
            _ => None,
        }
    }

    /// Draws the menu, over the whole window: a click beside it closes it.
    pub fn view<'a, M: Clone + 'a>(&'a self, on: impl Fn(Event<A>) -> M + 'a) -> Element<'a, M> {
        let entries = self.entries.iter().enumerate().map(|(index, entry)| self.entry(index, entry, &on));
        let menu = container(Column::with_children(entries)).padding(4).width(WIDTH).style(theme::floating);
        let ground = mouse_area(container("").width(Fill).height(Fill));
        let ground = ground.on_press(on(Event::Close)).on_right_press(on(Event::Close));
        Stack::new().push(iced::widget::opaque(ground)).push(place(self.at, menu)).into()
    }

    fn entry<'a, M: Clone + 'a>(
        &self,
        index: usize,
        entry: &'a Entry<A>,
        on: &impl Fn(Event<A>) -> M,
    ) -> Element<'a, M> {
        let Entry::Action { label, key, action, is_destructive, is_ticked } = entry else {
            return container(line()).padding([4, 0]).into();
        };
        let label =
            row![].push(is_ticked.map(shape::tick)).push(body(label)).push(space::horizontal()).push(small(*key));
        let label = label.spacing(theme::INSIDE).align_y(Center);
        let (is_highlighted, is_destructive) = (self.highlighted == Some(index), *is_destructive);
        control(label)
            .on_press_maybe(action.clone().map(Event::Choose).map(on))
            .for_the_pointer_only()
            .padding([0.0, theme::INSIDE])
            .width(Fill)
            .height(theme::ROW)
            .style(move |colors, status| style(colors, status, is_highlighted, is_destructive))
            .into()
    }

    /// Finds the next entry, down or up and around, that can be chosen.
    fn next(&self, step: isize) -> Option<usize> {
        let count = self.entries.len().cast_signed();
        let start = self.highlighted.map_or(if step > 0 { -1 } else { count }, usize::cast_signed);
        (1..=count)
            .map(|steps| (start + step * steps).rem_euclid(count).cast_unsigned())
            .find(|index| matches!(self.entries[*index], Entry::Action { action: Some(_), .. }))
    }

    fn chosen(&self) -> Option<A> {
        match self.entries.get(self.highlighted?)? {
            Entry::Action { action, .. } => action.clone(),
            Entry::Line => None,
        }
    }
}

fn style(colors: &Colors, status: Status, is_highlighted: bool, is_destructive: bool) -> Style {
    let style = quiet_style(colors, status, is_highlighted);
    let text = if is_destructive && status != Status::Disabled { Some(colors.critical) } else { style.text };
    Style { text, ..style }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arrows_go_around_past_what_cannot_be_chosen() {
        let entries = vec![entry("A", "", None), entry("B", "", Some('b')), Entry::Line, entry("C", "", Some('c'))];
        let mut menu = Menu::new(Point::ORIGIN, entries);
        let down = Key::Named(Named::ArrowDown);
        assert_eq!(menu.key(&Key::Named(Named::Enter)), None);
        for index in [1, 3, 1] {
            assert_eq!(menu.key(&down), Some(Event::Highlight(index)));
            menu.highlight(index);
        }
        assert_eq!(menu.key(&Key::Named(Named::ArrowUp)), Some(Event::Highlight(3)));
        assert_eq!(menu.key(&Key::Named(Named::Enter)), Some(Event::Choose('b')));
        assert_eq!(menu.key(&Key::Named(Named::Escape)), Some(Event::Close));
    }
}
