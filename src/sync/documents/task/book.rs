//! The lists of one organisation, whose documents are to be asked.

use futures_util::StreamExt;

use crate::failure::Failure;
use crate::rows::documents::Row;
use crate::streams::Stream;
use crate::sync::documents::cis;
use crate::sync::documents::document_list::Kind;
use crate::sync::documents::listing::Listing;
use crate::sync::lists::Stop;
use crate::sync::quota::Share;
use crate::sync::session::Session;
use crate::xero::client::Trouble;
use crate::xero::retry::Fault;
use crate::xero::tenants::Tenant;

/// Lists that are walked at once.
const LISTS_AT_ONCE: usize = 5;

/// One organisation's part of a stream.
#[derive(Debug)]
pub(crate) struct Book<'a> {
    pub(crate) tenant: &'a Tenant,
    pub(crate) kinds: Vec<Kind>,
    /// Rows about the organisation itself.
    pub(crate) own: Vec<Row>,
}

impl Book<'_> {
    /// Finds the documents of the lists that were not heard of yet, and returns what went wrong.
    pub(crate) async fn list(
        &mut self,
        session: &Session,
        stream: &'static Stream,
        share: &Share,
    ) -> Vec<Failure> {
        if stream.name == "cis_settings"
            && let Err(failure) = self.ask_scheme(session, stream, share).await
        {
            self.kinds.clear();
            return vec![failure];
        }
        let tenant = self.tenant;
        let listing = Listing {
            session,
            tenant,
            stream,
        };
        self.kinds.iter_mut().for_each(Kind::forget_part);
        let unknown = self.kinds.iter_mut().filter(|kind| !kind.is_known());
        let stopped: Vec<_> = futures_util::stream::iter(unknown)
            .map(async |kind| {
                let stop = listing.walk(kind).await.err()?;
                kind.queue.cut();
                Some((kind.list, stop))
            })
            .buffer_unordered(LISTS_AT_ONCE)
            .filter_map(async |stopped| stopped)
            .collect()
            .await;
        let failures = stopped.into_iter().filter_map(|(list, stop)| {
            let missing = matches!(stop, Stop::Trouble(Trouble::Fault(Fault::NotPermitted)));
            let failure = stop.told(list, tenant.label());
            if missing {
                tracing::warn!(
                    stream = stream.name,
                    "{} are left out: {failure}",
                    list.name
                );
            }
            (!missing).then_some(failure)
        });
        failures.collect()
    }

    /// Asks for the organisation's own scheme. One that is no contractor in it has no lists to ask.
    async fn ask_scheme(
        &mut self,
        session: &Session,
        stream: &'static Stream,
        share: &Share,
    ) -> Result<(), Failure> {
        let scheme = cis::ask(session, stream, self.tenant).await?;
        share.spend(usize::from(!scheme.rows.is_empty()));
        self.own = scheme.rows;
        if !scheme.is_contractor {
            self.kinds.clear();
        }
        Ok(())
    }
}
