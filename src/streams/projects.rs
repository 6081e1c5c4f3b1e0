//! The streams of the Projects API. Source: `xero-projects.yaml` of Xero's OpenAPI.

use super::{
    Address, DocumentChild, DocumentFilter, Endpoint, ExistsIn, NamesDocument, PARENT_STAMP,
    Paging, QuerySupport, Source, Stream, TENANT,
};
use crate::xero::api::PROJECTS;

const SCOPE: &[&str] = &["projects.read"];
const ITEMS: Option<&str> = Some("items");
const BELOW: Address = Address::Below;

#[rustfmt::skip]
lists! {
    project_users PROJECTS "/ProjectsUsers" ITEMS, [TENANT, "userId"], None, UnfilteredSizedPages, QuerySupport::NONE, [], None, SCOPE, None, "absent from the next read";
    projects      PROJECTS "/Projects"      ITEMS, ["projectId"],      None, UnfilteredSizedPages, QuerySupport::NONE, [], None, SCOPE, None, "absent from the next read";
}

#[rustfmt::skip]
documents! {
    project_tasks of projects PROJECTS "/Tasks" ITEMS, BELOW, "projectId" ["taskId"],      UnfilteredSizedPages, None, SCOPE, None;
    project_time  of projects PROJECTS "/Time"  ITEMS, BELOW, "projectId" ["timeEntryId"], UnfilteredSizedPages, None, SCOPE, None;
}
