//! The rows that a destination must have, read from the simulator by a client of the soak's own and
//! converted as docs/streams.md says. Nothing here is shared with the connector.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use chrono::{DateTime, NaiveDateTime, TimeDelta};
use serde_json::Value;
use xero_sim::entity::Paging;
use xero_sim::{ENDPOINTS, Endpoint, Entity, TenantId};

use crate::destination::{Key, key_of};
use crate::json::Json;
use crate::streams::{CHILDREN, DOCUMENTS, Stream};

/// The rows of a stream by key.
pub(crate) type Expected = BTreeMap<Key, Json>;

/// A client of the simulator with a token of its own.
pub(crate) struct Auditor {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
    /// The access token of the connector's app, which alone sees its connections.
    pub(crate) tenants: Vec<TenantId>,
    lists: BTreeMap<(String, &'static str), Vec<Json>>,
}

impl Auditor {
    pub(crate) fn new(address: SocketAddr, token: String, tenants: &[TenantId]) -> Auditor {
        Auditor {
            address,
            token,
            tenants: tenants.to_vec(),
            lists: BTreeMap::new(),
        }
    }

    /// The rows that a stream must have, if the soak can tell.
    pub(crate) fn expected(&mut self, stream: &Stream) -> Option<Expected> {
        let name = stream.name.as_str();
        let mut rows = Vec::new();
        for tenant in self.tenants.clone() {
            if let Some(child) = CHILDREN.get(name) {
                let parents = self.list(&tenant, child.parent);
                rows.extend(parents.iter().flat_map(|parent| children(name, parent)));
            } else if DOCUMENTS.contains_key(name) {
                rows.extend(self.documents(&tenant, name));
            } else if is_list(name) {
                rows.extend(self.list(&tenant, static_name(name)?));
            } else {
                return None;
            }
        }
        let schema = &stream.catalog["json_schema"];
        let rows = rows.into_iter().map(|row| typed(row, schema));
        let rows = rows.map(|row| (key_of(&row, &stream.key), row));
        Some(rows.collect())
    }

    /// The converted rows of a list.
    pub(crate) fn list(&mut self, tenant: &TenantId, name: &'static str) -> Vec<Json> {
        let key = (tenant.as_str().to_owned(), name);
        if let Some(rows) = self.lists.get(&key) {
            return rows.clone();
        }
        let rows = self.read_list(tenant, name);
        self.lists.insert(key, rows.clone());
        rows
    }

    fn read_list(&self, tenant: &TenantId, name: &'static str) -> Vec<Json> {
        let Some(endpoint) = endpoint(name) else {
            return Vec::new();
        };
        let all = "includeArchived=true&includeDeleted=true&unitdp=4";
        let path = endpoint.path;
        let mut rows = Vec::new();
        match endpoint.paging {
            Paging::Whole => rows = self.rows(tenant, endpoint, &format!("{path}?{all}")),
            Paging::Pages { .. } | Paging::Fixed { .. } => {
                for page in 1.. {
                    let query = format!("{path}?{all}&page={page}&pageSize=1000");
                    let found = self.rows(tenant, endpoint, &query);
                    if found.is_empty() {
                        break;
                    }
                    rows.extend(found);
                }
            }
            Paging::Offset => {
                let cash = if name == "journals_cash" {
                    "&paymentsOnly=true"
                } else {
                    ""
                };
                let mut offset = "0".to_owned();
                loop {
                    let found =
                        self.rows(tenant, endpoint, &format!("{path}?offset={offset}{cash}"));
                    let Some(last) = found.last() else { break };
                    offset = last.get("JournalNumber").text().to_owned();
                    rows.extend(found);
                }
            }
        }
        if endpoint.entity == Entity::Budgets {
            // The list of budgets has no lines.
            let ids = rows.iter().map(|row| row.get("BudgetID").text().to_owned());
            let single = |id: String| self.rows(tenant, endpoint, &format!("{path}/{id}"));
            rows = ids.flat_map(single).collect();
        }
        rows.iter().map(|row| converted(row, tenant)).collect()
    }

