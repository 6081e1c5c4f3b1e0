//! The requests of one report stream in one organisation.

use std::cell::Cell;
use std::collections::BTreeMap;

use tokio::sync::OnceCell;

use crate::airbyte::emit::Closed;
use crate::config::Config;
use crate::excerpt::excerpt;
use crate::failure::Failure;
use crate::rows::contacts::Contact;
use crate::rows::reports::answer::{self, ReportBody};
use crate::streams::{self, Family, ReportKind, Stream};
use crate::sync::explain;
use crate::sync::lists::{Consumer, ListRead, NewPage, Step};
use crate::sync::organisation::{self, Organisation, Tracking};
use crate::sync::session::Session;
use crate::walk::WalkStart;
use crate::xero::fault::RequestError;
use crate::xero::request::{ApiRequest, EARLIEST};
use crate::xero::tenants::Tenant;

/// The contacts that the aged reports of an organisation share. They are requested when first needed.
#[derive(Debug, Default)]
pub(crate) struct SharedContacts(OnceCell<Vec<Contact>>);

/// One report stream in one organisation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TenantReport<'a> {
    pub(crate) session: &'a Session,
    pub(crate) stream: &'static Stream,
    pub(crate) report: &'a streams::Report,
    pub(crate) tenant: &'a Tenant,
    pub(crate) contacts: &'a SharedContacts,
    /// The number of requests sent for the report itself. Every attempt counts.
    pub(crate) calls: &'a Cell<usize>,
}

impl<'a> TenantReport<'a> {
    pub(crate) fn config(self) -> &'a Config {
        &self.session.config
    }

    pub(crate) fn kind(self) -> ReportKind {
        self.report.kind
    }

    /// Requests the report, with `query` after the parameters that every request carries.
    pub(crate) async fn request<T>(
        self,
        below: &str,
        query: Vec<(&'static str, String)>,
        read: impl Fn(&[ReportBody<'_>]) -> T,
    ) -> Result<T, RequestError> {
        let endpoint = &self.report.endpoint;
        let fixed = endpoint.params.iter();
        let fixed = fixed.map(|(name, value)| (*name, (*value).to_owned()));
        let query = fixed.chain(query).collect();
        self.calls.set(self.calls.get() + 1);
        let call = ApiRequest {
            path: format!("{}{}{below}", endpoint.api.base_path, endpoint.path),
            query,
            tenant: Some(&self.tenant.id),
            streams: &[self.stream.name],
            retries: Some(self.calls),
            ..ApiRequest::default()
        };
        // Only the list of published returns may be empty. A response without the requested report
        // does not prove that the report has no rows.
        let is_list = self.report.kind == ReportKind::Published && below.is_empty();
        let parse = |body: &[u8]| {
            let reports = answer::parse(body)?;
            match is_list || reports.iter().any(ReportBody::has_content) {
                true => Ok(read(&reports)),
                false => Err("the body holds no report".to_owned()),
            }
        };
        self.session.client.get(&call, parse).await
    }

    /// Reads a small list that other streams share.
    async fn shared<T>(
        self,
        list: &'static Stream,
        parse: impl Fn(&[u8]) -> Result<T, String>,
    ) -> Result<T, Failure> {
        let read = (self.session).shared_list(list, self.tenant, self.stream, parse);
        read.await
    }

    /// The failure of the stream for a failed request.
    pub(crate) fn to_failure(self, error: RequestError) -> Failure {
        explain::request(error, self.stream, self.tenant.label())
    }

    /// The organisation.
    pub(crate) async fn organisation(self) -> Result<Organisation, Failure> {
        self.shared(&streams::organisations, Organisation::parse)
            .await
    }

    /// The tracking category that the config names, by id or by name.
    pub(crate) async fn tracking(self) -> Result<Option<Tracking>, Failure> {
        let Some(named) = &self.config().report_tracking_category else {
            return Ok(None);
        };
        let parse = organisation::tracking_categories;
        let categories = self.shared(&streams::tracking_categories, parse).await?;
        let is_named = |category: &Tracking| {
            category.id.eq_ignore_ascii_case(named) || category.name.eq_ignore_ascii_case(named)
        };
        let found = categories.into_iter().find(is_named);
        found.map(Some).ok_or_else(|| {
            Failure::config(format!(
                "{} has no active tracking category called \"{}\", so {} cannot be split by it. Correct or remove report_tracking_category.",
                self.tenant.label(),
                excerpt(named),
                self.stream.name,
            ))
        })
    }

    /// The contacts with a balance, by id. No edit moves a balance's stamp, so all contacts are read.
    pub(crate) async fn contacts(self) -> Result<&'a [Contact], Failure> {
        let walked = self.contacts.0.get_or_try_init(|| self.walk_contacts());
        walked.await.map(Vec::as_slice)
    }

    async fn walk_contacts(self) -> Result<Vec<Contact>, Failure> {
        let list = &streams::contacts;
        let start = WalkStart {
            from: EARLIEST * 1000,
            ..WalkStart::default()
        };
        let family = Family {
            parent: list,
            members: vec![self.stream],
        };
        let read = ListRead {
            session: self.session,
            tenant: self.tenant,
            family: &family,
            streams: vec![self.stream.name],
            slot: None,
        };
        let mut open = OpenContacts::default();
        let end = read.run(start, &mut open).await;
        end.map_err(|error| error.to_failure(list, self.tenant.label()))?;
        Ok(open.0.into_values().collect())
    }

    /// Logs a warning about the organisation.
    pub(crate) fn warn(self, text: &str) {
        tracing::warn!(stream = self.stream.name, "{}: {text}", self.tenant.label());
    }
}

/// Collects the contacts with a balance, by id.
#[derive(Default)]
struct OpenContacts(BTreeMap<String, Contact>);

impl Consumer for OpenContacts {
    async fn take(&mut self, step: Step<'_>) -> Result<bool, Closed> {
        if let Some(NewPage { page, is_new }) = step.page {
            let contacts = page.contacts.into_iter().zip(is_new);
            // A contact that changes during the walk is listed twice.
            for (contact, _) in contacts.filter(|(_, is_new)| *is_new) {
                match contact.receivable || contact.payable {
                    true => drop(self.0.insert(contact.id.clone(), contact)),
                    false => drop(self.0.remove(&contact.id)),
                }
            }
        }
        Ok(true)
    }
}
