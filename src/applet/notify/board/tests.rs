use super::*;
use crate::applet::notify::tests::notice;
use crate::core::Action;

fn outcome(alert: i64) -> Notice {
    Notice { kind: NoticeKind::Outcome, ..notice(alert, "It ended.") }
}

fn show(replaces: u32, notice: &Notice) -> Call {
    Call::Show { replaces, notice: notice.clone() }
}

/// A board with this notice on the screen, under the id 5.
fn open(notice: &Notice) -> Board {
    let mut board = Board::default();
    board.want(vec![notice.clone()]);
    assert_eq!(board.calls(), [show(0, notice)]);
    assert!(board.answered(notice.alert, Some(5)).is_empty());
    assert_eq!(board.calls(), []);
    board
}

fn press(key: &str) -> Signal {
    Signal::Action(key.into())
}

fn is_act(event: Option<&Event>, alert: i64, action: Action) -> bool {
    matches!(event, Some(Event::Act { alert: told, action: done, origin: Origin::Notification })
        if (*told, *done) == (alert, action))
}

impl Board {
    fn hear(&mut self, id: u32, signal: Signal) -> Option<Event> {
        self.heard(id, signal, Instant::now())
    }
}

#[test]
fn an_episode_keeps_its_place_until_it_ends() {
    let (first, worse) = (notice(1, "for 62 s"), notice(1, "for 124 s"));
    let mut board = open(&first);
    board.want(vec![worse.clone()]);
    assert_eq!(board.calls(), [show(5, &worse)]);
    board.answered(1, Some(5));
    board.want(vec![outcome(1)]);
    assert_eq!(board.calls(), [show(5, &outcome(1))]);
    board.answered(1, Some(5));
    board.want(vec![]);
    assert_eq!(board.calls(), [Call::Close(5)]);
    assert!(board.hear(5, Signal::Closed(false)).is_none());
    assert_eq!(board.calls(), []);
}

#[test]
fn what_changes_while_it_is_sent_follows_once_it_has_an_id() {
    let (first, second, third) = (notice(1, "a"), notice(1, "b"), notice(1, "c"));
    let mut board = Board::default();
    board.want(vec![first.clone()]);
    assert_eq!(board.calls(), [show(0, &first)]);
    board.want(vec![second]);
    assert_eq!(board.calls(), []);
    board.want(vec![third.clone()]);
    board.answered(1, Some(9));
    assert_eq!(board.calls(), [show(9, &third)]);
    board.want(vec![]);
    assert_eq!(board.calls(), []);
    board.answered(1, Some(9));
    assert_eq!(board.calls(), [Call::Close(9)]);
}

#[test]
fn closed_by_the_user_is_told_once_and_stays_closed() {
    let mut board = open(&notice(1, "a"));
    assert!(matches!(board.hear(5, Signal::Closed(true)), Some(Event::NoticeClosed(1))));
    assert!(board.hear(5, Signal::Closed(true)).is_none());
    board.want(vec![notice(1, "worse")]);
    assert_eq!(board.calls(), []);
    board.lost();
    assert_eq!(board.calls(), []);
}

#[test]
fn closed_while_its_new_text_is_on_the_way_stays_closed_too() {
    let mut board = open(&notice(1, "a"));
    board.want(vec![notice(1, "b")]);
    assert_eq!(board.calls().len(), 1);
    assert!(matches!(board.hear(5, Signal::Closed(true)), Some(Event::NoticeClosed(1))));
    board.answered(1, Some(6));
    assert_eq!(board.calls(), [Call::Close(6)]);
    board.want(vec![notice(1, "c")]);
    assert_eq!(board.calls(), []);
}

#[test]
fn expired_comes_back_only_when_it_changes() {
    let mut board = open(&notice(1, "a"));
    assert!(board.hear(5, Signal::Closed(false)).is_none());
    board.want(vec![notice(1, "a")]);
    assert_eq!(board.calls(), []);
    board.want(vec![notice(1, "b")]);
    assert_eq!(board.calls(), [show(0, &notice(1, "b"))]);
}

