//! Something to press, with pointer or keyboard: iced's own button cannot be reached with the Tab key.

use crate::window::theme::{self, Colors};
use iced::advanced::widget::{Id, Operation, Tree, operation::Focusable, tree};
use iced::advanced::{Clipboard, Layout, Renderer as _, Shell, Widget, layout, overlay, renderer};
use iced::keyboard::{Key, Modifiers, key::Named};
use iced::{Background, Border, Color, Event, Length, Padding, Point, Rectangle, Size, Theme, Vector, border};
use iced::{Element, Renderer, advanced, keyboard, mouse, touch, window};

/// How a control is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Style {
    /// Its ground.
    pub background: Option<Background>,
    /// Its text.
    pub text: Option<Color>,
    /// Its outline.
    pub border: Border,
}

/// What is being done with a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing.
    Idle,
    /// The pointer is over it.
    Hovered,
    /// It is held down.
    Pressed,
    /// It cannot be pressed.
    Disabled,
}

/// A part of the window that can be pressed and focused.
pub struct Control<'a, M> {
    content: Element<'a, M>,
    id: Option<Id>,
    on_press: Option<M>,
    on_open: Option<Box<dyn Fn(Point) -> M + 'a>>,
    on_double_press: Option<M>,
    on_context: Option<Box<dyn Fn(Point) -> M + 'a>>,
    on_key: Option<OnKey<'a, M>>,
    is_focusable: bool,
    has_parts: bool,
    width: Length,
    height: Length,
    padding: Padding,
    style: Styled<'a>,
    status: Option<Status>,
}

type Styled<'a> = Box<dyn Fn(&Colors, Status) -> Style + 'a>;

type OnKey<'a, M> = Box<dyn Fn(&Key, Modifiers) -> Option<M> + 'a>;

/// Makes a control of its content; without [`Control::on_press`] it is disabled.
pub fn control<'a, M>(content: impl Into<Element<'a, M>>) -> Control<'a, M> {
    let content = content.into();
    let size = content.as_widget().size_hint();
    Control {
        content,
        id: None,
        on_press: None,
        on_open: None,
        on_double_press: None,
        on_context: None,
        on_key: None,
        is_focusable: true,
        has_parts: false,
        width: size.width.fluid(),
        height: size.height.fluid(),
        padding: Padding::ZERO,
        style: Box::new(|_, _| Style::default()),
        status: None,
    }
}

impl<'a, M> Control<'a, M> {
    /// Names it, so that it can be focused by name.
    #[must_use]
    pub fn id(mut self, id: impl Into<Id>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// What a click, Enter or Space on it says.
    #[must_use]
    pub fn on_press(mut self, message: M) -> Self {
        self.on_press = Some(message);
        self
    }

    /// What a click on it says, where it may be pressed.
    #[must_use]
    pub fn on_press_maybe(mut self, message: Option<M>) -> Self {
        self.on_press = message;
        self
    }

    /// What a click, Enter or Space on it says that opens a menu under it; it is told its lower left corner.
    #[must_use]
    pub fn on_open(mut self, message: impl Fn(Point) -> M + 'a) -> Self {
        self.on_open = Some(Box::new(message));
        self
    }

    /// What a second click, shortly after the first, says.
    #[must_use]
    pub fn on_double_press(mut self, message: M) -> Self {
        self.on_double_press = Some(message);
        self
    }

    /// What a click of the right button says; it is told where in the window.
    #[must_use]
    pub fn on_context(mut self, message: impl Fn(Point) -> M + 'a) -> Self {
        self.on_context = Some(Box::new(message));
        self
    }

    /// What keys say while it has the focus; those it has no word for go on to others.
    #[must_use]
    pub fn on_key(mut self, message: impl Fn(&Key, Modifiers) -> Option<M> + 'a) -> Self {
        self.on_key = Some(Box::new(message));
        self
    }

    /// Leaves it out of the Tab order: for rows, whose table has the focus.
    #[must_use]
    pub fn for_the_pointer_only(mut self) -> Self {
        self.is_focusable = false;
        self
    }

    /// Takes the focus where a click goes to a part of it that takes none: for choices, whose parts are pressed.
    #[must_use]
    pub fn with_parts(mut self) -> Self {
        self.has_parts = true;
        self
    }

    /// Sets its width.
    #[must_use]
    pub fn width(mut self, width: impl Into<Length>) -> Self {
        self.width = width.into();
        self
    }

    /// Sets its height.
    #[must_use]
    pub fn height(mut self, height: impl Into<Length>) -> Self {
        self.height = height.into();
        self
    }

    /// Sets the space around its content.
    #[must_use]
    pub fn padding(mut self, padding: impl Into<Padding>) -> Self {
        self.padding = padding.into();
        self
    }

    /// Sets how it is drawn.
    #[must_use]
    pub fn style(mut self, style: impl Fn(&Colors, Status) -> Style + 'a) -> Self {
        self.style = Box::new(style);
        self
    }

    fn can_be_pressed(&self) -> bool {
        self.on_press.is_some() || self.on_open.is_some()
    }

    /// Gives what a press of it says.
    fn press(&self, bounds: Rectangle) -> Option<M>
    where
        M: Clone,
    {
        let corner = Point::new(bounds.x, bounds.y + bounds.height);
        self.on_press.clone().or_else(|| self.on_open.as_ref().map(|open| open(corner)))
    }

    fn takes_focus(&self) -> bool {
        self.is_focusable && (self.can_be_pressed() || self.on_key.is_some())
    }

    fn status(&self, state: &State, is_over: bool) -> Status {
        if !self.can_be_pressed() && self.on_key.is_none() {
            Status::Disabled
        } else if state.is_pressed && is_over {
            Status::Pressed
        } else if is_over {
            Status::Hovered
        } else {
            Status::Idle
        }
    }
}

#[derive(Debug, Default)]
struct State {
    is_pressed: bool,
    focus: Focus,
    last_click: Option<advanced::mouse::Click>,
}

/// The ring is drawn only where the keyboard brought the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Focus {
    #[default]
    None,
    ByPointer,
    ByKeyboard,
}

