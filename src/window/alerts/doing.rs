//! What the user has done about an alert: what is asked first, what is sent, and what is said of it.

use super::act::Act;
use super::{Alerts, Chart, Done, Message, Note, Question, without_focus};
use crate::figures;
use crate::protocol::request::GetHistory;
use crate::protocol::{self, Alert, HistoryPoint, NoticeKind, Request};
use crate::window::Scene;
use crate::window::ask::{ASKING, Ask, Effect, Failure, Taken};
use crate::window::widget::question::Answer;

impl Alerts {
    pub(super) fn ask(&mut self, question: Question) -> Vec<Effect<Message>> {
        self.asked = Some(question);
        vec![without_focus()]
    }

    pub(super) fn answer(&mut self, answer: Answer, scene: &Scene) -> Vec<Effect<Message>> {
        match (self.asked.take(), answer) {
            (None, _) | (Some(_), Answer::No) => Vec::new(),
            (Some(Question::Terminate(alert)), Answer::Yes) => self.carry_out(Act::Terminate, &alert),
            (Some(Question::ClearAll), Answer::Yes) => {
                let sentence = match scene.mirror.firing.len() {
                    1 => "1 alert is dismissed.".to_owned(),
                    count => format!("{count} alerts are dismissed."),
                };
                let done = Done { alert: None, sentence };
                vec![Ask::new(Request::ClearAlerts, move |result| Message::Done(done, result)).into()]
            }
        }
    }

    pub(super) fn act(&mut self, act: Act, scene: &Scene) -> Vec<Effect<Message>> {
        let possible = |alert: &&Alert| act.is_possible(alert, scene);
        let Some(alert) = self.selected_alert().filter(possible).cloned() else { return Vec::new() };
        match act {
            Act::Terminate => self.ask(Question::Terminate(Box::new(alert))),
            Act::Show => vec![Effect::ShowProcess(alert.pid, alert.start_time)],
            Act::Copy => {
                self.done(Done { alert: Some(alert.id), sentence: act.taken_on(&alert) }, Ok(Taken { asking: false }));
                vec![iced::clipboard::write(alert.cmdline).into()]
            }
            Act::Pause | Act::Continue | Act::Whitelist(_) | Act::Dismiss => self.carry_out(act, &alert),
        }
    }

    pub(super) fn carry_out(&mut self, act: Act, alert: &Alert) -> Vec<Effect<Message>> {
        self.is_choosing = false;
        let done = Done { alert: Some(alert.id), sentence: act.taken_on(alert) };
        let ask = act.request(alert).map(|request| Ask::new(request, move |result| Message::Done(done, result)));
        ask.map(Into::into).into_iter().collect()
    }

    pub(super) fn done(&mut self, Done { alert, sentence }: Done, result: Result<Taken, Failure>) {
        let is_wrong = result.is_err();
        let sentence = match result {
            Ok(Taken { asking: true }) => ASKING.to_owned(),
            Ok(Taken { asking: false }) => sentence,
            Err(failure) => failure.message,
        };
        self.note = Some(Note { alert, sentence: figures::harmless(&sentence), is_wrong });
    }

    /// What came of a question to an administrator, whoever raised it.
    pub(super) fn take_answer(&mut self, told: &protocol::Outcome) {
        let is_meant = |alert: &&Alert| (alert.pid, alert.start_time) == (told.pid, told.start_time);
        if let Some(alert) = self.selected_alert().filter(is_meant).map(|alert| alert.id) {
            let sentence = figures::harmless(&told.message);
            self.note = Some(Note { alert: Some(alert), sentence, is_wrong: !told.ended });
        }
    }

    /// What came of an action is told as a notification, in the end: it takes the place of what was said at first.
    pub(super) fn take_outcome(&mut self, scene: &Scene) {
        let is_outcome = |kind| kind == NoticeKind::Outcome;
        let mut outcomes = scene.mirror.notices.iter().filter(|notice| is_outcome(notice.kind));
        if let Some(notice) = outcomes.find(|notice| Some(notice.alert) == self.selected) {
            let sentence = figures::harmless(format!("{} {}", notice.title, notice.body).trim());
            self.note = Some(Note { alert: self.selected, sentence, is_wrong: false });
        }
    }

    pub(super) fn ask_history(&mut self, scene: &Scene) -> Vec<Effect<Message>> {
        let Some(alert) = self.selected else { return Vec::new() };
        let old = self.chart.take().filter(|chart| chart.alert == alert);
        let (points, failure) = old.map_or_else(Default::default, |chart| (chart.points, chart.failure));
        self.chart = Some(Chart { alert, points, failure, asked: scene.now, is_waiting: true });
        let request = Request::GetHistory(GetHistory { alert: Some(alert), ..GetHistory::default() });
        vec![Ask::new(request, move |answer| Message::History(alert, answer)).into()]
    }

    pub(super) fn history(&mut self, alert: i64, answer: Result<Vec<HistoryPoint>, Failure>) {
        let Some(chart) = self.chart.as_mut().filter(|chart| chart.alert == alert) else { return };
        chart.is_waiting = false;
        match answer {
            Ok(points) => (chart.points, chart.failure) = (points, None),
            Err(failure) => chart.failure = Some(failure.message),
        }
    }
}
