//! The Projects API: projects, their users, tasks and time.

use serde_json::{Value, json};

use super::draw::{ApiRow, Draw, Tables};
use super::endpoint::{
    Api, ApiEndpoint, Counts, Envelope, Frame, Paging, Parameter, Parent, Problems, Size, endpoint,
};
use super::forms::{Form, Stamp, moment};
use super::people::Person;
use crate::entity::Entity;

const API: Api = Api {
    base: "/projects.xro/2.0",
    frame: Frame::Plain,
    problems: Problems::ModelState,
};

const PARENT: Option<Parent> = Some(Parent {
    table: "projects",
    parameter: None,
});

const BASE: ApiEndpoint = ApiEndpoint {
    envelope: Envelope::List("items"),
    paging: Paging::Pages {
        size: Some("pageSize"),
        usual: 50,
        most: 500,
        refuses: true,
        counts: Counts::Pagination,
    },
    ..endpoint(&API, &["projects"])
};

const PAGE: Parameter = Parameter::plain("page", Form::Number);
const PAGE_SIZE: Parameter = Parameter::plain("pageSize", Form::Number);

/// People who still use the organisation.
const USERS: u64 = 4;
/// People who logged time: the last of them have left.
const PEOPLE: u64 = 6;

/// Its endpoints.
pub(crate) const ENDPOINTS: &[ApiEndpoint] = &[
    ApiEndpoint {
        name: "projects",
        path: "/Projects",
        single: Some(("/Projects/{id}", Envelope::BareObject)),
        id: "projectId",
        parameters: &[
            Parameter::filter("projectIds", Form::Ids, |row, ids, _| {
                is_one_of(&row.value["projectId"], ids)
            }),
            Parameter::filter("contactID", Form::Id, |row, id, _| {
                is_one_of(&row.value["contactId"], id)
            }),
            Parameter::filter("states", Form::SomeOf(&["INPROGRESS", "CLOSED"]), has_state),
            PAGE,
            PAGE_SIZE,
        ],
        size: Size::Rows(5),
        draw: project,
        complete: add_project_totals,
        ..BASE
    },
    ApiEndpoint {
        name: "project_users",
        path: "/ProjectsUsers",
        id: "userId",
        parameters: &[PAGE, PAGE_SIZE],
        size: Size::Rows(USERS as usize),
        draw: user,
        ..BASE
    },
    ApiEndpoint {
        name: "project_tasks",
        path: "/Projects/{parent}/Tasks",
        single: Some(("/Projects/{parent}/Tasks/{id}", Envelope::BareObject)),
        id: "taskId",
        parent: PARENT,
        parameters: &[
            PAGE,
            PAGE_SIZE,
            Parameter::filter("taskIds", Form::Ids, |row, ids, _| {
                is_one_of(&row.value["taskId"], ids)
            }),
            Parameter::filter(
                "chargeType",
                Form::OneOf(&["TIME", "FIXED", "NON_CHARGEABLE"]),
                |row, kind, _| is_one_of(&row.value["chargeType"], kind),
            ),
        ],
        size: Size::PerParent(3),
        draw: task,
        complete: add_task_totals,
        ..BASE
    },
    ApiEndpoint {
        name: "project_time",
        path: "/Projects/{parent}/Time",
        single: Some(("/Projects/{parent}/Time/{id}", Envelope::BareObject)),
        id: "timeEntryId",
        parent: PARENT,
        parameters: &[
            Parameter::filter("userId", Form::Id, |row, id, _| {
                is_one_of(&row.value["userId"], id)
            }),
            Parameter::filter("taskId", Form::Id, |row, id, _| {
                is_one_of(&row.value["taskId"], id)
            }),
            // Time shows no invoice.
            Parameter::filter("invoiceId", Form::Id, |_, _, _| false),
            Parameter::filter("contactId", Form::Id, is_for_contact),
            PAGE,
            PAGE_SIZE,
            Parameter::filter(
                "states",
                Form::SomeOf(&["ACTIVE", "LOCKED", "INVOICED"]),
                has_state,
            ),
            Parameter::filter("isChargeable", Form::Switch, is_chargeable),
            Parameter::filter("dateAfterUtc", Form::Moment, |row, text, _| {
                moment_of(row) >= moment(text)
            }),
            Parameter::filter("dateBeforeUtc", Form::Moment, |row, text, _| {
                moment_of(row) <= moment(text)
            }),
        ],
        size: Size::Grows,
        draw: time_entry,
        ..BASE
    },
];