impl Focusable for State {
    fn is_focused(&self) -> bool {
        self.focus != Focus::None
    }

    fn focus(&mut self) {
        self.focus = Focus::ByKeyboard;
    }

    fn unfocus(&mut self) {
        self.focus = Focus::None;
    }
}

impl<M: Clone> Control<'_, M> {
    fn pressed(&self, state: &mut State, cursor: mouse::Cursor, bounds: Rectangle, shell: &mut Shell<'_, M>) {
        let Some(position) = cursor.position_over(bounds) else {
            state.unfocus();
            return;
        };
        if self.takes_focus() {
            state.focus = Focus::ByPointer;
        }
        if !self.can_be_pressed() {
            return;
        }
        state.is_pressed = true;
        let click = advanced::mouse::Click::new(position, mouse::Button::Left, state.last_click);
        if let (advanced::mouse::click::Kind::Double, Some(message)) = (click.kind(), &self.on_double_press) {
            shell.publish(message.clone());
        }
        state.last_click = Some(click);
        shell.capture_event();
    }

    /// Another part took the press, one of its own or one beside it.
    fn pressed_elsewhere(&self, state: &mut State, is_over: bool) {
        if !is_over {
            state.unfocus();
        } else if self.has_parts && self.takes_focus() {
            state.focus = Focus::ByPointer;
        }
    }

    fn released(&self, state: &mut State, is_over: bool, bounds: Rectangle, shell: &mut Shell<'_, M>) {
        if !std::mem::take(&mut state.is_pressed) {
            return;
        }
        if let Some(message) = self.press(bounds).filter(|_| is_over) {
            shell.publish(message);
        }
        shell.capture_event();
    }

    fn key_pressed(&self, key: &Key, modifiers: Modifiers, bounds: Rectangle, shell: &mut Shell<'_, M>) {
        let presses = matches!(key, Key::Named(Named::Enter | Named::Space)) && modifiers.is_empty();
        let by_key = self.on_key.as_ref().and_then(|on_key| on_key(key, modifiers));
        if let Some(message) = by_key.or_else(|| self.press(bounds).filter(|_| presses)) {
            shell.publish(message);
            shell.capture_event();
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "most events are none of its business")]
    fn handle(
        &self,
        state: &mut State,
        event: &Event,
        bounds: Rectangle,
        cursor: mouse::Cursor,
        shell: &mut Shell<'_, M>,
    ) {
        match event {
            Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left))
            | Event::Touch(touch::Event::FingerPressed { .. }) => self.pressed(state, cursor, bounds, shell),
            Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left))
            | Event::Touch(touch::Event::FingerLifted { .. }) => {
                self.released(state, cursor.is_over(bounds), bounds, shell);
            }
            Event::Touch(touch::Event::FingerLost { .. }) => state.is_pressed = false,
            Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Right)) => {
                let Some((context, position)) = self.on_context.as_ref().zip(cursor.position_over(bounds)) else {
                    return;
                };
                shell.publish(context(position));
                shell.capture_event();
            }
            Event::Keyboard(keyboard::Event::KeyPressed { key, modifiers, .. }) if state.is_focused() => {
                self.key_pressed(key, *modifiers, bounds, shell);
            }
            _ => {}
        }
    }
}

