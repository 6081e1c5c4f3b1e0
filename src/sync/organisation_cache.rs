//! Keeps the responses of small lists that several parts of a sync need, so that each list is
//! requested once per organisation.
//!
//! `/Currencies` serves the check and its stream, `/Organisation` its stream, reports and tax
//! settings, `/TrackingCategories` its stream and reports.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Mutex as AsyncMutex;

use crate::streams::Stream;
use crate::sync::list_request::list_request;
use crate::walk::PageRequest;
use crate::xero::client::XeroClient;
use crate::xero::fault::{Fault, ParseError, RequestError};
use crate::xero::tenants::{Tenant, TenantId};

/// Longest body in bytes that is kept. The longest of these lists, tracking categories with all
/// their options, takes about 100 kB.
const MAX_BODY: usize = 1024 * 1024;

/// The response of one list. It is locked while the list is requested.
type Entry = Arc<AsyncMutex<Option<Result<Vec<u8>, RequestError>>>>;

/// The responses, by organisation and list.
#[derive(Debug, Default)]
pub(crate) struct OrganisationCache(Mutex<HashMap<(TenantId, &'static str), Entry>>);

impl OrganisationCache {
    /// Returns what `parse` reads in the response of a list that fits in one response. Only the first
    /// caller sends a request; concurrent callers wait for it. The statuses of `streams` show the waits
    /// for rate limits.
    pub(crate) async fn get<T, E: Into<ParseError>>(
        &self,
        client: &XeroClient,
        list: &'static Stream,
        tenant: &Tenant,
        streams: &[&'static str],
        parse: impl Fn(&[u8]) -> Result<T, E>,
    ) -> Result<T, RequestError> {
        let entry = self.entry(&tenant.id, list);
        let mut kept = entry.lock().await;
        match &*kept {
            Some(Err(refused)) => return Err(refused.clone()),
            Some(Ok(body)) => {
                // Callers need different fields of a row. If this body lacks one, the list is requested
                // again.
                if let Ok(found) = parse(body) {
                    return Ok(found);
                }
            }
            None => {}
        }
        let call = list_request(list, &PageRequest::default(), &tenant.id, streams);
        let result = client.get(&call, |body| Ok::<_, E>((parse(body)?, body.to_vec())));
        match result.await {
            Ok((found, body)) => {
                *kept = (body.len() <= MAX_BODY).then_some(Ok(body));
                Ok(found)
            }
            Err(error) => {
                // A refusal holds for all callers. Other faults may be gone when the next caller asks.
                let is_refusal = matches!(
                    error,
                    RequestError::Fault(Fault::Forbidden(_) | Fault::Refused { .. })
                );
                *kept = is_refusal.then(|| Err(error.clone()));
                Err(error)
            }
        }
    }

    fn entry(&self, tenant: &TenantId, list: &'static Stream) -> Entry {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.entry((tenant.clone(), list.name));
        entry.or_default().clone()
    }
}
