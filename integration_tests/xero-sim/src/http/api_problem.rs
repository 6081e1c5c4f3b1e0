//! The refusals of the other APIs.

use serde_json::json;

use crate::apis::{Problems, Refused};
use crate::guid::Guid;
use crate::problem;
use crate::query::BadParameter;
use crate::reply::Reply;

/// 400 for a parameter that is missing or means nothing.
pub(super) fn invalid(problems: Problems, refused: &Refused) -> Reply {
    let Refused {
        parameter,
        value,
        message,
    } = refused;
    let body = match problems {
        Problems::Accounting if *parameter == "where" => {
            return problem::bad_parameter(&BadParameter::Expression(message.clone()));
        }
        Problems::Accounting => return problem::invalid(message),
        Problems::Fields => json!({
            "resourceValidationErrors": [],
            "fieldValidationErrors": [{
                "fieldName": parameter,
                "valueProvided": value,
                "localisedMessage": message,
                "type": "http://common.service.xero.com/errors/validation/field",
                "title": "Validation Error",
                "detail": message,
            }],
            "type": "http://common.service.xero.com/errors/validation",
            "title": "The request failed validation.",
            "detail": "Validation Errors",
        }),
        Problems::ModelState => json!({
            "message": "The request is invalid.",
            "modelState": { *parameter: [message] },
        }),
        Problems::Details => json!({
            "type": "about:blank",
            "title": "BadRequest",
            "status": 400,
            "detail": message,
        }),
        Problems::InFrame => json!({
            "id": call_id(),
            "httpStatusCode": "BadRequest",
            "pagination": null,
            "problem": {
                "type": "application/problem+json",
                "title": "BadRequest",
                "status": 400,
                "detail": "Validation error occurred.",
                "instance": null,
                "invalidFields": [{ "name": parameter, "reason": message }],
            },
        }),
    };
    Reply::json(400, body.to_string())
}

/// 404 for a row, or a parent, that is not there.
pub(super) fn not_found(problems: Problems) -> Reply {
    let message = "The resource you're looking for cannot be found";
    let body = match problems {
        Problems::Accounting | Problems::Fields => return problem::not_found(),
        Problems::ModelState => json!({ "message": message }),
        Problems::Details => json!({
            "type": "about:blank",
            "title": "NotFound",
            "status": 404,
            "detail": message,
        }),
        Problems::InFrame => json!({
            "id": call_id(),
            "httpStatusCode": "NotFound",
            "pagination": null,
            "problem": {
                "type": "application/problem+json",
                "title": "NotFound",
                "status": 404,
                "detail": message,
                "instance": null,
            },
        }),
    };
    Reply::json(404, body.to_string())
}

/// Identifies one call. It does not depend on the seed.
pub(super) fn call_id() -> String {
    Guid::random(&mut fastrand::Rng::new()).to_string()
}