    fn rows(&self, tenant: &TenantId, endpoint: &Endpoint, path: &str) -> Vec<Json> {
        let (status, body) = self.get(tenant, path);
        assert_eq!(status, 200, "{path}: {body}");
        let body = Json::parse(&body).expect("the simulator writes JSON");
        match body.get(endpoint.key) {
            Json::List(rows) => rows.clone(),
            Json::Null => Vec::new(),
            single => vec![single.clone()],
        }
    }

    /// The rows of a per-document stream.
    fn documents(&mut self, tenant: &TenantId, name: &str) -> Vec<Json> {
        let (below, parents) = &DOCUMENTS[name];
        let mut rows = Vec::new();
        if name == "cis_settings" {
            // docs/documents.md: "each organisation in the United Kingdom; if it is a contractor, also its
            // contacts".
            let organisations = self.list(tenant, "organisations");
            let own: Vec<_> = organisations
                .iter()
                .filter(|it| {
                    it.get("CountryCode").text() == "GB" || it.get("BaseCurrency").text() == "GBP"
                })
                .flat_map(|it| self.document(tenant, name, below, "organisations", it))
                .collect();
            let is_contractor = |row: &Json| *row.get("CISContractorEnabled") == Json::Bool(true);
            if !own.iter().any(is_contractor) {
                return own;
            }
            rows.extend(own);
        }
        for &parent in parents {
            for document in self.list(tenant, parent) {
                if has_data(name, parent, &document) {
                    rows.extend(self.document(tenant, name, below, parent, &document));
                }
            }
        }
        rows
    }

    /// The rows of one document.
    fn document(
        &self,
        tenant: &TenantId,
        name: &str,
        below: &str,
        parent: &str,
        document: &Json,
    ) -> Vec<Json> {
        let Some(endpoint) = endpoint(parent) else {
            return Vec::new();
        };
        let id = document.get(endpoint.id).text().to_owned();
        let (status, body) = self.get(tenant, &format!("{}/{id}{below}", endpoint.path));
        if status == 404 {
            return Vec::new();
        }
        assert_eq!(status, 200, "{parent} {id}{below}: {body}");
        let body = Json::parse(&body).expect("the simulator writes JSON");
        let envelope = match name {
            "attachments" => "Attachments",
            "history" => "HistoryRecords",
            "online_invoices" => "OnlineInvoices",
            _ => "CISSettings",
        };
        // The field `Position` of the history counts the entries of one moment from the oldest on, which is
        // the last one in the list.
        let mut positions: BTreeMap<String, usize> = BTreeMap::new();
        let mut rows = Vec::new();
        for row in body.get(envelope).list().iter().rev() {
            let mut row = converted(row, tenant);
            row.set("ParentID", Json::Text(id.clone()));
            let kind = if parent == "organisations" {
                "Organisation"
            } else {
                endpoint.key
            };
            row.set("ParentType", Json::Text(kind.to_owned()));
            if name == "history" {
                let position = positions
                    .entry(row.get("DateUTC").text().to_owned())
                    .or_default();
                row.set("Position", Json::Number(position.to_string()));
                *position += 1;
            }
            // Bank transfers and repeating invoices have no stamp of changes.
            let stamps = ["CreatedDateUTC", "UpdatedDateUTC"].into_iter();
            // An organisation has no stamp.
            for stamp in stamps.filter(|_| parent != "organisations") {
                copy(document, stamp, &mut row, "UpdatedDateUTC");
            }
            rows.push(row);
        }
        rows
    }

    /// A call of the Accounting API.
    pub(crate) fn get(&self, tenant: &TenantId, path: &str) -> (u16, String) {
        self.request(&format!("/api.xro/2.0{path}"), tenant)
    }

