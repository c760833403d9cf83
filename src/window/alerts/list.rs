//! The alerts that are shown, newest first: pages from the store, and what the applet tells in between.

use super::filter::{Filter, PAGE};
use crate::protocol::Alert;
use crate::window::ask::Failure;
use std::cmp::Reverse;

/// The alerts that were read so far. While others are asked for, the last ones stay.
#[derive(Debug, Default)]
pub(super) struct List {
    rows: Vec<Alert>,
    asked: Option<Asked>,
    last_number: u64,
    has_more: bool,
    is_read: bool,
    failure: Option<Failed>,
    newest: Option<i64>,
    meanwhile: Vec<Alert>,
}

/// The question that is under way; the answer of any other one comes too late.
#[derive(Clone, Copy, Debug)]
struct Asked {
    number: u64,
    what: What,
}

/// What a question is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The first page of other rows.
    Others,
    /// The first page of the same rows, which may have changed meanwhile.
    Same,
    /// The next page.
    Next,
}

/// A question that came to nothing.
#[derive(Debug)]
struct Failed {
    what: What,
    sentence: String,
}

/// What became of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Folded {
    /// A row is there that was not.
    Inserted(usize),
    /// A row is gone.
    Removed(usize),
    /// As many as before.
    Same,
}

impl List {
    /// Begins anew, and gives the number of the question.
    pub(super) fn begin(&mut self, what: What) -> u64 {
        self.meanwhile.clear();
        self.last_number += 1;
        self.failure = None;
        self.asked = Some(Asked { number: self.last_number, what });
        self.last_number
    }

    /// Gives the number of the question for the next page and the alert it comes after; None where there is none, or a
    /// question is under way.
    pub(super) fn next_page(&mut self) -> Option<(u64, i64)> {
        let last = self.rows.last().filter(|_| self.has_more && self.asked.is_none() && self.failure.is_none())?.id;
        Some((self.begin(What::Next), last))
    }

    /// Takes the answer of a question and gives what it was for; None where it came too late, or to nothing.
    pub(super) fn take(
        &mut self,
        number: u64,
        answer: Result<Vec<Alert>, Failure>,
        filter: &Filter,
        now: i64,
    ) -> Option<What> {
        let what = self.asked.take_if(|asked| asked.number == number)?.what;
        match answer {
            Ok(page) => self.take_page(what, page),
            Err(failure) => self.failure = Some(Failed { what, sentence: failure.message }),
        }
        if filter.shows_all() {
            self.newest = self.newest.max(self.rows.first().map(|alert| alert.timestamp));
        }
        for alert in std::mem::take(&mut self.meanwhile) {
            self.fold(&alert, filter, None, now);
        }
        self.failure.is_none().then_some(what)
    }

    /// Forgets that a question came to nothing, and gives what it was for.
    pub(super) fn forgive(&mut self) -> Option<What> {
        Some(self.failure.take()?.what)
    }

    fn take_page(&mut self, what: What, mut page: Vec<Alert>) {
        self.has_more = page.len() >= PAGE;
        self.is_read = true;
        if what != What::Next {
            self.rows = page;
            return;
        }
        let last = self.rows.last().map(order);
        page.retain(|alert| last.is_none_or(|last| order(alert) > last));
        self.rows.append(&mut page);
    }

    /// Takes an alert that began, worsened or ended. The one with the id `kept` stays even if it no longer belongs here.
    pub(super) fn fold(&mut self, alert: &Alert, filter: &Filter, kept: Option<i64>, now: i64) -> Folded {
        if self.asked.is_some() {
            self.meanwhile.push(alert.clone());
        }
        self.newest = self.newest.max(Some(alert.timestamp));
        let belongs = filter.admits(alert, now);
        if let Some(index) = self.position(alert.id) {
            if belongs || kept == Some(alert.id) {
                self.rows[index] = alert.clone();
                return Folded::Same;
            }
            self.rows.remove(index);
            return Folded::Removed(index);
        }
        let index = self.rows.partition_point(|row| order(row) < order(alert));
        if !belongs || (self.has_more && index == self.rows.len()) {
            return Folded::Same;
        }
        self.rows.insert(index, alert.clone());
        Folded::Inserted(index)
    }

    /// Gives the rows.
    pub(super) fn rows(&self) -> &[Alert] {
        &self.rows
    }

    /// Finds the row of an alert.
    pub(super) fn position(&self, id: i64) -> Option<usize> {
        self.rows.iter().position(|alert| alert.id == id)
    }

    /// Finds an alert.
    pub(super) fn alert(&self, id: i64) -> Option<&Alert> {
        self.rows.iter().find(|alert| alert.id == id)
    }

    /// Whether a first answer has come.
    pub(super) fn is_read(&self) -> bool {
        self.is_read
    }

    /// Why the last question came to nothing.
    pub(super) fn failure(&self) -> Option<&str> {
        self.failure.as_ref().map(|failed| failed.sentence.as_str())
    }

    /// When the last alert of all began, as far as that is known.
    pub(super) fn newest(&self) -> Option<i64> {
        self.newest
    }
}

/// Newest first, as the applet answers.
fn order(alert: &Alert) -> Reverse<(i64, i64)> {
    Reverse((alert.timestamp, alert.id))
}
