//! How the window looks: colours of both modes, sizes, and the styles that widgets are drawn with.
//!
//! Every colour is taken from [`Colors::of`] the theme, so that light and dark follow the desktop while the window is
//! open. Text has a contrast of at least 4.5 : 1 with its ground, shapes 3 : 1: the tests below compute it.

#![expect(clippy::unreadable_literal, reason = "colours are written as everywhere else")]

pub mod desktop;

use crate::protocol::{Level, Severity};
use iced::theme::Palette;
use iced::widget::{container, scrollable, text, text_input};
use iced::{Background, Border, Color, Theme, border, color};

/// Space inside a control.
pub const INSIDE: f32 = 8.0;

/// Space between groups.
pub const BETWEEN: f32 = 12.0;

/// Space at the edges.
pub const EDGE: f32 = 16.0;

/// The height of a row of a table.
pub const ROW: f32 = 28.0;

/// The height of a control.
pub const CONTROL: f32 = 32.0;

/// The radius of corners.
pub const CORNER: f32 = 6.0;

/// Text as most of it is.
pub const BODY: f32 = 14.0;

/// Text that stands back.
pub const SMALL: f32 = 12.0;

/// Text over others.
pub const TITLE: f32 = 18.0;

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Dark text on a light ground.
    #[default]
    Light,
    /// Light text on a dark ground.
    Dark,
}

/// What the desktop asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Appearance {
    /// Light or dark.
    pub mode: Mode,
    /// The colour of what is chosen; ours where the desktop names none.
    pub accent: Option<Color>,
}

/// The colours of a mode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Colors {
    /// The ground of the window.
    pub ground: Color,
    /// The ground of bars, fields and panels.
    pub raised: Color,
    /// The ground of what the pointer is over.
    pub hovered: Color,
    /// The ground of a chosen row.
    pub selected: Color,
    /// Lines between parts.
    pub line: Color,
    /// The outline of a field.
    pub outline: Color,
    /// Text.
    pub text: Color,
    /// Text that stands back.
    pub muted: Color,
    /// What is chosen, and the focus ring.
    pub accent: Color,
    /// Text on the accent.
    pub on_accent: Color,
    /// Nothing has run away.
    pub ok: Color,
    /// A warning.
    pub warning: Color,
    /// Something critical, and what went wrong.
    pub critical: Color,
    /// The ground of a row that fires as a warning.
    pub warning_ground: Color,
    /// The ground of a row that fires as critical.
    pub critical_ground: Color,
    /// The hue of large values, laid over the ground in steps.
    pub heat: Color,
}

const LIGHT: Colors = Colors {
    ground: color!(0xffffff),
    raised: color!(0xf4f5f7),
    hovered: color!(0xe9ebef),
    selected: color!(0xd9e6fa),
    line: color!(0xdfe2e7),
    outline: color!(0x868d98),
    text: color!(0x1b1f24),
    muted: color!(0x57606a),
    accent: color!(0x1f63c6),
    on_accent: color!(0xffffff),
    ok: color!(0x2e7d32),
    warning: color!(0x8f5500),
    critical: color!(0xb71c1c),
    warning_ground: color!(0xfff4dd),
    critical_ground: color!(0xfde9e8),
    heat: color!(0xf08c00),
};

const DARK: Colors = Colors {
    ground: color!(0x1e2024),
    raised: color!(0x272a2f),
    hovered: color!(0x32363d),
    selected: color!(0x213858),
    line: color!(0x383c43),
    outline: color!(0x7d8590),
    text: color!(0xe8eaed),
    muted: color!(0xa7aeb8),
    accent: color!(0x7cb0ff),
    on_accent: color!(0x0d1b2e),
    ok: color!(0x66bb6a),
    warning: color!(0xffb300),
    critical: color!(0xff7d78),
    warning_ground: color!(0x3a3018),
    critical_ground: color!(0x452424),
    heat: color!(0xff9f1a),
};

impl Colors {
    /// Gives the colours of a mode.
    #[must_use]
    pub const fn in_mode(mode: Mode) -> Self {
        match mode {
            Mode::Light => LIGHT,
            Mode::Dark => DARK,
        }
    }

