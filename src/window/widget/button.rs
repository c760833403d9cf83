//! Buttons and tick boxes: controls with a ground and a label.

use super::control::{Control, Status, Style, control};
use super::{body, shape};
use crate::window::theme::{self, Colors};
use iced::widget::{row, text};
use iced::{Center, Color, border};

/// A button beside others.
pub fn plain<'a, M: 'a>(label: impl text::IntoFragment<'a>) -> Control<'a, M> {
    sized(label).style(|colors, status| Style {
        background: Some(ground(colors, status, colors.raised).into()),
        text: Some(if status == Status::Disabled { colors.muted } else { colors.text }),
        border: border::rounded(theme::CORNER).width(1).color(colors.outline.scale_alpha(0.6)),
    })
}

/// The button of what one most likely wants.
pub fn primary<'a, M: 'a>(label: impl text::IntoFragment<'a>) -> Control<'a, M> {
    sized(label).style(|colors, status| filled(colors, status, colors.accent, colors.on_accent))
}

/// A button that ends or removes something.
pub fn destructive<'a, M: 'a>(label: impl text::IntoFragment<'a>) -> Control<'a, M> {
    sized(label).style(|colors, status| Style {
        background: Some(ground(colors, status, colors.raised).into()),
        text: Some(if status == Status::Disabled { colors.muted } else { colors.critical }),
        border: border::rounded(theme::CORNER).width(1).color(match status {
            Status::Disabled => colors.outline.scale_alpha(0.6),
            Status::Idle | Status::Hovered | Status::Pressed => colors.critical.scale_alpha(0.7),
        }),
    })
}

/// A button without a ground of its own until the pointer is over it.
pub fn quiet<'a, M: 'a>(label: impl text::IntoFragment<'a>) -> Control<'a, M> {
    sized(label).style(|colors, status| quiet_style(colors, status, false))
}

/// One of several, of which one is chosen.
pub fn choice<'a, M: 'a>(label: impl text::IntoFragment<'a>, is_chosen: bool) -> Control<'a, M> {
    sized(label).style(move |colors, status| quiet_style(colors, status, is_chosen))
}

/// A box with a label, ticked or not.
pub fn tick<'a, M: 'a + Clone>(label: impl text::IntoFragment<'a>, is_ticked: bool) -> Control<'a, M> {
    control(row![shape::tick(is_ticked), body(label)].spacing(theme::INSIDE).align_y(Center))
        .padding([0.0, 4.0])
        .height(theme::CONTROL)
        .style(|colors, status| Style {
            background: (status == Status::Hovered).then(|| colors.hovered.into()),
            text: (status == Status::Disabled).then_some(colors.muted),
            border: border::rounded(theme::CORNER),
        })
}

fn sized<'a, M: 'a>(label: impl text::IntoFragment<'a>) -> Control<'a, M> {
    control(body(label)).padding([0.0, theme::BETWEEN]).height(theme::CONTROL)
}

/// How a quiet part is drawn: a tab, an entry of a menu, the head of a column.
#[must_use]
pub fn quiet_style(colors: &Colors, status: Status, is_chosen: bool) -> Style {
    let background = match (is_chosen, status) {
        (true, _) => Some(colors.selected),
        (false, Status::Hovered | Status::Pressed) => Some(colors.hovered),
        (false, Status::Idle | Status::Disabled) => None,
    };
    Style {
        background: background.map(Into::into),
        text: (status == Status::Disabled).then_some(colors.muted),
        border: border::rounded(theme::CORNER),
    }
}

fn filled(colors: &Colors, status: Status, ground: Color, text: Color) -> Style {
    let is_disabled = status == Status::Disabled;
    let outline = border::rounded(theme::CORNER);
    let strength = if matches!(status, Status::Hovered | Status::Pressed) { 0.88 } else { 1.0 };
    Style {
        background: Some(if is_disabled { colors.raised } else { ground.scale_alpha(strength) }.into()),
        text: Some(if is_disabled { colors.muted } else { text }),
        border: if is_disabled { outline.width(1).color(colors.outline.scale_alpha(0.6)) } else { outline },
    }
}

fn ground(colors: &Colors, status: Status, idle: Color) -> Color {
    match status {
        Status::Idle | Status::Disabled => idle,
        Status::Hovered => colors.hovered,
        Status::Pressed => colors.line,
    }
}
