//! Groups the selected streams that one walk serves.

use super::Stream;

/// The selected streams whose rows come with the same calls: a list, or data of documents, and its
/// children. One walk serves them all. Contacts that an aged report needs are read by a family of
/// contacts and that report.
#[derive(Debug)]
pub(crate) struct Family {
    /// The stream that is requested, whether selected or not.
    pub(crate) parent: &'static Stream,
    /// The selected streams, in the order of the catalog.
    pub(crate) members: Vec<&'static Stream>,
}

impl Family {
    /// Creates the family of a single stream.
    pub(crate) fn of(stream: &'static Stream) -> Family {
        Family {
            parent: stream.parent(),
            members: vec![stream],
        }
    }

    /// Returns the selected stream that an estimate states the calls with: the parent, or the first
    /// child.
    pub(crate) fn carrier(&self) -> &'static Stream {
        let is_parent = |member: &&&'static Stream| member.name == self.parent.name;
        let parent = self.members.iter().find(is_parent);
        parent.unwrap_or(&self.members[0])
    }

    /// Groups streams whose rows come with the same calls.
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
