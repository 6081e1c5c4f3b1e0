//! The calls of one stream in one organisation, several at once, and the rows of each
//! document on their way to stdout, in order and each followed by a state.

use futures_util::StreamExt;

use super::queue::Document;
use super::rows::{self, Row};
use crate::budget::CALLS_AT_ONCE;
use crate::call::Call;
use crate::client::Trouble;
use crate::explain;
use crate::retry::Fault;
use crate::session::Session;
use crate::streams::{Stream, Wanted};
use crate::tenants::{ACCOUNTING, Tenant};

/// So many documents in a row that cannot be asked are no longer theirs but Xero's fault.
pub(crate) const MOST_MISSES: u32 = 10;

/// A document that is asked, and whose list it is from.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Where its list stands among the stream's.
    pub(crate) at: usize,
    /// Its list.
    pub(crate) list: &'static Stream,
    pub(crate) document: Document,
    /// Its call failed in an earlier sync.
    pub(crate) is_again: bool,
}

/// What came of a document.
#[derive(Debug)]
pub(crate) enum Asked {
    /// Its rows.
    Rows(Vec<Row>),
    /// It cannot be asked now; the next sync tries again.
    Later(Trouble),
    /// It cannot be asked; no other call will change that.
    Never(Trouble),
    /// Nothing can be asked for the time being.
    Stop(Trouble),
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller<'a> {
    pub(crate) session: &'a Session,
    pub(crate) stream: &'static Stream,
    pub(crate) wanted: Wanted,
    pub(crate) tenant: &'a Tenant,
}

impl<'a> Caller<'a> {
    /// Asks the documents, several at once; the answers come in their order.
    pub(crate) fn all(
        self,
        items: Vec<Item>,
    ) -> impl futures_util::Stream<Item = (Item, Asked)> + 'a {
        futures_util::stream::iter(items)
            .map(move |item| async move {
                let asked = self.ask(&item).await;
                (item, asked)
            })
            .buffered(CALLS_AT_ONCE)
    }

    async fn ask(self, item: &Item) -> Asked {
        let parent = item.list.endpoint().path;
        let below = self.stream.endpoint().path;
        let call = Call {
            path: format!("{ACCOUNTING}{parent}/{}{below}", item.document.id),
            tenant: Some(&self.tenant.id),
            stream: Some(self.stream.name),
            ..Call::default()
        };
        let kind = kind(item.list);
        let is_stamped = item.list.is_stamped();
        let parse = |body: &[u8]| rows::read(body, self.stream, kind, &item.document, is_stamped);
        match self.session.client.get(&call, parse).await {
            Ok(rows) => Asked::Rows(rows),
            // Contacts that never took part in the scheme, invoices that nobody can see.
            Err(Trouble::Fault(Fault::Refused { status: 404, .. })) if self.is_optional() => {
                Asked::Rows(Vec::new())
            }
            Err(trouble) => judge(trouble),
        }
    }

    /// Whether most documents do not have what is asked for.
    fn is_optional(self) -> bool {
        self.wanted == Wanted::Online || self.stream.name == "cis_settings"
    }

    /// Says that a document is passed over, and why.
    pub(crate) fn tell(self, item: &Item, trouble: Trouble, is_later: bool) {
        let (kind, id) = (kind(item.list), &item.document.id);
        let what_next = match is_later {
            true => "the next sync asks it again",
            false => "it is asked again once it changes",
        };
        let why = match trouble {
            Trouble::Fault(Fault::Refused { status: 404, .. }) => {
                "Xero no longer knows it (HTTP 404)".to_owned()
            }
            Trouble::Fault(Fault::Forbidden(text)) => {
                format!("Xero forbids it (HTTP 403: {text})")
            }
            trouble => {
                let told = |fault| explain::call(fault, self.stream, self.tenant.label());
                trouble.told(told).to_string()
            }
        };
        tracing::warn!(
            stream = self.stream.name,
            "{kind}/{id} of {} is skipped, {what_next}: {why}",
            self.tenant.label()
        );
    }
}

/// What the API calls a list.
fn kind(list: &'static Stream) -> &'static str {
    list.endpoint().path.trim_start_matches('/')
}

/// Whether a call that went wrong is about its document, or about more.
fn judge(trouble: Trouble) -> Asked {
    let Trouble::Fault(fault) = &trouble else {
        return Asked::Stop(trouble);
    };
    match fault {
        Fault::Refused { .. } | Fault::Forbidden(_) => Asked::Never(trouble),
        Fault::Unavailable(_) | Fault::NoPage(_) | Fault::Unreachable(_) | Fault::HighVolume => {
            Asked::Later(trouble)
        }
        _ => Asked::Stop(trouble),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_fault_is_the_documents_or_everybodys() {
        let refused = |status| Fault::Refused {
            status,
            text: String::new(),
        };
        for (fault, expected) in [
            (refused(404), "never"),
            (refused(400), "never"),
            (Fault::Forbidden(String::new()), "never"),
            (Fault::Unavailable(String::new()), "later"),
            (Fault::NoPage(String::new()), "later"),
            (Fault::Unreachable(String::new()), "later"),
            (Fault::DayLimit(Duration::ZERO), "stop"),
            (Fault::Reserved(3), "stop"),
            (Fault::NotPermitted, "stop"),
            (Fault::TokenRefused, "stop"),
            (Fault::OrganisationOffline, "stop"),
        ] {
            let name = format!("{fault:?}");
            let found = match judge(Trouble::Fault(fault)) {
                Asked::Rows(_) => "rows",
                Asked::Later(_) => "later",
                Asked::Never(_) => "never",
                Asked::Stop(_) => "stop",
            };
            assert_eq!(found, expected, "{name}");
        }
    }
}
