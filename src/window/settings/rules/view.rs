//! How the rules are drawn.

use super::{Direction, Editor, Message, PartOf, TABLE, Typed};
use crate::protocol::{Reason, Severity};
use crate::window::matching::{self, RULE_MATCHES};
use crate::window::settings::Message as Tab;
use crate::window::settings::form::card;
use crate::window::settings::rule::{NUMBERS, Part, REASONS, Rule};
use crate::window::theme;
use crate::window::widget::field::{Below, field, labelled};
use crate::window::widget::table::{Column as Of, Look, row_of};
use crate::window::widget::{body, button, control, line, select, shape, small};
use iced::alignment::Horizontal::Left;
use iced::widget::text::Wrapping;
use iced::widget::{Column, Row, column, container, row, space};
use iced::{Center, Element, Fill, FillPortion, Length};

/// The field of the pattern, for the keyboard's focus.
pub(super) const PATTERN: &str = "rule.match";

/// What a rule lacks that only matches.
const VOID: &str = "This rule says nothing yet.";
const FILL_IN: &str = "Fill in a limit, choose what it is silent about, or choose how bad its alerts are.";

const COLUMNS: [Of<()>; 4] = [
    Of { key: (), title: "Name", width: FillPortion(3), align: Left },
    Of { key: (), title: "Pattern", width: FillPortion(4), align: Left },
    Of { key: (), title: "Matches by", width: Length::Fixed(108.0), align: Left },
    Of { key: (), title: "What it says", width: FillPortion(4), align: Left },
];

