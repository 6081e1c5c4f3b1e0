//! Reads all rows of one document: those of one response, of several pages, or of items that are
//! requested one by one.

use crate::rows::documents::{self, DocumentPage, DocumentRow, Parent};
use crate::rows::page::PageFacts;
use crate::streams::{Address, ListedItems, Paging};
use crate::sync::documents::fetch::{DocumentFetcher, ListedDocument, list_name};
use crate::sync::list_request::query;
use crate::sync::lists::ONE_AT_A_TIME;
use crate::walk::{self, BrokenList, PageRequest, WalkStart};
use crate::xero::fault::{Fault, ParseError, RequestError};
use crate::xero::request::{self, ApiRequest};

/// Maximum size of the rows of one document that has several pages. They are in memory until the last
/// page proves that they are complete.
const MAX_BYTES: usize = 64 << 20;

/// Reads the rows of a document. The caller has counted the first request.
pub(crate) async fn all(
    fetcher: DocumentFetcher<'_>,
    item: &ListedDocument,
) -> Result<Vec<DocumentRow>, RequestError> {
    if let Some(items) = fetcher.source.items {
        return one_by_one(fetcher, item, items).await;
    }
    if fetcher.stream().endpoint().paging == Paging::Whole {
        let call = call(fetcher, item, &PageRequest::default());
        let page = fetcher
            .session
            .client
            .get(&call, parse(fetcher, item))
            .await?;
        return Ok(page.rows);
    }
    let mut walk = walk::new(fetcher.stream(), WalkStart::default());
    let (mut rows, mut bytes) = (Vec::new(), 0);
    let mut is_first = true;
    while let Some((id, request)) = walk.next_request(ONE_AT_A_TIME) {
        if !std::mem::replace(&mut is_first, false) {
            fetcher.spent.set(fetcher.spent.get() + 1);
        }
        let call = call(fetcher, item, &request);
        let page = fetcher
            .session
            .client
            .get(&call, parse(fetcher, item))
            .await?;
        let facts = PageFacts::new(page.keys, page.pagination, None);
        let new = walk.take(id, &facts).map_err(broken)?;
        let is_new = new.map(|new| new.is_new).unwrap_or_default();
        let new_rows = page.rows.into_iter().zip(is_new);
        let new_rows = new_rows.filter_map(|(row, is_new)| is_new.then_some(row));
        for row in new_rows {
            bytes += row.members.len();
            rows.push(row);
        }
        if bytes > MAX_BYTES {
            let mebibytes = MAX_BYTES >> 20;
            let why = format!("the rows of the document are larger than {mebibytes} MiB");
            return Err(RequestError::Fault(Fault::Oversized(why)));
        }
    }
    match walk.is_over() {
        true => Ok(rows),
        false => Err(broken(BrokenList::Unproven)),
    }
}

/// Requests the first page of the rows of a document, or the list of its items. Returns how many there
/// are of either, as far as this response says.
pub(crate) async fn count(
    fetcher: DocumentFetcher<'_>,
    item: &ListedDocument,
) -> Result<u64, RequestError> {
    let client = &fetcher.session.client;
    if let Some(items) = fetcher.source.items {
        let list = call(fetcher, item, &PageRequest::default());
        let ids = client.get(&list, |body| documents::item_ids(body, items));
        return Ok(ids.await?.len() as u64);
    }
    let mut walk = walk::new(fetcher.stream(), WalkStart::default());
    let (_, request) = walk.next_request(ONE_AT_A_TIME).unwrap_or_default();
    let call = call(fetcher, item, &request);
    let page = client.get(&call, parse(fetcher, item)).await?;
    let rows = page.rows.len() as u64;
    let facts = PageFacts::new(page.keys, page.pagination, None);
    Ok(facts.counted().unwrap_or(rows))
}

/// Requests the list of the items of a document, and then each item.
async fn one_by_one(
    fetcher: DocumentFetcher<'_>,
    item: &ListedDocument,
    items: ListedItems,
) -> Result<Vec<DocumentRow>, RequestError> {
    let client = &fetcher.session.client;
    let list = call(fetcher, item, &PageRequest::default());
    let ids = client.get(&list, |body| documents::item_ids(body, items));
    let mut rows = Vec::new();
    for id in ids.await? {
        fetcher.spent.set(fetcher.spent.get() + 1);
        let base_path = fetcher.stream().endpoint().api.base_path;
        let call = ApiRequest {
            path: format!("{base_path}{}/{}", items.path, request::segment(&id)),
            ..call(fetcher, item, &PageRequest::default())
        };
        match client.get(&call, parse(fetcher, item)).await {
            Ok(page) => rows.extend(page.rows),
            // The item was deleted after it was listed.
            Err(RequestError::Fault(Fault::Refused { status: 404, .. })) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(rows)
}

/// Builds the request for a page of the rows of a document.
fn call<'a>(
    fetcher: DocumentFetcher<'a>,
    item: &ListedDocument,
    page: &PageRequest,
) -> ApiRequest<'a> {
    let mut query = query(fetcher.stream(), page);
    if let Address::Parameter(name) = fetcher.source.address {
        query.push((name, item.document.id.to_string()));
    }
    ApiRequest {
        path: fetcher.path(item),
        query,
        tenant: Some(&fetcher.tenant.id),
        streams: fetcher.names,
        is_one_of_many: true,
        retries: Some(fetcher.spent),
        ..ApiRequest::default()
    }
}

fn parse<'a>(
    fetcher: DocumentFetcher<'a>,
    item: &'a ListedDocument,
) -> impl Fn(&[u8]) -> Result<DocumentPage, ParseError> + use<'a> {
    let stamp = item.document.stamp;
    let is_stamped = item.list.is_stamped() || fetcher.source.is_constant();
    let parent = Parent {
        list: list_name(item.list),
        id: &item.document.id,
        stamp: is_stamped.then_some(stamp),
    };
    move |body| documents::read(body, fetcher.stream(), parent)
}

fn broken(broken: BrokenList) -> RequestError {
    RequestError::Fault(Fault::NoPage(broken.to_string()))
}
