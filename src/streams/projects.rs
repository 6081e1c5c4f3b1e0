//! The streams of the Projects API. Source: `xero-projects.yaml` of Xero's OpenAPI.

use super::{
    Address, ChildSpec, DocumentChild, DocumentFilter, Endpoint, ExistsIn, FIELD, NamesDocument,
    PARENT_STAMP, Paging, QuerySupport, Source, Stream, TENANT,
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

// An amount has its value and its currency.
#[rustfmt::skip]
children! {
    project_amounts      of projects      [] {"totalTaskAmount", "totalExpenseAmount", "estimateAmount", "estimate", "taskAmountToBeInvoiced", "taskAmountInvoiced", "expenseAmountToBeInvoiced", "expenseAmountInvoiced", "projectAmountInvoiced", "deposit", "depositApplied", "creditNoteAmount", "totalInvoiced", "totalToBeInvoiced"} ["projectId", FIELD], [];
    project_task_amounts of project_tasks [] {"rate", "totalAmount", "amountToBeInvoiced", "amountInvoiced"} ["taskId", FIELD], [("projectId", "projectId"), (PARENT_STAMP, PARENT_STAMP)];
}