impl Editor {
    /// Draws table, buttons, and the editor of the rule that is open.
    pub(in crate::window::settings) fn view(&self, rules: &[Rule], may: bool) -> Element<'_, Tab> {
        let open = self.opened.as_ref().and(self.selected).and_then(|index| rules.get(index));
        let editor = open.map(|rule| self.editor(rule, may));
        column![self.table(rules), self.buttons(rules.len(), may)].push(editor).spacing(theme::INSIDE).into()
    }

    fn table<'a>(&'a self, rules: &[Rule]) -> Element<'a, Tab> {
        if rules.is_empty() {
            return card(
                body("No rules: the limits above hold for every program, and each may run for as long as it likes.")
                    .style(theme::muted),
            );
        }
        let heads = COLUMNS.iter().map(|column| {
            container(small(column.title)).width(column.width).align_x(column.align).center_y(theme::ROW).into()
        });
        let head = container(Row::with_children(heads).spacing(8)).padding([0.0, theme::INSIDE]).style(theme::raised);
        let rows = rules.iter().enumerate().map(|(index, rule)| self.row(index, rule));
        let table = control(Column::new().push(head).push(line()).extend(rows)).id(TABLE).width(Fill).padding(1);
        let table = table.with_parts().on_key(|key, modifiers| self.key(key, modifiers).map(Tab::Rules));
        container(table).style(theme::card).into()
    }

    fn row<'a>(&self, index: usize, rule: &Rule) -> Element<'a, Tab> {
        let look = Look { is_selected: self.selected == Some(index), severity: None };
        let plain = |words: String| body(crate::figures::harmless(&words)).wrapping(Wrapping::None);
        let mark = rule.is_wrong().then(|| shape::severity(Severity::Warning));
        let cells: [Element<'a, Tab>; 4] = [
            row![].push(mark).push(plain(rule.title().to_owned())).spacing(4).align_y(Center).into(),
            plain(rule.pattern.clone()).into(),
            plain(matching::name(rule.match_type).to_owned()).into(),
            plain(rule.summary()).into(),
        ];
        row_of(&COLUMNS, cells, look)
            .on_press(Tab::Rules(Message::Select(index)))
            .on_double_press(Tab::Rules(Message::Edit))
            .into()
    }

    fn buttons<'a>(&self, count: usize, may: bool) -> Element<'a, Tab> {
        let selected = self.selected.filter(|_| may);
        let is = |message: Message, may: bool| may.then_some(Tab::Rules(message));
        row![
            button::plain("Add rule").on_press_maybe(is(Message::Add, may)),
            button::plain("Edit").on_press_maybe(is(Message::Edit, selected.is_some() && self.opened.is_none())),
            button::plain("Remove").on_press_maybe(is(Message::Remove, selected.is_some())),
            button::plain("Up").on_press_maybe(is(Message::Move(Direction::Up), selected.is_some_and(|at| at > 0))),
            button::plain("Down")
                .on_press_maybe(is(Message::Move(Direction::Down), selected.is_some_and(|at| at + 1 < count))),
        ]
        .spacing(theme::INSIDE)
        .into()
    }

    fn editor<'a>(&'a self, rule: &Rule, may: bool) -> Element<'a, Tab> {
        let choose = may.then_some(|match_type| Tab::Rules(Message::Match(match_type)));
        let matches = select::select("rule.match_type", &RULE_MATCHES, rule.match_type, choose);
        let done = button::plain("Done").on_press(Tab::Rules(Message::Close));
        let help = matching::explained(rule.match_type).to_owned();
        let fields = column![
            self.part(rule, Part::Pattern, "Pattern", PATTERN, may),
            labelled("Matches by", matches, None, Below { wrong: None, help: Some(help) }),
            self.part(rule, Part::Name, "Name", "rule.name", may),
            line(),
            small("What is left empty is as for all other programs."),
        ];
        let numbers = NUMBERS.iter().enumerate();
        let numbers = numbers.map(|(index, number)| self.part(rule, Part::Number(index), number.label, number.id, may));
        let fields = fields.extend(numbers).push(silence(rule, may)).push(severity(rule, may));
        let void = rule.is_void().then(|| Below::wrong(VOID, Some(FILL_IN.to_owned())).view()).flatten();
        card(fields.push(void).push(row![space::horizontal(), done]).spacing(theme::INSIDE))
    }

    fn part<'a>(
        &'a self,
        rule: &Rule,
        part: Part,
        label: &'static str,
        id: &'static str,
        may: bool,
    ) -> Element<'a, Tab> {
        let (hint, unit) = match part {
            Part::Name => ("Optional", ""),
            Part::Pattern => (matching::hint(rule.match_type), ""),
            Part::Number(index) => ("As for all", NUMBERS.get(index).map_or("", |number| number.unit)),
        };
        let wrong = rule.wrong(part);
        let was = self.opened.as_ref().map(|opened| opened.text(part));
        let is_typed = was.is_some_and(|was| was != rule.text(part));
        let typed = may.then_some(move |text| Tab::Rules(Message::Type(Typed { part, text })));
        let field = field(id, hint, rule.text(part))
            .unit(unit)
            .refused(wrong.is_some())
            .on_input(typed)
            .on_submit(Tab::Apply)
            .on_escape(is_typed.then_some(Tab::Rules(Message::Escape(PartOf(part)))));
        let below = wrong.map_or_else(Below::default, |(wrong, help)| Below::wrong(wrong, help));
        labelled(label, field, None, below).into()
    }
}

/// Asks what is not told of the programs that it matches.
fn silence<'a>(rule: &Rule, may: bool) -> Element<'a, Tab> {
    let tick = |(reason, name): &(Reason, &'static str)| {
        let press = may.then_some(Tab::Rules(Message::Silence(*reason)));
        button::tick(*name, rule.silence.contains(reason))
            .id(format!("rule.silence.{name}"))
            .on_press_maybe(press)
            .into()
    };
    let ticks = Row::with_children(REASONS.iter().map(tick)).spacing(theme::BETWEEN);
    labelled("Silent about", ticks, None, Below::default()).into()
}

const SEVERITIES: [(Option<Severity>, &str); 3] =
    [(None, "As found"), (Some(Severity::Warning), "Warning"), (Some(Severity::Critical), "Critical")];

fn severity<'a>(rule: &Rule, may: bool) -> Element<'a, Tab> {
    let choose = may.then_some(|severity| Tab::Rules(Message::Severity(severity)));
    let choice = select::select("rule.severity", &SEVERITIES, rule.severity, choose);
    labelled("Alerts are", choice, None, Below::default()).into()
}