#[test]
fn what_expired_while_it_was_sent_still_comes_back_changed() {
    let mut board = Board::default();
    board.want(vec![notice(1, "a")]);
    assert_eq!(board.calls().len(), 1);
    board.want(vec![notice(1, "b")]);
    assert!(board.hear(5, Signal::Closed(false)).is_none());
    board.answered(1, Some(5));
    assert_eq!(board.calls(), [show(0, &notice(1, "b"))]);
}

#[test]
fn a_button_acts_once_and_the_closing_after_it_is_not_the_users() {
    let mut board = open(&notice(1, "a"));
    assert!(is_act(board.hear(5, press("kill")).as_ref(), 1, Action::Kill));
    assert!(board.hear(5, Signal::Closed(true)).is_none());
    assert!(board.hear(5, Signal::Closed(true)).is_none());
    board.want(vec![outcome(1)]);
    assert_eq!(board.calls(), [show(0, &outcome(1))]);
}

#[test]
fn what_came_of_a_button_is_shown_even_if_the_closing_is_told_later() {
    let mut board = open(&notice(1, "a"));
    assert!(is_act(board.hear(5, press("kill")).as_ref(), 1, Action::Kill));
    board.want(vec![outcome(1)]);
    assert_eq!(board.calls(), [show(5, &outcome(1))]);
    assert!(board.hear(5, Signal::Closed(true)).is_none());
    board.answered(1, Some(5));
    assert_eq!(board.calls(), []);
    board.want(vec![]);
    assert_eq!(board.calls(), [Call::Close(5)]);
}

#[test]
fn long_after_a_click_it_is_the_user_who_closes() {
    let mut board = open(&notice(1, "a"));
    let clicked = Instant::now();
    assert!(matches!(board.heard(5, press("default"), clicked), Some(Event::OpenWindow(_))));
    let closed = board.heard(5, Signal::Closed(true), clicked + 2 * PRESS_CLOSES);
    assert!(matches!(closed, Some(Event::NoticeClosed(1))));
}

#[test]
fn a_click_that_is_told_with_a_button_opens_nothing() {
    let mut board = open(&notice(1, "a"));
    let pressed = Instant::now();
    assert!(is_act(board.heard(5, press("kill"), pressed).as_ref(), 1, Action::Kill));
    assert!(board.heard(5, press("default"), pressed).is_none());
    let later = board.heard(5, press("default"), pressed + 2 * PRESS_CLICKS);
    assert!(matches!(later, Some(Event::OpenWindow(_))));
}

#[test]
fn a_button_that_is_told_after_the_closing_still_acts() {
    let mut board = open(&notice(1, "a"));
    assert!(matches!(board.hear(5, Signal::Closed(true)), Some(Event::NoticeClosed(1))));
    assert!(is_act(board.hear(5, press("whitelist")).as_ref(), 1, Action::Whitelist));
    board.want(vec![outcome(1)]);
    assert_eq!(board.calls(), [show(0, &outcome(1))]);
}

#[test]
fn a_click_opens_the_window_and_other_keys_do_nothing() {
    let mut board = open(&notice(1, "a"));
    assert!(board.hear(5, press("inline-reply")).is_none());
    assert!(board.hear(6, press("kill")).is_none());
    assert!(matches!(board.hear(5, press("default")), Some(Event::OpenWindow(Some(Tab::Alerts)))));
}

#[test]
fn a_signal_ahead_of_its_id_waits_for_it() {
    let mut board = Board::default();
    board.want(vec![notice(1, "a")]);
    assert_eq!(board.calls().len(), 1);
    assert!(board.hear(4, press("kill")).is_none());
    assert!(board.hear(5, press("pause")).is_none());
    let events = board.answered(1, Some(5));
    assert_eq!(events.len(), 1);
    assert!(is_act(events.first(), 1, Action::Pause));
    assert!(board.answered(1, Some(5)).is_empty());
}

