//! The fields of the tab.

use super::schema::{Field, GROUPS, Group, Kind, METHODS};
use super::{Message, RULES, Settings, files};
use crate::config::NotificationMethod;
use crate::window::preferences::{Appearance, Preferences};
use crate::window::widget::field::{Below, field, labelled};
use crate::window::widget::{body, button, select, small, title};
use crate::window::{Scene, theme};
use iced::widget::{Column, Space, column, container, row, scrollable, text};
use iced::{Center, Element, Fill};

/// The width of the form.
const FORM: f32 = 760.0;

/// The width of a field for a number.
const NUMBER: f32 = 190.0;

const APPEARANCES: [(Appearance, &str); 3] =
    [(Appearance::Desktop, "As the desktop"), (Appearance::Light, "Light"), (Appearance::Dark, "Dark")];

/// Draws all groups.
pub(super) fn view<'a>(settings: &'a Settings, preferences: &'a Preferences, scene: &'a Scene) -> Element<'a, Message> {
    let window = heading("Window", "This window, and when RunawayGuard starts. Takes effect at once.");
    let own = column![settings.login.view(), appearance(preferences), quit(preferences)].spacing(theme::INSIDE);
    let form = Column::new()
        .extend(config(settings, scene))
        .push(window.push(own))
        .push(heading("Files", "Where everything is kept.").push(files::view(settings, scene)))
        .push(Space::new().height(1))
        .spacing(24)
        .max_width(FORM)
        .padding([theme::EDGE, theme::EDGE]);
    scrollable(form).id("settings").style(theme::scroll).width(Fill).height(Fill).into()
}

/// The groups of the config, once it is known.
fn config<'a>(settings: &'a Settings, scene: &'a Scene) -> Vec<Element<'a, Message>> {
    if scene.mirror.config.is_null() {
        let words = "The settings are shown as soon as RunawayGuard answers.";
        return vec![body(words).style(theme::muted).into()];
    }
    let groups = GROUPS.iter().map(|group| self::group(settings, scene, group));
    groups.chain([rules(settings, scene)]).collect()
}

fn heading<'a>(words: &'a str, explained: &'a str) -> Column<'a, Message> {
    column![column![title(words), small(explained)].spacing(2)].spacing(theme::BETWEEN)
}

fn group<'a>(settings: &'a Settings, scene: &'a Scene, group: &'a Group) -> Element<'a, Message> {
    let fields = group.fields.iter().map(|field| one(settings, scene, field));
    heading(group.title, group.explained).push(column(fields).spacing(theme::INSIDE)).into()
}

fn rules<'a>(settings: &'a Settings, scene: &'a Scene) -> Element<'a, Message> {
    let config = &scene.mirror.config;
    let is_changed = settings.draft.are_rules_changed(config);
    let mark = is_changed.then(|| text("Changed").size(theme::SMALL).style(theme::accented));
    let refusal = settings.refused(RULES).map_or_else(Below::default, |why| Below::wrong(why, None));
    let explained = "What holds for single programs. Of several rules that match, the first one counts.";
    let editor = settings.rules.view(&settings.draft.rules(config), scene.mirror.is_connected());
    let heading = row![title("Rules")].push(mark).spacing(theme::BETWEEN).align_y(Center);
    let heading = column![heading, small(explained)].spacing(2);
    column![heading, editor].push(refusal.view()).spacing(theme::BETWEEN).into()
}

fn one<'a>(settings: &'a Settings, scene: &'a Scene, field: &'static Field) -> Element<'a, Message> {
    let config = &scene.mirror.config;
    let text = settings.draft.text(field, config);
    let below = below(settings, field, &text);
    let is_changed = settings.draft.is_changed(field, config);
    let mark = is_changed.then(|| format!("Changed, was {}", field.in_words(&field.shown(config))));
    let is_refused = below.wrong.is_some();
    let may = scene.mirror.is_connected();
    let control: Element<'a, Message> = match field.kind {
        Kind::Switch => switch(field.key, text == "true", may),
        Kind::Method => method(field.key, &text, may),
        Kind::Number { unit, .. } => {
            let escape = settings.draft.has(field.key).then_some(Message::Escape(field.key));
            number(field.key, &text, unit, is_refused, may, escape)
        }
    };
    labelled(field.label, control, mark, below).into()
}

fn below(settings: &Settings, field: &Field, text: &str) -> Below {
    if let Some(why) = settings.refused(field.key) {
        return Below::wrong(why, None);
    }
    match field.read(text) {
        Ok(_) => Below::default(),
        Err(wrong) => Below::wrong(wrong.sentence, Some(wrong.allowed)),
    }
}

fn switch<'a>(key: &'static str, is_on: bool, may: bool) -> Element<'a, Message> {
    let press = may.then(|| Message::Type(key, (!is_on).to_string()));
    button::tick(if is_on { "On" } else { "Off" }, is_on).id(key).on_press_maybe(press).into()
}

fn method<'a>(key: &'static str, text: &str, may: bool) -> Element<'a, Message> {
    let word = |method: NotificationMethod| {
        serde_json::to_value(method).ok().and_then(|word| word.as_str().map(str::to_owned))
    };
    let chosen = METHODS.iter().find(|(method, _)| word(*method).as_deref() == Some(text));
    let chosen = chosen.map_or(NotificationMethod::Both, |(method, _)| *method);
    let choose = may.then_some(move |method| Message::Type(key, word(method).unwrap_or_default()));
    select::select(key, &METHODS, chosen, choose).into()
}

fn number<'a>(
    key: &'static str,
    text: &str,
    unit: &'static str,
    is_refused: bool,
    may: bool,
    escape: Option<Message>,
) -> Element<'a, Message> {
    let typed = may.then_some(move |text| Message::Type(key, text));
    field(key, "", text)
        .unit(unit)
        .width(NUMBER)
        .refused(is_refused)
        .on_input(typed)
        .on_submit(Message::Apply)
        .on_escape(escape)
        .into()
}

fn appearance(preferences: &Preferences) -> Element<'_, Message> {
    let choice = select::select("appearance", &APPEARANCES, preferences.appearance, Some(Message::Appearance));
    labelled("Appearance", choice, None, Below::default()).into()
}

fn quit(preferences: &Preferences) -> Element<'_, Message> {
    let is_on = preferences.quit_with_window;
    let label = "Quit RunawayGuard when the window closes";
    let tick = button::tick(label, is_on).id("quit-with-window").on_press(Message::QuitWithWindow(!is_on));
    let help = is_on.then(|| "Nothing is watched while RunawayGuard does not run.".to_owned());
    labelled("Closing", tick, None, Below { wrong: None, help }).into()
}

/// A group of its own within another.
pub(super) fn card<'a>(content: impl Into<Element<'a, Message>>) -> Element<'a, Message> {
    container(content).padding(theme::BETWEEN).width(Fill).style(theme::card).into()
}
