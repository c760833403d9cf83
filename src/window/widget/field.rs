//! Forms: a label left, its field right, what is wrong with it below; and fields to type in.

mod escape;

use super::gate::Gate;
use super::{body, small};
use crate::window::theme;
use escape::OnEscape;
use iced::widget::{Column, Id, Row, Stack, column, container, row, text, text_input};
use iced::{Center, Element, Fill, Length, Padding};

/// The width of the labels of a form.
const LABEL: f32 = 200.0;

/// The space of a character of a unit.
const UNIT_CHARACTER: f32 = 6.6;

/// A field to type in.
pub struct Field<'a, M> {
    id: Id,
    hint: &'a str,
    text: String,
    unit: &'a str,
    on_input: Option<Box<dyn Fn(String) -> M + 'a>>,
    on_submit: Option<M>,
    on_escape: Option<M>,
    is_refused: bool,
    width: Length,
}

/// Makes a field; without [`Field::on_input`] it is disabled.
pub fn field<M>(id: impl Into<Id>, hint: &str, text: impl Into<String>) -> Field<'_, M> {
    Field {
        id: id.into(),
        hint,
        text: text.into(),
        unit: "",
        on_input: None,
        on_submit: None,
        on_escape: None,
        is_refused: false,
        width: Fill,
    }
}

impl<'a, M: Clone + 'a> Field<'a, M> {
    /// What typing says, where it may be typed in.
    #[must_use]
    pub fn on_input(mut self, message: Option<impl Fn(String) -> M + 'a>) -> Self {
        self.on_input = message.map(|message| -> Box<dyn Fn(String) -> M + 'a> { Box::new(message) });
        self
    }

    /// What Enter says.
    #[must_use]
    pub fn on_submit(mut self, message: M) -> Self {
        self.on_submit = Some(message);
        self
    }

    /// What Escape says, where there is something to go back to; else it takes the focus away.
    #[must_use]
    pub fn on_escape(mut self, message: Option<M>) -> Self {
        self.on_escape = message;
        self
    }

    /// Draws a unit inside the field's end.
    #[must_use]
    pub fn unit(mut self, unit: &'a str) -> Self {
        self.unit = unit;
        self
    }

    /// Draws it as one whose text is refused.
    #[must_use]
    pub fn refused(mut self, is_refused: bool) -> Self {
        self.is_refused = is_refused;
        self
    }

    /// Sets its width.
    #[must_use]
    pub fn width(mut self, width: impl Into<Length>) -> Self {
        self.width = width.into();
        self
    }
}

impl<'a, M: Clone + 'a> From<Field<'a, M>> for Element<'a, M> {
    fn from(field: Field<'a, M>) -> Self {
        let unit_width = field.unit.chars().count() as f32 * UNIT_CHARACTER;
        let room = if field.unit.is_empty() { 0.0 } else { unit_width + theme::INSIDE };
        let padding = Padding::from([7.0, theme::INSIDE]).right(theme::INSIDE + room);
        let style = if field.is_refused { theme::refused_field } else { theme::field };
        let input = text_input(field.hint, &field.text)
            .id(field.id)
            .on_input_maybe(field.on_input)
            .on_submit_maybe(field.on_submit)
            .size(theme::BODY)
            .line_height(text::LineHeight::Absolute(18.into()))
            .padding(padding)
            .style(style)
            .width(field.width);
        let input: Element<'a, M> = Gate::new(input, OnEscape(field.on_escape)).into();
        if field.unit.is_empty() {
            return input;
        }
        let unit = container(small(field.unit)).align_right(Fill).center_y(Fill).padding([0.0, theme::INSIDE]);
        Stack::new().push(input).push(unit).width(field.width).into()
    }
}

/// What stands under a field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Below {
    /// What is wrong with it.
    pub wrong: Option<String>,
    /// What helps.
    pub help: Option<String>,
}

impl Below {
    /// What is wrong, and what helps.
    pub fn wrong(wrong: impl Into<String>, help: Option<String>) -> Self {
        Self { wrong: Some(wrong.into()), help }
    }

    /// Draws both; None where there is nothing to say.
    #[must_use]
    pub fn view<'a, M: 'a>(self) -> Option<Element<'a, M>> {
        let wrong = self.wrong.map(|wrong| text(wrong).size(theme::SMALL).style(theme::wrong).into());
        let lines: Vec<Element<'a, M>> = wrong.into_iter().chain(self.help.map(|help| small(help).into())).collect();
        (!lines.is_empty()).then(|| Column::with_children(lines).spacing(2).into())
    }
}

/// Draws a row of a form. `mark` stands beside the field while what it says is not in force.
pub fn labelled<'a, M: 'a>(
    label: &'a str,
    field: impl Into<Element<'a, M>>,
    mark: Option<String>,
    below: Below,
) -> Row<'a, M> {
    let label = container(body(label)).width(LABEL).center_y(theme::CONTROL);
    let mark = mark.map(|mark| text(mark).size(theme::SMALL).style(theme::accented));
    let field = row![field.into()].push(mark).spacing(theme::BETWEEN).align_y(Center);
    let field = container(field).center_y(Length::Shrink);
    row![label, column![field].push(below.view()).spacing(4).width(Fill)].spacing(theme::BETWEEN)
}