    /// Gives the colours of a theme, with its accent.
    #[must_use]
    pub fn of(theme: &Theme) -> Self {
        let mode = if theme.extended_palette().is_dark { Mode::Dark } else { Mode::Light };
        let colors = Self::in_mode(mode);
        let accent = theme.palette().primary;
        let on_accent = if luminance(accent) > 0.179 { Color::BLACK } else { Color::WHITE };
        Self { accent, on_accent: if accent == colors.accent { colors.on_accent } else { on_accent }, ..colors }
    }

    /// Gives the colour of a severity.
    #[must_use]
    pub fn severity(&self, severity: Severity) -> Color {
        match severity {
            Severity::Warning => self.warning,
            Severity::Critical => self.critical,
        }
    }

    /// Gives the colour of a level.
    #[must_use]
    pub fn level(&self, level: Level) -> Color {
        match level {
            Level::Green => self.ok,
            Level::Yellow => self.warning,
            Level::Red => self.critical,
        }
    }
}

/// Makes the theme of an appearance. An accent that cannot be told from the ground gives way to ours.
#[must_use]
pub fn theme(appearance: Appearance) -> Theme {
    let colors = Colors::in_mode(appearance.mode);
    let name = match appearance.mode {
        Mode::Light => "RunawayGuard light",
        Mode::Dark => "RunawayGuard dark",
    };
    let legible = |accent: &Color| contrast(*accent, colors.ground) >= 3.0 && contrast(*accent, colors.raised) >= 3.0;
    Theme::custom(
        name.to_owned(),
        Palette {
            background: colors.ground,
            text: colors.text,
            primary: appearance.accent.filter(legible).unwrap_or(colors.accent),
            success: colors.ok,
            warning: colors.warning,
            danger: colors.critical,
        },
    )
}

