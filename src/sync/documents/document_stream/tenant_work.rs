//! The work of one stream in one organisation.

use super::members::Positions;
use crate::failure::Failure;
use crate::panics;
use crate::rows::documents::DocumentRow;
use crate::streams::{DocumentChild, ExistsIn, Stream};
use crate::sync::call_quota::CallQuota;
use crate::sync::country;
use crate::sync::documents::cis;
use crate::sync::documents::document_list::DocumentList;
use crate::sync::session::Session;
use crate::xero::tenants::Tenant;

/// The lists of one organisation, and the rows about the organisation itself.
#[derive(Debug)]
pub(crate) struct TenantWork<'a> {
    pub(crate) tenant: &'a Tenant,
    pub(crate) lists: Vec<DocumentList>,
    pub(crate) positions: Positions,
    /// Rows about the organisation itself.
    pub(crate) own: Vec<DocumentRow>,
    /// Why documents of this organisation are missing.
    pub(crate) failures: Vec<Failure>,
}

impl TenantWork<'_> {
    /// Requests what the stream must know before it requests documents.
    pub(crate) async fn prepare(
        &mut self,
        session: &Session,
        stream: &'static Stream,
        source: &DocumentChild,
        quota: &CallQuota,
    ) {
        if let Err(failure) = country::check(session, stream, self.tenant).await {
            self.lists.clear();
            self.failures.push(failure);
        }
        if source.exists_in != ExistsIn::CisContractor {
            return;
        }
        let asked = panics::caught_result(self.ask_scheme(session, stream, quota));
        if let Err(failure) = asked.await {
            self.lists.clear();
            self.failures.push(failure);
        }
    }

    /// Estimates how many requests all documents need, in this sync and later ones.
    pub(crate) fn calls(&self) -> u64 {
        self.lists.iter().map(DocumentList::calls).sum()
    }

    /// Requests the organisation's own settings. Without them no contact has settings.
    async fn ask_scheme(
        &mut self,
        session: &Session,
        stream: &'static Stream,
        quota: &CallQuota,
    ) -> Result<(), Failure> {
        let scheme = cis::ask(session, stream, self.tenant).await?;
        quota.spend(usize::from(!scheme.rows.is_empty()));
        self.own = scheme.rows;
        if !scheme.is_contractor {
            self.lists.clear();
        }
        Ok(())
    }
}
