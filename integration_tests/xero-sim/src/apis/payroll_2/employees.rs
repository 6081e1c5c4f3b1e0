//! The employees, and the data of each of them.

use serde_json::{Value, json};

use super::super::draw::Draw;
use super::super::forms::Stamp;
use super::super::payroll::{DAY, Staff, day, first_day};
use crate::rows::Country;

pub(super) fn employee(draw: &mut Draw<'_>) -> Value {
    let mut row = person(draw);
    if draw.country() == Some(Country::UnitedKingdom) {
        let start = day(first_day(draw.created));
        row["title"] = "Mrs".into();
        row["gender"] = "F".into();
        row["contracts"] = json!([{
            "publicKey": draw.guid(),
            "employmentStatus": "Employee",
            "contractType": "PartTime",
            "startDate": start,
            "isFixedTerm": false,
        }]);
        row["niCategories"] = json!([{
            "startDate": start,
            "niCategory": "I",
            "workplacePostcode": "SW1A 1AA",
        }]);
    }
    row
}

fn person(draw: &mut Draw<'_>) -> Value {
    let staff = Staff::numbered(draw, draw.number);
    let end = staff
        .has_left
        .then(|| day(first_day(draw.created) + 90 * DAY));
    json!({
        "employeeID": draw.id,
        "firstName": draw.versioned(staff.first_name),
        "lastName": staff.last_name,
        "dateOfBirth": day(staff.birth),
        "gender": if draw.number.is_multiple_of(4) { Value::Null } else { "F".into() },
        "email": staff.email(),
        "phoneNumber": null,
        "startDate": day(first_day(draw.created)),
        "endDate": end,
        "address": {
            "addressLine1": "101 Green St",
            "addressLine2": null,
            "city": "Ōtautahi",
            "postCode": "6TGR4F",
        },
        "createdDateUTC": Stamp::WithoutZone.of(draw.created),
    })
}

pub(super) fn tax(draw: &mut Draw<'_>) -> Value {
    json!({ "taxCode": draw.one_of(&["M", "ME", "SB"]) })
}

/// The United Kingdom has one row for the tax year, New Zealand one for each period.
pub(super) fn opening_balance(draw: &mut Draw<'_>) -> Value {
    match draw.country() {
        Some(Country::NewZealand) => json!({
            "periodEndDate": day(first_day(draw.created)),
            "daysPaid": 5,
            "unpaidWeeks": 0,
            "grossEarnings": draw.amount(4_000),
        }),
        _ => json!({ "statutorySickPay": draw.amount(400) }),
    }
}

pub(super) fn leave(draw: &mut Draw<'_>, leave_types: &str) -> Value {
    let start = first_day(draw.created);
    json!({
        "leaveID": draw.id,
        "leaveTypeID": draw.any(leave_types).map(|it| &it.value["leaveTypeID"]),
        "description": draw.versioned("Creating a Description"),
        "startDate": day(start),
        "endDate": day(start + DAY),
        "periods": [{
            "periodStartDate": day(start),
            "periodEndDate": day(start + 6 * DAY),
            "numberOfUnits": 8.0,
            "periodStatus": "Approved",
        }],
    })
}

pub(super) fn leave_balance(draw: &mut Draw<'_>, leave_types: &str) -> Value {
    let types = draw.tables.api_rows(leave_types);
    let kind = types.get(draw.place % types.len().max(1));
    json!({
        "leaveTypeID": kind.map(|it| &it.value["leaveTypeID"]),
        "name": kind.map(|it| &it.value["name"]),
        "balance": draw.amount(200),
        "typeOfUnits": "Hours",
    })
}

pub(super) fn payment_method(draw: &mut Draw<'_>) -> Value {
    if draw.one_in(3) {
        return json!({ "paymentMethod": "Cheque", "bankAccounts": [] });
    }
    json!({
        "paymentMethod": "Electronically",
        "bankAccounts": [{
            "accountName": "Savings of \"S. Ō.\"",
            "accountNumber": "24987654",
            "sortCode": "287654",
        }],
    })
}

pub(super) fn pay_template(draw: &mut Draw<'_>, rates: &str) -> Value {
    json!({
        "employeeID": draw.parent_id("employeeID"),
        "earningTemplates": [{
            "payTemplateEarningID": draw.guid(),
            "ratePerUnit": 20.0,
            "numberOfUnits": 8.0,
            "earningsRateID": draw.any(rates).map(|it| &it.value["earningsRateID"]),
            "name": "Regular Hours",
        }],
    })
}

pub(super) fn salary(draw: &mut Draw<'_>, rates: &str) -> Value {
    let is_salary = draw.one_in(2);
    json!({
        "salaryAndWagesID": draw.id,
        "earningsRateID": draw.any(rates).map(|it| &it.value["earningsRateID"]),
        "numberOfUnitsPerWeek": 40.0,
        "ratePerUnit": if is_salary { Value::Null } else { 25.5.into() },
        "numberOfUnitsPerDay": 8.0,
        "effectiveFrom": day(first_day(draw.created)),
        "annualSalary": if is_salary { 100_000.0.into() } else { Value::Null },
        "status": "Active",
        "paymentType": if is_salary { "Salary" } else { "Hourly" },
    })
}