    /// A call of any API.
    pub(crate) fn request(&self, path: &str, tenant: &TenantId) -> (u16, String) {
        let (token, tenant) = (&self.token, tenant.as_str());
        let mut stream = TcpStream::connect(self.address).expect("the simulator listens");
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: xero\r\nAccept: application/json\r\nConnection: close\r\n\
             Authorization: Bearer {token}\r\nxero-tenant-id: {tenant}\r\n\r\n"
        );
        stream
            .write_all(head.as_bytes())
            .expect("the simulator reads");
        let mut answer = String::new();
        stream
            .read_to_string(&mut answer)
            .expect("the simulator answers");
        let status = answer.split(' ').nth(1).and_then(|it| it.parse().ok());
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        (status.unwrap_or(0), body.to_owned())
    }
}

/// The endpoint of a list in the simulator.
pub(crate) fn endpoint(name: &str) -> Option<&'static Endpoint> {
    let name = if name == "journals_cash" {
        "journals"
    } else {
        name
    };
    ENDPOINTS.iter().find(|endpoint| endpoint.name == name)
}

fn is_list(name: &str) -> bool {
    endpoint(name).is_some()
}

fn static_name(name: &str) -> Option<&'static str> {
    match name {
        "journals_cash" => Some("journals_cash"),
        _ => endpoint(name).map(|endpoint| endpoint.name),
    }
}

/// docs/documents.md, "Which documents are read".
fn has_data(name: &str, parent: &str, document: &Json) -> bool {
    match name {
        "attachments" => parent == "quotes" || *document.get("HasAttachments") == Json::Bool(true),
        "online_invoices" => {
            let is_sale = document.get("Type").text() == "ACCREC";
            is_sale && !matches!(document.get("Status").text(), "DRAFT" | "DELETED")
        }
        _ => true,
    }
}

/// docs/streams.md, "All rows": dates are rewritten, everything else stays.
fn converted(row: &Json, tenant: &TenantId) -> Json {
    let mut row = with_dates(row, "");
    row.set("TenantID", Json::Text(tenant.as_str().to_owned()));
    row
}

