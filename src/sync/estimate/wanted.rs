//! Decides what the estimate must ask about for the chosen streams.

use super::document_sample;
use crate::failure::Failure;
use crate::streams::{
    self, DocumentChild, ExistsIn, Family, Paging, Report, ReportKind, Source, Stream,
};
use crate::sync::explain;

/// The chosen streams, by what their cost depends on.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// The chosen lists and children. One walk serves each family.
    pub(crate) families: Vec<Family>,
    /// Lists that are read for per-document streams only, each with the first of these streams.
    pub(crate) observed: Vec<Family>,
    /// Reports that cost a call per period.
    pub(crate) periodic: Vec<(&'static Stream, &'static Report)>,
    /// Reports that cost a call per contact or published return.
    pub(crate) by_item: Vec<(&'static Stream, &'static Report)>,
    /// Per-document streams and their children, with the lists of their documents that the token can
    /// read.
    pub(crate) documents: Vec<(Family, &'static DocumentChild, Vec<&'static Stream>)>,
    /// The stream of counts, with the lists that it counts.
    pub(crate) counts: Option<(&'static Stream, Vec<&'static Stream>)>,
    /// Whether a list of a single country is chosen, and the token can read the organisation.
    pub(crate) checks_country: bool,
    /// Chosen streams that the token cannot read.
    pub(crate) unreadable: Vec<(&'static Stream, Failure)>,
}

impl Wanted {
    /// Sorts the chosen streams. `granted` are the scopes that the token names.
    pub(crate) fn of(streams: &[&'static Stream], granted: Option<&[String]>) -> Wanted {
        let may = |stream: &Stream| granted.is_none_or(|granted| stream.readable_with(granted));
        let mut wanted = Wanted::default();
        let (mut lists, mut documents) = (Vec::new(), Vec::new());
        for stream in streams.iter().copied() {
            if !may(stream) {
                let failure = explain::missing_scope(stream);
                wanted.unreadable.push((stream, failure));
                continue;
            }
            match (&stream.source, stream.document()) {
                (_, Some(_)) => documents.push(stream),
                (Source::Report(report), _) if stream.is_costly() => {
                    wanted.by_item.push((stream, report));
                }
                (Source::Report(report), _) => wanted.periodic.push((stream, report)),
                (Source::Counts(_), _) => {
                    let lists = streams::lists_to_count(streams, may);
                    wanted.counts = Some((stream, lists));
                }
                _ => lists.push(stream),
            }
        }
        for family in Family::group(documents.into_iter()) {
            let Some(document) = family.parent.document() else {
                continue;
            };
            let parents = document.parents.iter().copied();
            let parents: Vec<_> = parents.filter(|list| may(list)).collect();
            if parents.is_empty() {
                let failure = explain::missing_scope(document.parents[0]);
                let members = family.members.into_iter();
                let members = members.map(|stream| (stream, failure.clone()));
                wanted.unreadable.extend(members);
            } else {
                wanted.documents.push((family, document, parents));
            }
        }
        wanted.families = Family::group(lists.into_iter());
        for (family, _, parents) in &wanted.documents {
            for list in parents {
                let mut known = wanted.families.iter().chain(&wanted.observed);
                if known.all(|family| family.parent.name != list.name) {
                    wanted.observed.push(Family {
                        parent: list,
                        members: vec![family.members[0]],
                    });
                }
            }
        }
        let is_of_country = |family: &Family| family.parent.endpoint().api.country.is_some();
        wanted.checks_country = wanted.lists().any(is_of_country) && may(&streams::organisations);
        wanted
    }

    /// The per-document streams of which some documents are asked about.
    pub(crate) fn sampled_documents(
        &self,
    ) -> impl Iterator<Item = (&Family, &'static DocumentChild, &[&'static Stream])> {
        let documents = self.documents.iter();
        let sampled = documents.filter(|(_, document, _)| document_sample::is_needed(document));
        sampled.map(|(family, document, lists)| (family, *document, &lists[..]))
    }

    /// Returns the streams whose cost depends on the contacts with a balance.
    pub(crate) fn aged(&self) -> Vec<&'static Stream> {
        let by_item = self.by_item.iter();
        let is_aged = |report: &Report| matches!(report.kind, ReportKind::PerContact(_));
        let aged = by_item.filter(|(_, report)| is_aged(report));
        aged.map(|(stream, _)| *stream).collect()
    }

    /// The lists that are asked about.
    pub(crate) fn lists(&self) -> impl Iterator<Item = &Family> {
        self.families.iter().chain(&self.observed)
    }

    /// Whether the sync needs to know the organisation.
    pub(crate) fn needs_organisation(&self) -> bool {
        let is_scheme = |document: &DocumentChild| document.exists_in != ExistsIn::Every;
        let mut documents = self.documents.iter();
        self.checks_country
            || !self.periodic.is_empty()
            || !self.by_item.is_empty()
            || documents.any(|(_, document, _)| is_scheme(document))
    }

    /// Returns the number of calls to each organisation that the estimate makes in any case, and the
    /// lists that need more calls, because Xero does not count them.
    pub(crate) fn announced(&self) -> (u64, Vec<&'static str>) {
        let (mut calls, mut uncounted) = (0, Vec::new());
        for family in self.lists() {
            let filter = family.parent.endpoint().required_filter;
            calls += filter.map_or(1, |it| it.values.len() as u64);
            match family.parent.endpoint().paging {
                _ if family.parent.is_counted() => {}
                Paging::FixedPages | Paging::UnfilteredPages | Paging::Offset => {
                    uncounted.push(family.parent.name);
                }
                Paging::ListThenDetail => calls += 1,
                Paging::Whole | Paging::Pages | Paging::UnfilteredSizedPages => {}
            }
        }
        calls += self.sampled_documents().count() as u64 * document_sample::DOCUMENTS;
        let is_listed = |name| self.lists().any(|family| family.parent.name == name);
        calls += u64::from(self.needs_organisation() && !is_listed("organisations"));
        calls += u64::from(!is_listed("currencies")); // the proof of access
        calls += u64::from(!self.aged().is_empty());
        let published = |(_, report): &&(_, &Report)| report.kind == ReportKind::Published;
        calls += self.by_item.iter().filter(published).count() as u64;
        (calls, uncounted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::find;

    #[test]
    fn lists_are_asked_about_once_and_streams_without_scope_not_at_all() {
        let names = [
            "invoice_line_items",
            "invoices",
            "online_invoices",
            "history",
            "accounts",
        ];
        let streams = names.map(|name| find(name).expect("the stream exists"));
        let granted = [
            "accounting.invoices.read".to_owned(),
            "accounting.contacts.read".to_owned(),
        ];
        let wanted = Wanted::of(&streams, Some(&granted));
        let lists: Vec<_> = wanted.lists().map(|family| family.parent.name).collect();
        assert_eq!(lists[0], "invoices");
        assert_eq!(lists.iter().filter(|name| **name == "invoices").count(), 1);
        assert!(
            lists.contains(&"contacts") && !lists.contains(&"payments"),
            "{lists:?}"
        );
        let unreadable: Vec<_> = wanted.unreadable.iter().map(|(it, _)| it.name).collect();
        assert_eq!(unreadable, ["accounts"]);
        assert!(!wanted.needs_organisation());
    }
}
