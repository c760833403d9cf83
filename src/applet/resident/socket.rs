//! The socket and the lock that goes with it: brought up, and up again where their folder vanished.

use super::Resident;
use crate::applet::event::{Event, Part};
use crate::applet::lock::{self, Lock};
use crate::applet::server::{self, Server};

impl Resident {
    /// Brings the socket up, at the start and after its folder vanished.
    pub(super) fn bind(&mut self) {
        if self.server.as_ref().is_some_and(Server::is_bound) {
            return;
        }
        let problem = match self.hold_lock() {
            Ok(true) => self.serve().err().map(|error| error.to_string()),
            Ok(false) => {
                tracing::error!("Another RunawayGuard has taken over. This one ends.");
                // The loop reads its own inbox next; a full one is read until this fits, at the next scan.
                let _ = self.events.try_send(Event::Quit);
                None
            }
            Err(error) => Some(error.to_string()),
        };
        self.note(Part::Socket, problem);
    }

    /// Makes sure of the lock, which vanishes with the socket's folder; tells whether it is held.
    fn hold_lock(&mut self) -> Result<bool, lock::Error> {
        if self.lock.is_in_place() {
            return Ok(true);
        }
        let again = Lock::acquire(&self.paths.lock())?;
        Ok(again.map(|lock| self.lock = lock).is_some())
    }

    fn serve(&mut self) -> Result<(), server::Error> {
        if let Some(server) = &mut self.server {
            return server.rebind();
        }
        self.server = Some(Server::bind(&self.paths.socket, self.events.clone())?);
        Ok(())
    }
}