impl<M: Clone> Widget<M, Theme, Renderer> for Control<'_, M> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::default())
    }

    fn children(&self) -> Vec<Tree> {
        vec![Tree::new(&self.content)]
    }

    fn diff(&self, tree: &mut Tree) {
        tree.diff_children(std::slice::from_ref(&self.content));
    }

    fn size(&self) -> Size<Length> {
        Size::new(self.width, self.height)
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let content = self.content.as_widget_mut();
        let state = &mut tree.children[0];
        let (horizontal, vertical) = (iced::Alignment::Start, iced::Alignment::Center);
        layout::positioned(
            limits,
            self.width,
            self.height,
            self.padding,
            |limits| content.layout(state, renderer, &limits.loose()),
            |node, size| node.align(horizontal, vertical, size),
        )
    }

    fn operate(&mut self, tree: &mut Tree, layout: Layout<'_>, renderer: &Renderer, operation: &mut dyn Operation) {
        let state = tree.state.downcast_mut::<State>();
        if self.takes_focus() {
            operation.focusable(self.id.as_ref(), layout.bounds(), state);
        } else {
            state.unfocus();
        }
        operation.container(self.id.as_ref(), layout.bounds());
        operation.traverse(&mut |operation| {
            let Some(inside) = layout.children().next() else { return };
            self.content.as_widget_mut().operate(&mut tree.children[0], inside, renderer, operation);
        });
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        renderer: &Renderer,
        clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, M>,
        viewport: &Rectangle,
    ) {
        if let Some(inside) = layout.children().next() {
            let content = self.content.as_widget_mut();
            content.update(&mut tree.children[0], event, inside, cursor, renderer, clipboard, shell, viewport);
        }
        let bounds = layout.bounds().intersection(viewport).unwrap_or(Rectangle::with_size(Size::ZERO));
        let state = tree.state.downcast_mut::<State>();
        let focus = state.focus;
        if !shell.is_event_captured() {
            self.handle(state, event, bounds, cursor, shell);
        } else if is_press(event) {
            self.pressed_elsewhere(state, cursor.is_over(bounds));
        }
        let status = self.status(state, cursor.is_over(bounds));
        if let Event::Window(window::Event::RedrawRequested(_)) = event {
            self.status = Some(status);
        } else if self.status.is_some_and(|drawn| drawn != status) || focus != state.focus {
            shell.request_redraw();
        }
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        inherited: &renderer::Style,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        let bounds = layout.bounds();
        let state = tree.state.downcast_ref::<State>();
        let colors = Colors::of(theme);
        let status = self.status.unwrap_or_else(|| self.status(state, false));
        let style = (self.style)(&colors, status);
        if style.background.is_some() || style.border.width > 0.0 {
            let quad = renderer::Quad { bounds, border: style.border, ..renderer::Quad::default() };
            renderer.fill_quad(quad, style.background.unwrap_or(Background::Color(Color::TRANSPARENT)));
        }
        if let Some(inside) = layout.children().next() {
            let text = renderer::Style { text_color: style.text.unwrap_or(inherited.text_color) };
            self.content.as_widget().draw(&tree.children[0], renderer, theme, &text, inside, cursor, viewport);
        }
        if state.focus == Focus::ByKeyboard {
            draw_ring(renderer, bounds, &colors);
        }
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
        renderer: &Renderer,
    ) -> mouse::Interaction {
        let Some(inside) = layout.children().next() else { return mouse::Interaction::None };
        let content = self.content.as_widget();
        content.mouse_interaction(&tree.children[0], inside, cursor, viewport, renderer)
    }

    fn overlay<'b>(
        &'b mut self,
        tree: &'b mut Tree,
        layout: Layout<'b>,
        renderer: &Renderer,
        viewport: &Rectangle,
        translation: Vector,
    ) -> Option<overlay::Element<'b, M, Theme, Renderer>> {
        let inside = layout.children().next()?;
        self.content.as_widget_mut().overlay(&mut tree.children[0], inside, renderer, viewport, translation)
    }
}

fn is_press(event: &Event) -> bool {
    let is_click = matches!(event, Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left)));
    is_click || matches!(event, Event::Touch(touch::Event::FingerPressed { .. }))
}

fn draw_ring(renderer: &mut Renderer, bounds: Rectangle, colors: &Colors) {
    let ring = renderer::Quad {
        bounds,
        border: border::rounded(theme::CORNER).width(2).color(colors.accent),
        ..renderer::Quad::default()
    };
    renderer.with_layer(bounds.expand(1.0), |renderer| renderer.fill_quad(ring, Color::TRANSPARENT));
}

impl<'a, M: Clone + 'a> From<Control<'a, M>> for Element<'a, M> {
    fn from(control: Control<'a, M>) -> Self {
        Self::new(control)
    }
}