/// Whether a text is one of several, separated by commas.
fn is_one_of(value: &Value, words: &str) -> bool {
    let own = value.as_str().unwrap_or_default();
    words
        .split(',')
        .any(|word| word.trim().eq_ignore_ascii_case(own))
}

fn has_state(row: &ApiRow, states: &str, _: &dyn Tables) -> bool {
    is_one_of(&row.value["status"], states)
}

fn moment_of(row: &ApiRow) -> Option<i64> {
    row.value["dateUtc"].as_str().and_then(moment)
}

fn is_for_contact(row: &ApiRow, id: &str, tables: &dyn Tables) -> bool {
    let mut projects = tables.api_rows("projects").iter();
    let project = projects.find(|it| Some(it.number) == row.parent);
    project.is_some_and(|it| is_one_of(&it.value["contactId"], id))
}

fn is_chargeable(row: &ApiRow, wanted: &str, tables: &dyn Tables) -> bool {
    let mut tasks = tables.api_rows("project_tasks").iter();
    let task = tasks.find(|it| it.value["taskId"] == row.value["taskId"]);
    let chargeable = task.is_some_and(|it| it.value["chargeType"] != "NON_CHARGEABLE");
    chargeable == wanted.eq_ignore_ascii_case("true")
}

fn project(draw: &mut Draw<'_>) -> Value {
    let name = draw.company();
    let mut project = json!({
        "projectId": draw.id,
        "contactId": draw.accounting_id(Entity::Contacts),
        "name": draw.versioned(&name),
        "currencyCode": draw.currency(),
        "status": if draw.number.is_multiple_of(4) { "CLOSED" } else { "INPROGRESS" },
    });
    if !draw.number.is_multiple_of(3) {
        project["deadlineUtc"] = Stamp::Seconds.of(draw.after(200)).into();
    }
    if draw.number % 2 == 1 {
        let estimate = draw.fine_amount(90_000);
        project["estimate"] = amount(draw.currency(), estimate);
    }
    project
}

fn amount(currency: &str, value: f64) -> Value {
    json!({ "currency": currency, "value": round(value) })
}

/// An amount with four decimals at most.
fn round(amount: f64) -> f64 {
    (amount * 10_000.0).round() / 10_000.0
}

fn user(draw: &mut Draw<'_>) -> Value {
    let person = Person::numbered(draw, draw.number - 1);
    json!({
        "userId": person.id,
        "name": draw.versioned(&person.full_name()),
        "email": person.email,
    })
}

fn task(draw: &mut Draw<'_>) -> Value {
    let name: String = draw.description().chars().take(90).collect();
    let kind = ["TIME", "FIXED", "NON_CHARGEABLE"][draw.place % 3];
    let rate = match kind {
        "NON_CHARGEABLE" => 0.0,
        _ => draw.amount(250),
    };
    let mut task = json!({
        "taskId": draw.id,
        "name": draw.versioned(&name),
        "rate": amount(draw.currency(), rate),
        "chargeType": kind,
        "status": draw.one_of(&["ACTIVE", "ACTIVE", "LOCKED"]),
        "projectId": draw.parent_id("projectId"),
    });
    if !draw.one_in(3) {
        task["estimateMinutes"] = draw.rng.u32(15..12_000).into();
    }
    task
}

fn time_entry(draw: &mut Draw<'_>) -> Value {
    let parent = draw.parent.map(|parent| parent.number);
    let tasks = draw.tables.api_rows("project_tasks").iter();
    let tasks: Vec<&ApiRow> = tasks.filter(|task| task.parent == parent).collect();
    let task = match tasks.len() {
        0 => draw.guid().into(),
        count => tasks[draw.rng.usize(..count)].value["taskId"].clone(),
    };
    let person = draw.rng.u64(..PEOPLE);
    let description = match draw.one_in(4) {
        true => Value::Null,
        false => {
            let text = draw.description();
            draw.versioned(text).into()
        }
    };
    json!({
        "timeEntryId": draw.id,
        "userId": Person::numbered(draw, person).id,
        "projectId": draw.parent_id("projectId"),
        "taskId": task,
        "dateUtc": Stamp::Seconds.of(draw.created),
        "dateEnteredUtc": Stamp::Ticks.of(draw.updated),
        "duration": draw.rng.u32(1..600),
        "description": description,
        "status": draw.one_of(&["ACTIVE", "ACTIVE", "LOCKED", "INVOICED"]),
    })
}

