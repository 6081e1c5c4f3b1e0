//! Makes the identities of a report's values unique. Two values with one identity would replace each
//! other in a destination.

use std::collections::{HashMap, HashSet};

/// The identities of one report.
#[derive(Debug, Default)]
pub(super) struct Identities {
    used: HashSet<String>,
    /// The number in the last identity that was made from each name.
    last: HashMap<String, usize>,
}

impl Identities {
    /// Returns the name, with a number after it if an earlier value has the name.
    pub(super) fn unique(&mut self, name: String) -> String {
        let mut identity = name.clone();
        while !self.used.insert(identity.clone()) {
            let number = self.last.entry(name.clone()).or_insert(1);
            *number += 1;
            identity = format!("{name}#{number}");
        }
        identity
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_names_have_numbers_that_no_other_name_has() {
        for (names, identities) in [
            (&["a", "b", "a", "a"][..], &["a", "b", "a#2", "a#3"][..]),
            (&["a", "a", "a#2", "a"], &["a", "a#2", "a#2#2", "a#3"]),
            (&["a#2", "a", "a"], &["a#2", "a", "a#3"]),
        ] {
            let mut found = Identities::default();
            let names = names.iter().map(|name| found.unique((*name).to_owned()));
            assert_eq!(names.collect::<Vec<_>>(), identities);
        }
    }
}
