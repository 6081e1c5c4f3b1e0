//! What an organisation pays and deducts, and its other settings.

use serde_json::{Value, json};

use super::super::draw::Draw;
use crate::rows::Country;

pub(super) fn named(draw: &mut Draw<'_>, name: &str) -> Value {
    json!({
        "id": draw.id,
        "name": draw.versioned(&format!("{name} {}", draw.number)),
        "liabilityAccountId": draw.guid(),
        "currentRecord": !draw.number.is_multiple_of(3),
    })
}

/// A benefit of the United Kingdom, to which the employer pays.
pub(super) fn benefit(draw: &mut Draw<'_>) -> Value {
    let mut row = named(draw, "Company Car");
    row["category"] = "StakeholderPension".into();
    row["expenseAccountId"] = draw.guid().into();
    row["calculationType"] = "PercentageOfGross".into();
    row["percentage"] = 25.0.into();
    row
}

/// A superannuation of New Zealand.
pub(super) fn superannuation(draw: &mut Draw<'_>) -> Value {
    let mut row = named(draw, "KiwiSaver");
    row["category"] = "KiwiSaver".into();
    row["expenseAccountId"] = draw.guid().into();
    row["calculationTypeNZ"] = "PercentageOfTaxableEarnings".into();
    row["percentage"] = 3.0.into();
    row
}

pub(super) fn deduction(draw: &mut Draw<'_>) -> Value {
    let category = match draw.country() {
        Some(Country::UnitedKingdom) => "UkOther",
        _ => "NzOther",
    };
    json!({
        "deductionId": draw.id,
        "deductionName": draw.versioned(&format!("Deduction {}", draw.number)),
        "deductionCategory": category,
        "liabilityAccountId": draw.guid(),
        "currentRecord": true,
        "standardAmount": 12.5,
    })
}

pub(super) fn earnings_rate(draw: &mut Draw<'_>) -> Value {
    json!({
        "earningsRateID": draw.id,
        "name": draw.versioned(&format!("Rate {}", draw.number)),
        "earningsType": draw.one_of(&["RegularEarnings", "OvertimeEarnings", "Bonus"]),
        "rateType": "RatePerUnit",
        "typeOfUnits": "Hours",
        "currentRecord": true,
        "expenseAccountID": draw.guid(),
        "ratePerUnit": 25.0,
    })
}

pub(super) fn leave_type(draw: &mut Draw<'_>) -> Value {
    json!({
        "leaveTypeID": draw.id,
        "name": draw.versioned(&format!("Leave {}", draw.number)),
        "isPaidLeave": true,
        "showOnPayslip": true,
        "isActive": !draw.number.is_multiple_of(3),
    })
}

pub(super) fn reimbursement(draw: &mut Draw<'_>) -> Value {
    json!({
        "reimbursementID": draw.id,
        "name": draw.versioned(&format!("Travel costs {}", draw.number)),
        "accountID": draw.guid(),
        "currentRecord": true,
    })
}

pub(super) fn settings(draw: &mut Draw<'_>) -> Value {
    json!({
        "accounts": [{
            "accountID": draw.guid(),
            "type": "WAGESPAYABLE",
            "code": "814",
            "name": "Wages Payable - Payroll",
        }],
    })
}

pub(super) fn tracking(draw: &mut Draw<'_>) -> Value {
    json!({
        "employeeGroupsTrackingCategoryID": draw.guid(),
        "timesheetTrackingCategoryID": draw.guid(),
    })
}
