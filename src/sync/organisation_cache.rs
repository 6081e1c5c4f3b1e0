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

/// The answer to one list, held locked while the list is result for.
type Entry = Arc<AsyncMutex<Option<Result<Vec<u8>, RequestError>>>>;

/// The answers, by organisation and list.
#[derive(Debug, Default)]
pub(crate) struct OrganisationCache(Mutex<HashMap<(TenantId, &'static str), Entry>>);

impl OrganisationCache {
    /// Returns what `parse` reads in the answer to a list that comes whole and unfiltered. Only
    /// the first caller asks Xero; callers at the same time wait for it. `status_stream` is the stream
    /// whose status shows the waits of the call.
    pub(crate) async fn get<T, E: Into<ParseError>>(
        &self,
        client: &XeroClient,
        list: &'static Stream,
        tenant: &Tenant,
        status_stream: Option<&'static str>,
        parse: impl Fn(&[u8]) -> Result<T, E>,
    ) -> Result<T, RequestError> {
        let entry = self.entry(&tenant.id, list);
        let mut kept = entry.lock().await;
        match &*kept {
            Some(Err(refused)) => return Err(refused.clone()),
            Some(Ok(body)) => {
                // Callers differ in what they need of a row. A body without it is a failed
                // attempt, so the list is result for again.
                if let Ok(found) = parse(body) {
                    return Ok(found);
                }
            }
            None => {}
        }
        let call = list_request(list, &PageRequest::default(), &tenant.id, status_stream);
        let result = client.get(&call, |body| Ok::<_, E>((parse(body)?, body.to_vec())));
        match result.await {
            Ok((found, body)) => {
                *kept = (body.len() <= MAX_BODY).then_some(Ok(body));
                Ok(found)
            }
            Err(error) => {
                // Only a refusal is the same for all callers. What else went wrong may have
                // passed by the time the next one asks.
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
