//! The popup without a display: what its buttons ask of the applet, and what it shows.

use super::*;
use crate::protocol::ErrorCode;
use crate::window::tests::{compare, settings};
use crate::window::theme::Mode;
use iced::keyboard::key::Named;
use iced_test::Simulator;
use serde_json::{Value, json};

/// A popup, and the other end of its connection.
struct Stand {
    popup: Popup,
    inbox: mpsc::Receiver<Ask<Message>>,
}

impl Stand {
    /// Opens a popup that is connected and shows these notices, and has for a while.
    fn new(notices: &Value) -> Self {
        let mut popup = Popup::new(preferences::Appearance::Desktop, Appearance::default());
        let (link, mut inbox) = mpsc::channel(16);
        drop(popup.update(Message::Connected(link)));
        let ask = inbox.try_recv().unwrap();
        assert_eq!(ask.request, Request::GetNotices);
        let answer = serde_json::value::to_raw_value(notices).unwrap();
        let mut stand = Self { popup, inbox };
        stand.send((ask.then)(Ok(answer)));
        stand.settle();
        stand
    }

    /// Lets some time pass.
    fn settle(&mut self) {
        self.popup.changed -= SETTLING;
    }

    fn send(&mut self, message: Message) {
        drop(self.popup.update(message));
    }

    fn push(&mut self, notices: &Value) {
        let push = serde_json::from_value(json!({"type": "notices", "data": notices})).unwrap();
        self.send(Event::Push(push).into());
    }

    fn simulator(&self) -> Simulator<'_, Message> {
        Simulator::with_size(settings(), Size::new(WIDTH, 400.0), self.popup.view())
    }

    fn click(&mut self, text: &str) {
        let mut simulator = self.simulator();
        simulator.click(text).unwrap_or_else(|error| panic!("no click on {text:?}: {error}"));
        for message in simulator.into_messages().collect::<Vec<_>>() {
            self.send(message);
        }
    }

    fn shows(&self, text: &str) -> bool {
        self.simulator().find(text).is_ok()
    }

    /// Gives the only request, as the wire has it.
    fn request(&mut self) -> (Ask<Message>, Value) {
        let ask = self.inbox.try_recv().expect("a request");
        assert!(self.inbox.try_recv().is_err(), "one request");
        let wire = json!({"cmd": ask.request.name(), "params": ask.request.params()});
        (ask, wire)
    }
}

fn warning() -> Value {
    json!({
        "alert": 7, "title": "Firefox is using 1.4 cores", "kind": "warning",
        "body": "Isolated Web Co (4711) has kept 1.4 cores busy for 62 s.",
        "actions": ["kill", "pause", "whitelist", "dismiss"]
    })
}

fn outcome() -> Value {
    json!({
        "alert": 8, "title": "node (2210) was killed.", "kind": "outcome", "actions": [],
        "body": "It ignored the request to end; killed after 5 s."
    })
}

#[test]
fn buttons_act_on_their_alert_and_wait_for_the_outcome() {
    for (button, action, waiting) in [
        ("Kill", "kill", "Asked to end …"),
        ("Pause", "pause", "Pausing …"),
        ("Whitelist", "whitelist", "Being put on the whitelist …"),
    ] {
        let mut stand = Stand::new(&json!([warning()]));
        stand.click(button);
        let (_, wire) = stand.request();
        let mut params = json!({"id": 7, "action": action});
        if action == "kill" {
            params["ask"] = true.into();
        }
        assert_eq!(wire, json!({"cmd": "act_on_alert", "params": params}));
        assert!(stand.shows(waiting) && !stand.shows(button));
        let mut outcome = outcome();
        outcome["alert"] = json!(7);
        stand.push(&json!([outcome]));
        assert!(stand.shows("node (2210) was killed.") && !stand.shows(waiting));
    }
}

#[test]
fn continue_is_offered_where_the_applet_says_so_and_dismiss_is_the_cross() {
    let mut paused = warning();
    paused["actions"] = json!(["kill", "continue", "whitelist", "dismiss"]);
    let mut stand = Stand::new(&json!([paused]));
    assert!(!stand.shows("Pause") && !stand.shows("Dismiss"));
    stand.click("Continue");
    assert_eq!(stand.request().1["params"]["action"], "continue");
}

#[test]
fn a_refusal_is_said_in_the_card_and_the_buttons_come_back() {
    let mut stand = Stand::new(&json!([warning(), outcome()]));
    stand.click("Kill");
    let (ask, _) = stand.request();
    let refusal = Failure { code: Some(ErrorCode::NotFound), message: "No alert 7 is firing.".to_owned() };
    stand.send((ask.then)(Err(refusal)));
    assert!(stand.shows("No alert 7 is firing.") && stand.shows("Kill"));
}

