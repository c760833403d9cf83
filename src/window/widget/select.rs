//! One of a few words: all are in sight, a click or the arrow keys choose.

use super::body;
use super::control::{Control, Status, Style, control};
use crate::window::theme::{self, Colors};
use iced::keyboard::{Key, Modifiers, key::Named};
use iced::widget::{Id, Row};
use iced::{Color, Length, border};

/// The space between the outline and the words.
const INSET: f32 = 3.0;

/// Makes a choice; without `on_choose` it is disabled.
pub fn select<'a, T, M>(
    id: impl Into<Id>,
    options: &'a [(T, &'a str)],
    chosen: T,
    on_choose: Option<impl Fn(T) -> M + 'a>,
) -> Control<'a, M>
where
    T: Copy + PartialEq + 'a,
    M: Clone + 'a,
{
    let words = options.iter().map(|(option, word)| {
        let is_chosen = *option == chosen;
        let press = on_choose.as_ref().filter(|_| !is_chosen).map(|on_choose| on_choose(*option));
        let is_disabled = on_choose.is_none();
        let part: Control<'a, M> =
            control(body(*word)).padding([0.0, theme::INSIDE]).height(theme::CONTROL - 2.0 * INSET);
        part.on_press_maybe(press)
            .for_the_pointer_only()
            .style(move |colors, status| part_style(colors, status, is_chosen, is_disabled))
            .into()
    });
    let is_disabled = on_choose.is_none();
    // Where there is no room for all in a line, the others stand below.
    let words = Row::with_children(words).spacing(2).wrap().vertical_spacing(2);
    let choice = control(words).id(id).padding(INSET).height(Length::Shrink);
    let choice = choice.style(move |colors, _| frame_style(colors, is_disabled));
    let Some(on_choose) = on_choose else { return choice };
    choice.with_parts().on_key(move |key, modifiers| step(options, chosen, key, modifiers).map(&on_choose))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "there are hundreds of keys")]
fn step<T: Copy + PartialEq>(options: &[(T, &str)], chosen: T, key: &Key, modifiers: Modifiers) -> Option<T> {
    let Key::Named(named) = key else { return None };
    let last = options.len().checked_sub(1).filter(|_| modifiers.is_empty())?;
    let at = options.iter().position(|(option, _)| *option == chosen).unwrap_or(0);
    let to = match named {
        Named::ArrowRight | Named::ArrowDown => (at + 1).min(last),
        Named::ArrowLeft | Named::ArrowUp => at.saturating_sub(1),
        Named::Home => 0,
        Named::End => last,
        _ => return None,
    };
    Some(options[to].0)
}

fn frame_style(colors: &Colors, is_disabled: bool) -> Style {
    Style {
        background: Some(if is_disabled { colors.raised } else { colors.ground }.into()),
        text: is_disabled.then_some(colors.muted),
        border: border::rounded(theme::CORNER).width(1).color(colors.outline),
    }
}

fn part_style(colors: &Colors, status: Status, is_chosen: bool, is_disabled: bool) -> Style {
    let outline = match (is_chosen, is_disabled) {
        (true, false) => colors.accent,
        (true, true) => colors.outline,
        (false, _) => Color::TRANSPARENT,
    };
    let ground = match (is_chosen, status) {
        (true, _) => Some(colors.selected),
        (false, Status::Hovered | Status::Pressed) => Some(colors.hovered),
        (false, Status::Idle | Status::Disabled) => None,
    };
    Style {
        background: ground.map(Into::into),
        text: Some(if is_disabled { colors.muted } else { colors.text }),
        border: border::rounded(theme::CORNER - 2.0).width(1).color(outline),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_stay_within_the_words() {
        let options = [(1, "one"), (2, "two"), (3, "three")];
        let press = |chosen, named| step(&options, chosen, &Key::Named(named), Modifiers::empty());
        assert_eq!(press(1, Named::ArrowRight), Some(2));
        assert_eq!(press(3, Named::ArrowRight), Some(3));
        assert_eq!(press(1, Named::ArrowLeft), Some(1));
        assert_eq!(press(1, Named::End), Some(3));
        assert_eq!(press(1, Named::Enter), None);
    }
}