/// Gives the contrast of two colours, 1 to 21.
///
/// Source: Web Content Accessibility Guidelines 2.2, "contrast ratio".
#[must_use]
pub fn contrast(one: Color, other: Color) -> f32 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Source: Web Content Accessibility Guidelines 2.2, "relative luminance".
fn luminance(color: Color) -> f32 {
    let [red, green, blue, _] = color.into_linear();
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// Text that stands back.
#[must_use]
pub fn muted(theme: &Theme) -> text::Style {
    text::Style { color: Some(Colors::of(theme).muted) }
}

/// Text that says what went wrong.
#[must_use]
pub fn wrong(theme: &Theme) -> text::Style {
    text::Style { color: Some(Colors::of(theme).critical) }
}

/// Text in the accent.
#[must_use]
pub fn accented(theme: &Theme) -> text::Style {
    text::Style { color: Some(Colors::of(theme).accent) }
}

/// The ground of bars and panels.
#[must_use]
pub fn raised(theme: &Theme) -> container::Style {
    container::Style::default().background(Colors::of(theme).raised)
}

/// The ground of what lies over a page and is one.
#[must_use]
pub fn page(theme: &Theme) -> container::Style {
    container::Style::default().background(Colors::of(theme).ground)
}

/// A group with an outline.
#[must_use]
pub fn card(theme: &Theme) -> container::Style {
    let colors = Colors::of(theme);
    container::Style { border: border::rounded(CORNER).width(1).color(colors.line), ..container::Style::default() }
}

/// What lies over the rest: menus and questions.
#[must_use]
pub fn floating(theme: &Theme) -> container::Style {
    let colors = Colors::of(theme);
    container::Style {
        background: Some(colors.ground.into()),
        border: border::rounded(CORNER).width(1).color(colors.outline),
        ..container::Style::default()
    }
}

/// The ground of the popup, which has no frame.
#[must_use]
pub fn popup(theme: &Theme) -> container::Style {
    let colors = Colors::of(theme);
    container::Style {
        background: Some(colors.ground.into()),
        border: border::rounded(0).width(1).color(colors.outline),
        ..container::Style::default()
    }
}

/// What lies between the rest and a question.
#[must_use]
pub fn veil(_theme: &Theme) -> container::Style {
    container::Style::default().background(Color::BLACK.scale_alpha(0.35))
}

/// A banner over a page: what is wrong, and what to do.
#[must_use]
pub fn banner(theme: &Theme) -> container::Style {
    let colors = Colors::of(theme);
    container::Style {
        background: Some(colors.warning_ground.into()),
        text_color: Some(colors.text),
        border: border::rounded(CORNER).width(1).color(colors.warning),
        ..container::Style::default()
    }
}

/// A thin line between parts, for a container of one pixel.
#[must_use]
pub fn line(theme: &Theme) -> container::Style {
    container::Style::default().background(Colors::of(theme).line)
}

/// A field to type in.
#[must_use]
pub fn field(theme: &Theme, status: text_input::Status) -> text_input::Style {
    outlined(theme, status, false)
}

/// A field whose text is refused.
#[must_use]
pub fn refused_field(theme: &Theme, status: text_input::Status) -> text_input::Style {
    outlined(theme, status, true)
}

fn outlined(theme: &Theme, status: text_input::Status, refused: bool) -> text_input::Style {
    let colors = Colors::of(theme);
    let is_focused = matches!(status, text_input::Status::Focused { .. });
    let (width, color) = match (refused, is_focused) {
        (true, _) => (2.0, colors.critical),
        (false, true) => (2.0, colors.accent),
        (false, false) => (1.0, colors.outline),
    };
    let is_disabled = matches!(status, text_input::Status::Disabled);
    text_input::Style {
        background: Background::Color(if is_disabled { colors.raised } else { colors.ground }),
        border: Border { radius: CORNER.into(), width, color },
        icon: colors.muted,
        placeholder: colors.muted,
        value: if is_disabled { colors.muted } else { colors.text },
        selection: colors.accent.scale_alpha(0.35),
    }
}

/// A scroll bar without a ground of its own.
#[must_use]
pub fn scroll(theme: &Theme, status: scrollable::Status) -> scrollable::Style {
    let colors = Colors::of(theme);
    let (vertical, horizontal) = match status {
        scrollable::Status::Active { .. } => (colors.outline, colors.outline),
        scrollable::Status::Hovered { is_vertical_scrollbar_hovered, is_horizontal_scrollbar_hovered, .. } => {
            let of = |over| if over { colors.muted } else { colors.outline };
            (of(is_vertical_scrollbar_hovered), of(is_horizontal_scrollbar_hovered))
        }
        scrollable::Status::Dragged { .. } => (colors.accent, colors.accent),
    };
    let rail = |color: Color| scrollable::Rail {
        background: None,
        border: border::rounded(4),
        scroller: scrollable::Scroller { background: color.scale_alpha(0.7).into(), border: border::rounded(4) },
    };
    scrollable::Style {
        vertical_rail: rail(vertical),
        horizontal_rail: rail(horizontal),
        ..scrollable::default(theme, status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_shapes_can_be_told_from_their_grounds() {
        for mode in [Mode::Light, Mode::Dark] {
            let colors = Colors::of(&theme(Appearance { mode, accent: None }));
            let grounds = [
                colors.ground,
                colors.raised,
                colors.hovered,
                colors.selected,
                colors.warning_ground,
                colors.critical_ground,
            ];
            for ground in grounds {
                for text in [colors.text, colors.muted, colors.critical, colors.warning] {
                    assert!(contrast(text, ground) >= 4.5, "{mode:?} {text} on {ground}: {}", contrast(text, ground));
                }
            }
            for ground in [colors.ground, colors.raised] {
                assert!(contrast(colors.outline, ground) >= 3.0, "{mode:?} outline on {ground}");
                assert!(contrast(colors.ok, ground) >= 3.0, "{mode:?} ok on {ground}");
                assert!(contrast(colors.accent, ground) >= 4.5, "{mode:?} accent on {ground}");
            }
            assert!(contrast(colors.on_accent, colors.accent) >= 4.5, "{mode:?} text on the accent");
        }
    }

    #[test]
    fn an_accent_that_cannot_be_seen_gives_way() {
        let pale = Appearance { mode: Mode::Light, accent: Some(color!(0xffffcc)) };
        assert_eq!(Colors::of(&theme(pale)).accent, LIGHT.accent);
        let green = Appearance { mode: Mode::Light, accent: Some(color!(0x267a3a)) };
        assert_eq!(Colors::of(&theme(green)).accent, color!(0x267a3a));
        assert_eq!(Colors::of(&theme(green)).on_accent, Color::WHITE);
    }
}
