//! Converts the 1099 reports of the United States, which list contacts with numbered boxes.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::answer::{ReportBody, text};
use super::identities::Identities;
use super::record::{self, ReportRecord};
use crate::rows::reports::period::Period;
use crate::rows::reports::report_context::ReportContext;
use crate::streams::TENANT;

/// Returns one row per box of each contact.
pub(crate) fn boxes(
    report: &ReportBody<'_>,
    year: Period,
    context: &ReportContext,
) -> Vec<ReportRecord> {
    let mut records = Vec::new();
    let mut identities = Identities::default();
    let contacts = report.contacts.iter().flatten();
    for (position, contact) in contacts.enumerate() {
        let own = |name: &str| contact.get(name).map(|value| text(value).into_owned());
        let name = own("Name");
        let id = own("ContactId").or_else(|| own("ContactID"));
        let owner = id.clone().or_else(|| name.clone()).unwrap_or_default();
        let report_name = report.report_name.clone().unwrap_or_default();
        let template = ReportRecord {
            report: report.report_name.clone(),
            period_start: Some(year.start),
            period_end: Some(year.end),
            row_title: name.clone().unwrap_or_default(),
            contact_id: id,
            contact_name: name,
            currency: context.currency.clone(),
            position,
            others: others(contact),
            ..ReportRecord::default()
        };
        for (number, value) in boxes_by_number(contact) {
            let title = format!("Box{number}");
            let mut record = ReportRecord {
                line_id: identities.unique(format!("{report_name}/{owner}/{title}")),
                column_position: number,
                column_title: title,
                ..template.clone()
            };
            record.set_amount(text(value).trim().to_owned());
            records.push(record);
        }
    }
    records
}

/// Returns the filled boxes of a contact, by number.
fn boxes_by_number<'a>(contact: &BTreeMap<String, &'a RawValue>) -> BTreeMap<usize, &'a RawValue> {
    let number = |name: &str| name.strip_prefix("Box")?.parse().ok();
    let filled = contact.iter().filter(|(_, value)| value.get() != "null");
    filled
        .filter_map(|(name, value)| Some((number(name)?, *value)))
        .collect()
}

/// Returns the remaining fields of a contact.
fn others(contact: &BTreeMap<String, &RawValue>) -> Map<String, Value> {
    let is_other = |name: &str| {
        let is_read = name.starts_with("Box") || ["Name", "ContactId"].contains(&name);
        !is_read && name != TENANT && !record::FIELDS.contains(&name)
    };
    let others = contact.iter().filter(|(name, _)| is_other(name));
    others
        .filter(|(_, value)| value.get() != "null")
        .map(|(name, value)| (name.clone(), Value::from(text(value))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Interval;
    use crate::rows::reports::answer;
    use crate::walk::periods::Calendar;

    #[test]
    fn each_box_of_a_contact_is_a_row() {
        let body = br#"{"Reports":[{"ReportName":"1099-MISC report","Contacts":[
            {"Box1":0.0,"Box10":5543.75,"Box2":null,"Name":"Bank West","TaxID":"234-22-2223","ContactId":"c-1","City":null,"TenantID":"x","Amount":"7","LineID":"x"},
            {"Box1":12.5,"Name":"Nobody"}]}]}"#;
        let reports = answer::parse(body).unwrap();
        let year = Calendar::new(Interval::Year, 12);
        let year = year.period(year.index("2023-05-05".parse().unwrap()));
        let records = boxes(&reports[0], year, &ReportContext::default());
        let found: Vec<_> = records
            .iter()
            .map(|record| {
                let amount = record.amount.as_deref().map_or("", RawValue::get);
                (record.line_id.as_str(), amount, record.row_title.as_str())
            })
            .collect();
        let expected = [
            ("1099-MISC report/c-1/Box1", "0.0", "Bank West"),
            ("1099-MISC report/c-1/Box10", "5543.75", "Bank West"),
            ("1099-MISC report/Nobody/Box1", "12.5", "Nobody"),
        ];
        assert_eq!(found, expected);
        assert_eq!(records[0].others["TaxID"], "234-22-2223");
        assert_eq!(records[0].others.len(), 1);
        assert_eq!(records[0].period_end.unwrap().to_string(), "2023-12-31");
    }
}
