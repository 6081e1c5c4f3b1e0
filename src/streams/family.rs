//! The selected streams that share one walk.

use super::Stream;

/// A stream of an endpoint and those that are cut from its rows, as far as they
/// are selected: one walk serves them all.
#[derive(Debug)]
pub(crate) struct Family {
    /// The stream that is walked, selected or not.
    pub(crate) parent: &'static Stream,
    /// The selected streams, in the order of the catalog.
    pub(crate) members: Vec<&'static Stream>,
}

impl Family {
    /// A stream by itself.
    pub(crate) fn of(stream: &'static Stream) -> Family {
        Family {
            parent: stream.parent(),
            members: vec![stream],
        }
    }

    /// Puts streams together whose rows come from the same endpoint.
    pub(crate) fn group(streams: impl Iterator<Item = &'static Stream>) -> Vec<Family> {
        let mut families: Vec<Family> = Vec::new();
        for stream in streams {
            let parent = stream.parent();
            let known = families
                .iter_mut()
                .find(|family| family.parent.name == parent.name);
            match known {
                Some(family) => family.members.push(stream),
                None => families.push(Family {
                    parent,
                    members: vec![stream],
                }),
            }
        }
        families
    }
}