#[test]
fn an_id_that_is_given_again_belongs_to_the_new_one() {
    let mut board = open(&notice(1, "a"));
    board.hear(5, Signal::Closed(true));
    board.want(vec![notice(1, "a"), notice(2, "b")]);
    assert_eq!(board.calls(), [show(0, &notice(2, "b"))]);
    board.answered(2, Some(5));
    assert!(is_act(board.hear(5, press("kill")).as_ref(), 2, Action::Kill));
}

#[test]
fn the_next_server_shows_again_once_what_nobody_closed() {
    let mut board = Board::default();
    let all = [notice(1, "a"), notice(2, "b"), notice(3, "c"), outcome(4)];
    board.want(all.to_vec());
    assert_eq!(board.calls().len(), 4);
    for (alert, id) in (1..).zip(11..=14) {
        board.answered(alert, Some(id));
    }
    board.hear(12, Signal::Closed(true));
    board.hear(13, Signal::Closed(false));
    board.lost();
    assert!(board.is_waiting() && !board.is_urgent());
    assert_eq!(board.calls(), [show(0, &all[0])]);
    board.answered(1, Some(12));
    assert!(matches!(board.hear(12, press("kill")), Some(Event::Act { alert: 1, .. })), "the id is the first's now");
    board.lost();
    assert!(!board.is_waiting());
    assert_eq!(board.calls(), []);
    board.want(vec![notice(1, "worse")]);
    assert!(board.is_urgent());
    assert_eq!(board.calls(), [show(0, &notice(1, "worse"))]);
}

#[test]
fn a_server_that_always_falls_over_it_is_not_asked_for_ever() {
    let mut board = Board::default();
    board.want(vec![notice(1, "a")]);
    for _ in 0..2 {
        assert_eq!(board.calls(), [show(0, &notice(1, "a"))]);
        board.answered(1, None);
        board.lost();
    }
    assert_eq!(board.calls(), []);
}

#[test]
fn refused_is_asked_again_only_when_it_changes_or_with_the_next_server() {
    let mut board = Board::default();
    board.want(vec![notice(1, "a")]);
    board.calls();
    board.answered(1, None);
    assert_eq!(board.calls(), []);
    assert!(!board.is_urgent());
    board.lost();
    assert_eq!(board.calls(), [show(0, &notice(1, "a"))]);
    board.answered(1, None);
    board.want(vec![notice(1, "b")]);
    assert_eq!(board.calls(), [show(0, &notice(1, "b"))]);
}

#[test]
fn a_server_is_started_once_for_a_text() {
    let mut board = Board::default();
    assert!(!board.is_urgent());
    board.want(vec![notice(1, "a")]);
    assert!(board.is_urgent());
    board.tried();
    board.want(vec![notice(1, "a")]);
    assert!(board.is_waiting() && !board.is_urgent());
    board.want(vec![notice(1, "b")]);
    assert!(board.is_urgent());
}

#[test]
fn what_the_server_has_lost_is_shown_anew_once() {
    let (first, worse) = (notice(1, "for 62 s"), notice(1, "for 124 s"));
    let mut board = open(&first);
    board.want(vec![worse.clone()]);
    assert_eq!(board.calls(), [show(5, &worse)]);
    board.call_is_lost(1);
    assert_eq!(board.calls(), [Call::Close(5), show(0, &worse)]);
    board.call_is_lost(1);
    assert_eq!(board.calls(), [], "it is lost each time");
    let last = notice(1, "for 248 s");
    board.want(vec![last.clone()]);
    assert_eq!(board.calls(), [show(0, &last)]);
}

#[test]
fn what_came_of_a_button_and_is_lost_takes_the_old_text_away() {
    let mut board = open(&notice(1, "for 62 s"));
    board.want(vec![outcome(1)]);
    assert_eq!(board.calls(), [show(5, &outcome(1))]);
    board.call_is_lost(1);
    assert_eq!(board.calls(), [Call::Close(5)]);
}
