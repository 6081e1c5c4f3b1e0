//! Learns from a few documents how many calls a document of a stream takes.

use std::cell::Cell;

use super::count::{Certainty, Count};
use super::list_cost;
use super::list_sample::ListSample;
use crate::streams::{DocumentChild, Family, Paging, Stream};
use crate::sync::documents::{DocumentFetcher, ListedDocument, count_rows};
use crate::sync::session::Session;
use crate::walk::document_queue::Document;
use crate::xero::fault::RequestError;
use crate::xero::tenants::Tenant;

/// Number of documents that are asked about.
pub(crate) const DOCUMENTS: u64 = 3;

/// The calls of some documents.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DocumentSample {
    documents: u64,
    calls: u64,
}

/// Whether a document of the stream may take several calls.
pub(crate) fn is_needed(document: &DocumentChild) -> bool {
    document.items.is_some() || document.endpoint.paging != Paging::Whole
}

impl DocumentSample {
    /// Asks about documents from the beginning, the middle and the end of the sample of their list.
    pub(crate) async fn of(
        session: &Session,
        tenant: &Tenant,
        family: &Family,
        document: &'static DocumentChild,
        list: &'static Stream,
        sample: &ListSample,
    ) -> Result<DocumentSample, RequestError> {
        let spent = Cell::new(0);
        let names: Vec<_> = family.members.iter().map(|member| member.name).collect();
        let fetcher = DocumentFetcher {
            session,
            family,
            names: &names,
            source: document,
            tenant,
            directory: None,
            spent: &spent,
        };
        let mut asked = DocumentSample::default();
        for id in spread(&sample.ids) {
            let item = ListedDocument {
                at: 0,
                list,
                document: Document {
                    stamp: 0,
                    id: id.clone(),
                },
                is_again: false,
            };
            let rows = count_rows(fetcher, &item).await?;
            asked.documents += 1;
            asked.calls += match document.items {
                Some(_) => 1 + rows,
                None => {
                    let rows = Count::exactly(rows);
                    list_cost::calls(&document.endpoint, rows, None)
                        .first
                        .number
                }
            };
        }
        Ok(asked)
    }

    /// The calls of this number of documents.
    pub(crate) fn calls(self, documents: Count) -> Count {
        match self.documents {
            0 => documents,
            seen if seen >= documents.number => documents.map(|_| self.calls),
            seen => {
                let calls = documents.number as f64 * self.calls as f64 / seen as f64;
                Count {
                    number: calls.round() as u64,
                    certainty: documents.certainty.max(Certainty::About),
                }
            }
        }
    }
}

/// The first one of some ids, the middle one and the last one.
fn spread(ids: &[Box<str>]) -> impl Iterator<Item = &Box<str>> {
    let last = ids.len().saturating_sub(1);
    let mut places = vec![0, last / 2, last];
    places.dedup();
    places.into_iter().filter_map(|place| ids.get(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_documents_stand_for_all() {
        for (documents, calls, all, expected) in [
            (3, 15, Count::exactly(6), Count::about(30)),
            (3, 3, Count::exactly(100), Count::about(100)),
            (2, 7, Count::exactly(2), Count::exactly(7)),
            (3, 15, Count::at_least(6), Count::at_least(30)),
            (0, 0, Count::exactly(0), Count::exactly(0)),
        ] {
            let sample = DocumentSample { documents, calls };
            assert_eq!(sample.calls(all), expected, "{sample:?}");
        }
    }

    #[test]
    fn documents_are_taken_from_the_whole_sample() {
        let ids: Vec<Box<str>> = (0..9).map(|id| id.to_string().into()).collect();
        for (count, expected) in [
            (0, &[][..]),
            (1, &["0"]),
            (2, &["0", "1"]),
            (3, &["0", "1", "2"]),
            (9, &["0", "4", "8"]),
        ] {
            let found: Vec<_> = spread(&ids[..count]).map(|id| &**id).collect();
            assert_eq!(found, expected);
        }
    }
}
