//! The estimate as JSON. Names of numbers end with their unit.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::sync::estimate::costs::{Rows, StreamCost};
use crate::sync::estimate::count::{Certainty, Count};
use crate::sync::estimate::limits::Schedule;
use crate::sync::estimate::list_cost::Bytes;
use crate::sync::estimate::{Estimate, OrganisationEstimate};
use crate::sync::session::Session;

/// Returns the answer.
pub(super) fn of(estimate: &Estimate, session: &Session) -> Value {
    let config = &session.config;
    let mut first_sync = json!({});
    add_calls(&mut first_sync, estimate.calls());
    add_bytes(&mut first_sync, estimate.bytes());
    add_schedule(&mut first_sync, estimate.schedule);
    let savings = estimate.savings.iter().map(|saving| {
        let mut data = json!({"start_date": date(saving.start_date)});
        add_calls(&mut data, saving.calls);
        add_bytes(&mut data, saving.bytes);
        data
    });
    let unreadable = estimate.unreadable.iter();
    let unreadable = unreadable
        .map(|(stream, failure)| json!({"name": stream.name, "error": failure.to_string()}));
    json!({
        "start_date": date(config.start_date),
        "max_calls_per_sync": config.max_calls_per_sync,
        "estimate_calls": session.progress.usage().calls,
        "first_sync": first_sync,
        "later_sync_calls_at_least": estimate.later_calls(),
        "token_calls": estimate.token_calls,
        "organisations": estimate.organisations.iter().map(organisation).collect::<Value>(),
        "unreadable_streams": unreadable.collect::<Value>(),
        "start_date_savings": savings.collect::<Value>(),
    })
}

fn organisation(estimate: &OrganisationEstimate) -> Value {
    let OrganisationEstimate {
        tenant_id,
        name,
        costs,
        load,
    } = estimate;
    let mut data =
        json!({"tenant_id": &**tenant_id, "name": name, "calls_left_today": load.left_today});
    match costs {
        Err(failure) => data["error"] = failure.to_string().into(),
        Ok(costs) => {
            add_calls(&mut data, costs.calls());
            add_bytes(&mut data, costs.bytes());
            add_schedule(&mut data, load.schedule());
            data["later_sync_calls_at_least"] = costs.later_calls().into();
            data["shared_calls"] = costs.shared_calls.into();
            data["streams"] = costs.streams.iter().map(stream).collect();
        }
    }
    data
}

fn stream(StreamCost { stream, rows, cost }: &StreamCost) -> Value {
    let mut data = json!({"name": stream.name});
    match rows {
        Rows::Counted(rows) => {
            data["rows"] = rows.number.into();
            data["rows_certainty"] = certainty(rows.certainty).into();
        }
        Rows::In(parent) => data["rows_in"] = (*parent).into(),
        Rows::Unknown => data["rows"] = Value::Null,
    }
    match cost {
        Err(failure) => data["error"] = failure.to_string().into(),
        Ok(cost) => {
            add_calls(&mut data, cost.calls);
            add_bytes(&mut data, cost.bytes);
            data["has_unknown_bytes"] = cost.has_unknown_bytes.into();
            data["later_sync_calls_at_least"] = cost.later_calls.into();
            if let Some(items) = cost.all_items {
                data["calls_for_all_items"] = items.number.into();
                data["calls_for_all_items_certainty"] = certainty(items.certainty).into();
            }
        }
    }
    data
}

fn add_calls(data: &mut Value, calls: Count) {
    data["calls"] = calls.number.into();
    data["calls_certainty"] = certainty(calls.certainty).into();
}

fn add_bytes(data: &mut Value, bytes: Bytes) {
    data["bytes"] = bytes.received.into();
    data["bytes_unpacked"] = bytes.unpacked.into();
}

fn add_schedule(data: &mut Value, schedule: Schedule) {
    data["minutes_at_least"] = schedule.minutes.into();
    data["days"] = schedule.days.into();
    data["slowest_limit"] = schedule.bottleneck.name().into();
}

/// Writes a date as the config takes it.
fn date(date: DateTime<Utc>) -> String {
    date.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn certainty(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Exact => "exact",
        Certainty::About => "about",
        Certainty::AtLeast => "at_least",
    }
}