/// Minutes of time: all, and those that are invoiced.
#[derive(Clone, Copy, Default)]
struct Minutes {
    all: u64,
    invoiced: u64,
}

fn minutes(task: &Value, tables: &dyn Tables) -> Minutes {
    let entries = tables.api_rows("project_time").iter();
    let entries = entries.filter(|entry| &entry.value["taskId"] == task);
    entries.fold(Minutes::default(), |sum, entry| {
        let duration = entry.value["duration"].as_u64().unwrap_or_default();
        let invoiced = if entry.value["status"] == "INVOICED" {
            duration
        } else {
            0
        };
        Minutes {
            all: sum.all + duration,
            invoiced: sum.invoiced + invoiced,
        }
    })
}

/// What a task earns: all of it, and the part that is invoiced.
fn earned(task: &Value, minutes: Minutes) -> [f64; 2] {
    let rate = task["rate"]["value"].as_f64().unwrap_or_default();
    match task["chargeType"].as_str() {
        Some("TIME") => [minutes.all, minutes.invoiced].map(|it| round(it as f64 * rate / 60.0)),
        Some("FIXED") => [rate, 0.0],
        _ => [0.0, 0.0],
    }
}

fn add_task_totals(task: &mut Value, tables: &dyn Tables) {
    let logged = minutes(&task["taskId"], tables);
    let [all, invoiced] = earned(task, logged);
    let currency = tables.books().base_currency();
    let of = |kind: &str, minutes: u64| {
        if task["chargeType"] == kind {
            minutes
        } else {
            0
        }
    };
    let totals = json!({
        "totalMinutes": logged.all,
        "totalAmount": amount(currency, all),
        "minutesInvoiced": of("TIME", logged.invoiced),
        "minutesToBeInvoiced": of("TIME", logged.all - logged.invoiced),
        "fixedMinutes": of("FIXED", logged.all),
        "nonChargeableMinutes": of("NON_CHARGEABLE", logged.all),
        "amountToBeInvoiced": amount(currency, all - invoiced),
        "amountInvoiced": amount(currency, invoiced),
    });
    add(task, totals);
}

fn add_project_totals(project: &mut Value, tables: &dyn Tables) {
    let currency = tables.books().base_currency();
    let tasks = tables.api_rows("project_tasks").iter();
    let tasks = tasks.filter(|task| task.value["projectId"] == project["projectId"]);
    let (mut logged, mut open, mut all, mut invoiced) = (0, 0, 0.0, 0.0);
    for task in tasks {
        let its = minutes(&task.value["taskId"], tables);
        logged += its.all;
        if task.value["chargeType"] == "TIME" {
            open += its.all - its.invoiced;
        }
        let [earned, billed] = earned(&task.value, its);
        (all, invoiced) = (all + earned, invoiced + billed);
    }
    let [none, all, invoiced, rest] =
        [0.0, all, invoiced, all - invoiced].map(|value| amount(currency, value));
    let totals = json!({
        "minutesLogged": logged,
        "minutesToBeInvoiced": open,
        "totalTaskAmount": all,
        "totalExpenseAmount": none,
        "taskAmountToBeInvoiced": rest,
        "taskAmountInvoiced": invoiced,
        "expenseAmountToBeInvoiced": none,
        "expenseAmountInvoiced": none,
        "projectAmountInvoiced": none,
        "deposit": none,
        "depositApplied": none,
        "creditNoteAmount": none,
        "totalInvoiced": invoiced,
        "totalToBeInvoiced": rest,
    });
    add(project, totals);
}

/// Adds fields unless a test has set them.
fn add(row: &mut Value, totals: Value) {
    let (Some(fields), Value::Object(totals)) = (row.as_object_mut(), totals) else {
        return;
    };
    for (name, total) in totals {
        fields.entry(name).or_insert(total);
    }
}
