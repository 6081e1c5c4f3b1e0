//! What an organisation pays and deducts, and its other settings.

use serde_json::{Value, json};

use super::super::draw::Draw;

pub(super) fn named(draw: &mut Draw<'_>, name: &str) -> Value {
    json!({
        "id": draw.id,
        "name": draw.versioned(&format!("{name} {}", draw.number)),
        "liabilityAccountId": draw.guid(),
        "currentRecord": !draw.number.is_multiple_of(3),
    })
}

pub(super) fn deduction(draw: &mut Draw<'_>) -> Value {
    json!({
        "deductionId": draw.id,
        "deductionName": draw.versioned(&format!("Deduction {}", draw.number)),
        "liabilityAccountId": draw.guid(),
        "currentRecord": true,
        "standardAmount": 12.5,
    })
}

pub(super) fn earnings_rate(draw: &mut Draw<'_>) -> Value {
    json!({
        "earningsRateID": draw.id,
        "name": draw.versioned(&format!("Rate {}", draw.number)),
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
