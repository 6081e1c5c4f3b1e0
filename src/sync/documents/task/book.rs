//! The lists of one organisation, whose documents are to be asked.

use crate::failure::Failure;
use crate::rows::documents::Row;
use crate::streams::{ExistsIn, Stream, SubResource};
use crate::sync::documents::cis;
use crate::sync::documents::document_list::Kind;
use crate::sync::quota::Share;
use crate::sync::session::Session;
use crate::xero::tenants::Tenant;

/// One organisation's part of a stream.
#[derive(Debug)]
pub(crate) struct Book<'a> {
    pub(crate) tenant: &'a Tenant,
    pub(crate) kinds: Vec<Kind>,
    /// Rows about the organisation itself.
    pub(crate) own: Vec<Row>,
}

impl Book<'_> {
    /// Asks for what must be known before the documents are.
    pub(crate) async fn prepare(
        &mut self,
        session: &Session,
        stream: &'static Stream,
        source: &SubResource,
        share: &Share,
    ) -> Result<(), Failure> {
        if source.exists_in != ExistsIn::CisContractor {
            return Ok(());
        }
        let asked = self.ask_scheme(session, stream, share).await;
        if asked.is_err() {
            self.kinds.clear();
        }
        asked
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