#[test]
fn the_cross_closes_its_notice_and_the_text_opens_the_window() {
    let mut stand = Stand::new(&json!([warning()]));
    let mut simulator = stand.simulator();
    simulator.point_at(iced::Point::new(WIDTH - 25.0, 25.0));
    simulator.simulate(iced_test::simulator::click());
    let messages: Vec<_> = simulator.into_messages().collect();
    assert!(matches!(messages[..], [Message::Close(7)]));
    stand.send(Message::Close(7));
    assert_eq!(stand.request().1, json!({"cmd": "close_notice", "params": {"alert": 7}}));
    stand.click("Firefox is using 1.4 cores");
    assert_eq!(stand.request().1, json!({"cmd": "open_window", "params": {"tab": "alerts"}}));
}

#[test]
fn the_card_for_further_ones_has_no_cross() {
    let more =
        json!({"alert": -1, "title": "3 more processes have run away", "body": "", "kind": "outcome", "actions": []});
    let mut stand = Stand::new(&json!([more]));
    stand.click("3 more processes have run away");
    assert_eq!(stand.request().1["cmd"], "open_window");
    let mut simulator = stand.simulator();
    simulator.point_at(iced::Point::new(WIDTH - 25.0, 25.0));
    simulator.simulate(iced_test::simulator::click());
    assert!(simulator.into_messages().all(|message| matches!(message, Message::Open)));
}

#[test]
fn no_key_presses_a_button() {
    let stand = Stand::new(&json!([warning()]));
    let mut simulator = stand.simulator();
    for key in [Named::Tab, Named::Enter, Named::Space, Named::Delete, Named::Escape] {
        simulator.tap_key(key);
    }
    simulator.click("Firefox is using 1.4 cores").unwrap();
    simulator.tap_key(Named::Enter);
    assert!(simulator.into_messages().all(|message| matches!(message, Message::Open | Message::Measured(_))));
}

#[test]
fn clicks_wait_until_the_cards_have_settled() {
    let mut stand = Stand::new(&json!([outcome()]));
    stand.push(&json!([warning(), outcome()]));
    stand.click("Kill");
    assert!(stand.inbox.try_recv().is_err());
    stand.settle();
    let mut worse = warning();
    worse["kind"] = json!("critical");
    stand.push(&json!([worse, outcome()]));
    stand.click("Kill");
    assert_eq!(stand.request().1["cmd"], "act_on_alert");
}

#[test]
fn without_a_connection_a_press_is_refused() {
    let mut stand = Stand::new(&json!([warning()]));
    stand.send(Event::Missing(1, crate::window::link::Missing::Lost).into());
    stand.click("Kill");
    assert!(stand.inbox.try_recv().is_err());
    assert!(stand.shows("Firefox is using 1.4 cores"), "it stays while the applet comes back");
}

#[test]
fn it_is_open_while_there_are_cards_and_as_high_as_they_are() {
    let mut stand = Stand::new(&json!([]));
    assert!(stand.popup.open.is_none() && stand.popup.empty_since.is_some());
    stand.push(&json!([warning()]));
    assert!(stand.popup.open.is_some() && stand.popup.empty_since.is_none());
    stand.send(Message::Measured(Size::new(358.0, 100.0)));
    assert!((stand.popup.height - 102.0).abs() < 0.1);
    stand.send(Message::Measured(Size::new(358.0, 9999.0)));
    assert!((stand.popup.height - MOST).abs() < 0.1);
    stand.push(&json!([]));
    assert!(stand.popup.open.is_none() && stand.popup.empty_since.is_some());
}

#[test]
fn a_press_of_which_nothing_comes_gives_its_buttons_back() {
    let mut stand = Stand::new(&json!([warning()]));
    stand.click("Kill");
    stand.send(Message::Tick);
    assert!(!stand.shows("Kill"));
    stand.popup.presses.insert(7, Press::Pending(Action::Kill, Instant::now().checked_sub(PENDING * 2).unwrap()));
    stand.send(Message::Tick);
    assert!(stand.shows("Kill"));
}

#[test]
fn it_looks_as_it_did() {
    for (mode, name) in [(Mode::Light, "popup-light"), (Mode::Dark, "popup-dark")] {
        let mut stand = Stand::new(&json!([warning(), outcome()]));
        stand.popup.desktop.mode = mode;
        let simulator = Simulator::with_size(settings(), Size::new(WIDTH, 190.0), stand.popup.view());
        compare(simulator, &stand.popup.theme(), name);
    }
}
