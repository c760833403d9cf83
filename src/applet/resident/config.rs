//! The settings: read when their file changes, and edited away from the loop, as a disk may be slow.

use super::Resident;
use crate::applet::event::{Event, Part};
use crate::config::file::File;
use crate::config::watch::Watch;
use crate::config::{Config, wire};
use crate::core::Ticket;
use crate::protocol::{Error, ErrorCode, Reply};
use serde_json::{Map, Value};
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// How long the end waits for edits.
const EDITS_END: Duration = Duration::from_secs(1);

impl Resident {
    pub(super) fn load_config(&mut self) {
        match self.config.load() {
            Ok(config) => self.adopt(config),
            Err(error) => self.note(Part::Config, Some(error.to_string())),
        }
    }

    /// Takes up a config that was read from the file.
    fn adopt(&mut self, config: Config) {
        self.note(Part::Config, None);
        if config != *self.core.config() {
            tracing::info!("the config has changed and is in force");
            self.store.set_retention(config.general.retention_days.get());
            self.core.adopt(config);
            self.changed = true;
        }
    }

    /// Begins to edit the file; each edit begins with what the one before left.
    pub(in crate::applet) fn edit_config(&mut self, ticket: Ticket, patch: Map<String, Value>) {
        let (config, edits) = (self.config.clone(), Arc::clone(&self.edits));
        self.begun.spawn(async move {
            let _turn = edits.lock().await;
            let edited = spawn_blocking(move || config.edit(&patch)).await;
            let edited = edited.unwrap_or_else(|error| Err(Error::new(ErrorCode::Internal, error.to_string())));
            Event::ConfigEdited { ticket, edited }
        });
    }

    /// Has who asked for an edit answered before the end, unless the disk is slow.
    pub(super) async fn finish_edits(&mut self) {
        let edits = Arc::clone(&self.edits);
        let turn = timeout(EDITS_END, edits.lock()).await;
        drop(turn);
        while let Some(done) = self.begun.try_join_next() {
            self.take_done(done);
        }
    }

    /// Takes up an edit. The file has the last word: somebody may have saved it since.
    pub(super) fn config_edited(&mut self, ticket: Ticket, edited: Result<Config, Error>) {
        let reply = match edited {
            Ok(config) => {
                self.load_config();
                Reply::Config(wire::wire(&config))
            }
            Err(error) => error.into(),
        };
        self.reply(ticket, reply);
    }
}

pub(super) fn watch_config(config: &File) -> Option<Watch> {
    let watched = Watch::new(&config.path);
    watched.map_err(|error| tracing::warn!("changes of the config are taken up at the next start: {error}")).ok()
}

/// Waits until what is watched changes; for ever where nothing is.
pub(super) async fn changed(watch: Option<&mut Watch>) {
    match watch {
        Some(watch) => watch.changed().await,
        None => pending().await,
    }
}