fn with_dates(value: &Json, name: &str) -> Json {
    match value {
        Json::Text(text) => Json::Text(date(text, name).unwrap_or_else(|| text.clone())),
        Json::List(elements) => {
            Json::List(elements.iter().map(|it| with_dates(it, name)).collect())
        }
        Json::Object(members) => {
            let members = members.iter();
            Json::Object(
                members
                    .map(|(name, it)| (name.clone(), with_dates(it, name)))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}

/// Xero sends some numbers and booleans as text, such as the `TotalAmount` of a batch payment inside a payment.
/// They become what docs/streams.md, "Fields", says that the field is.
pub(crate) fn typed(value: Json, schema: &Value) -> Json {
    let is = |kind: &str| match &schema["type"] {
        Value::Array(kinds) => kinds.iter().any(|it| it == kind),
        one => one == kind,
    };
    match value {
        Json::Text(text) if is("boolean") && (text == "true" || text == "false") => {
            Json::Bool(text == "true")
        }
        Json::Text(text) if (is("number") || is("integer")) && text.parse::<f64>().is_ok() => {
            Json::Number(text)
        }
        Json::List(elements) => {
            let elements = elements.into_iter();
            Json::List(elements.map(|it| typed(it, &schema["items"])).collect())
        }
        Json::Object(members) => {
            let members = members.into_iter().map(|(name, it)| {
                let it = typed(it, &schema["properties"][&name]);
                (name, it)
            });
            Json::Object(members.collect())
        }
        other => other,
    }
}

/// "`/Date(...)/` becomes `2026-03-02` for calendar dates", and an instant if the name of the field ends
/// in `UTC`.
pub(crate) fn date(text: &str, name: &str) -> Option<String> {
    // Budgets and linked transactions have instants without a zone. "Field names of instants end in `UTC`."
    if name.ends_with("UTC")
        && let Ok(time) = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
    {
        return Some(time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string());
    }
    let inner = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    // A time zone behind the milliseconds, such as `+1300`, is the one in which the day begins.
    let (millis, zone) = match inner.len().checked_sub(5).map(|at| inner.split_at(at)) {
        Some((millis, zone)) if zone.starts_with(['+', '-']) => (millis, zone),
        _ => (inner, "+0000"),
    };
    let time = DateTime::from_timestamp_millis(millis.parse().ok()?)?;
    if name.ends_with("UTC") {
        return Some(time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string());
    }
    let minutes = zone[1..3].parse::<i64>().ok()? * 60 + zone[3..].parse::<i64>().ok()?;
    let minutes = if zone.starts_with('-') {
        -minutes
    } else {
        minutes
    };
    let day = time + TimeDelta::minutes(minutes);
    Some(day.format("%Y-%m-%d").to_string())
}

/// docs/streams.md, "Child rows": the elements of the array with the fields of the parent.
fn children(name: &str, parent: &Json) -> Vec<Json> {
    let child = &CHILDREN[name];
    let lines = parent.get(child.arrays[0]).list().iter().enumerate();
    let mut rows = Vec::new();
    for (position, line) in lines {
        match child.arrays.get(1) {
            None => rows.push(inherited(name, parent, line, position)),
            Some(nested) => {
                for (at, element) in line.get(nested).list().iter().enumerate() {
                    let mut row = inherited(name, parent, element, at);
                    row.set("LinePosition", Json::Number(position.to_string()));
                    for id in ["LineItemID", "JournalLineID"] {
                        copy(line, id, &mut row, id);
                    }
                    if name == "budget_lines" {
                        copy(line, "AccountID", &mut row, "AccountID");
                        copy(line, "AccountCode", &mut row, "AccountCode");
                    }
                    rows.push(row);
                }
            }
        }
    }
    rows
}

fn copy(from: &Json, field: &str, to: &mut Json, name: &str) {
    if *from.get(field) != Json::Null {
        to.set(name, from.get(field).clone());
    }
}

fn inherited(name: &str, parent: &Json, element: &Json, position: usize) -> Json {
    let child = &CHILDREN[name];
    let mut row = element.clone();
    row.set("Position", Json::Number(position.to_string()));
    let id = match child.parent {
        "tax_rates" => ("Name", "TaxRateName"),
        list => endpoint(list).map_or(("", ""), |endpoint| (endpoint.id, endpoint.id)),
    };
    for (field, name) in [
        id,
        ("TenantID", "TenantID"),
        ("Date", "ParentDate"),
        ("JournalDate", "ParentDate"),
        ("Status", "ParentStatus"),
        ("ContactStatus", "ParentStatus"),
        ("UpdatedDateUTC", "UpdatedDateUTC"),
        ("JournalNumber", "JournalNumber"),
        ("CreatedDateUTC", "CreatedDateUTC"),
    ] {
        copy(parent, field, &mut row, name);
    }
    if child.parent == "tax_rates" {
        copy(parent, "TaxType", &mut row, "TaxType");
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_that_of_its_zone() {
        let midnight = "/Date(1752577200000+1300)/";
        assert_eq!(date(midnight, "Date").as_deref(), Some("2025-07-16"));
        let day = "/Date(1752624000000-0500)/";
        assert_eq!(date(day, "Date").as_deref(), Some("2025-07-15"));
        let instant = date("/Date(1752577200123+0000)/", "CreatedDateUTC");
        assert_eq!(instant.as_deref(), Some("2025-07-15T11:00:00.123Z"));
        let whole_seconds = date("2025-07-15T11:00:00", "UpdatedDateUTC");
        assert_eq!(whole_seconds.as_deref(), Some("2025-07-15T11:00:00.000Z"));
        assert_eq!(date("/Date(soon)/", "Date"), None);
    }
}
