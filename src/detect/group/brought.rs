//! What a process brings to its groups in one interval.

use super::key::{self, Key, Kind};
use super::{LEAST, OF_WEIGHT, Share, parent_of};
use crate::sample::Sample;
use std::time::Duration;

/// A parent that is older by less came with its child, as that of a container does.
const COMES_WITH_IT: Duration = Duration::from_secs(3);

/// What a process brings to one of its groups.
pub(super) struct Brought<'a> {
    pub(super) key: Key,
    pub(super) sample: &'a Sample,
    pub(super) share: Share,
    pub(super) what: What,
}

/// Whose work it is.
pub(super) enum What {
    /// That of the process.
    Own {
        /// Whether it counts in this group where it is started again and again.
        restarts: bool,
    },
    /// That of children which nobody saw alive, with what it costs to start them, in percent of one core.
    Unseen(f64),
    /// That of a descendant, with which its parent is credited: it tells what is done here.
    Descendant,
}

impl Brought<'_> {
    /// What it adds to the use of the group, in percent of one core.
    pub(super) fn percent(&self) -> f64 {
        match self.what {
            What::Own { .. } => self.share.percent,
            What::Unseen(percent) => percent,
            What::Descendant => 0.0,
        }
    }
}

/// Gives what a process brings to its groups.
pub(super) fn by<'a>(samples: &'a [Sample], share: &Share) -> impl Iterator<Item = Brought<'a>> {
    let sample = &samples[share.index];
    let parent = parent_of(samples, sample);
    // A parent is credited with what its children used, so that of a young one no more counts than it used. Where
    // nobody is credited, the rate at which it goes on tells of those before it.
    let came_before = |parent: &&Sample| parent.age >= sample.age + COMES_WITH_IT;
    let is_credited = parent.filter(came_before).and_then(key::of_children).is_some();
    let newborn = share.newborn.filter(|_| is_credited);
    let of_group = Share { percent: newborn.unwrap_or(share.percent), used: newborn.unwrap_or(share.used), ..*share };
    let (whole, children) = (key::whole(samples, sample), key::children(samples, sample));
    // Where a process has forked from one of its name, or its parent came with it, who started it tells nothing.
    let is_of_no_starter = parent.is_some_and(|parent| key::is_fork(sample, parent) || !came_before(&parent));
    let keys = [whole, children.filter(|key| whole != Some(*key))].into_iter().flatten();
    let own = keys.filter(move |_| of_group.percent >= LEAST).map(move |key| {
        let restarts = is_of_no_starter || children.is_none_or(|children| children == key);
        Brought { key, sample, share: of_group, what: What::Own { restarts } }
    });
    own.chain(unseen_of(sample, share)).chain(descent_of(samples, sample, share))
}

/// Gives the groups of those that started the parent of a process, or its parent in turn: a build's compilers are children
/// of their drivers, which do nothing themselves.
fn descent_of<'a>(samples: &'a [Sample], sample: &'a Sample, share: &Share) -> impl Iterator<Item = Brought<'a>> {
    const GENERATIONS: usize = 4;
    let parent = parent_of(samples, sample).filter(|_| share.percent >= OF_WEIGHT);
    let ancestors = std::iter::successors(parent, |ancestor| parent_of(samples, ancestor)).skip(1).take(GENERATIONS);
    let keys = ancestors.map_while(key::of_children).filter(|key| key.kind != Kind::Application);
    let share = *share;
    keys.map(move |key| Brought { key, sample, share, what: What::Descendant })
}

fn unseen_of<'a>(sample: &'a Sample, share: &Share) -> Option<Brought<'a>> {
    let key = key::of_children(sample).filter(|_| share.unseen >= OF_WEIGHT && share.of_cpu.counts_for_groups())?;
    let is_counted = share.is_over || key.kind == Kind::Application;
    let own = if is_counted { 0.0 } else { share.percent.min(share.unseen) };
    Some(Brought { key, sample, share: *share, what: What::Unseen(share.unseen + own) })
}
