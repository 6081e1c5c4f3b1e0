//! Checks parsed rows against the schemas: irregular values that Xero sends, and every published
//! example.
//!
//! The published examples need `XERO_OPENAPI`, the folder of Xero's API descriptions
//! (github.com/XeroAPI/Xero-OpenAPI, or only its `xero_accounting.yaml` and `xero-identity.yaml`).

use std::path::Path;

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Value, json};

use crate::rows::document_lines;
use crate::rows::documents::{self, Parent};
use crate::rows::page::Page;
use crate::rows::record_lines::Records;
use crate::streams::conformance::Conformance;
use crate::streams::*;

/// The variable that names the folder.
pub(crate) const VARIABLE: &str = "XERO_OPENAPI";

/// The file that describes each API.
const FILES_OF_APIS: [(&str, &str); 9] = [
    ("Accounting", "xero_accounting.yaml"),
    ("Identity", "xero-identity.yaml"),
    ("Assets", "xero_assets.yaml"),
    ("Projects", "xero-projects.yaml"),
    ("Files", "xero_files.yaml"),
    ("Payroll AU", "xero-payroll-au.yaml"),
    ("Payroll AU 2.0", "xero-payroll-au-v2.yaml"),
    ("Payroll UK", "xero-payroll-uk.yaml"),
    ("Payroll NZ", "xero-payroll-nz.yaml"),
];

/// Fields that only the examples of single rows have. They pass through undeclared.
const UNDESCRIBED: [&str; 1] = ["/metaData is not declared"];

/// Parses rows and returns each violation of the stream's schema.
fn faults(stream: &'static Stream, rows: &[Value]) -> Vec<String> {
    let body = match stream.endpoint().envelope {
        Some(key) => json!({ key: rows }).to_string(),
        None => json!(rows).to_string(),
    };
    let page = Page::parse(body.as_bytes(), &Family::of(stream), "t-1").expect(stream.name);
    let lines = page.lines.into_iter().next().expect("a family of one");
    let Records {
        lines,
        count: records,
    } = lines.all();
    let is_cut = matches!(stream.source, Source::Child(_));
    assert!(is_cut || records as usize == rows.len());
    faults_of_lines(stream, lines)
}

/// Returns each violation of the stream's schema in RECORD lines.
fn faults_of_lines(stream: &Stream, lines: Vec<u8>) -> Vec<String> {
    let schema = serde_json::from_str(stream.schema).expect(stream.name);
    let conformance = Conformance::new(&schema);
    let lines = String::from_utf8(lines).expect("lines are text");
    let rows = lines.lines().map(|line| {
        let message: Value = serde_json::from_str(line).expect(line);
        message["record"]["data"].clone()
    });
    let mut faults: Vec<_> = rows.flat_map(|row| conformance.faults(&row)).collect();
    faults.sort();
    faults.dedup();
    faults
}

/// Parses the data of one document and returns each violation of the stream's schema.
fn faults_of_document(stream: &'static Stream, answer: &Value) -> Vec<String> {
    let family = Family::of(stream);
    let parent = Parent {
        list: "Invoices",
        id: "d-1",
        stamp: Some(1_600_000_000_000),
    };
    let page = documents::read(answer.to_string().as_bytes(), family.parent, parent);
    let page = page.expect(stream.name);
    assert!(!page.rows.is_empty(), "{}", stream.name);
    let lines = document_lines::lines(&page.rows, &family, "t-1").expect(stream.name);
    let records = lines.into_iter().next().expect("a family of one");
    faults_of_lines(stream, records.lines)
}

#[test]
fn irregular_values_fit_the_schemas() {
    for (name, row) in [
        (
            "budgets",
            r#"{"BudgetID":"b","UpdatedDateUTC":"2017-08-14T01:18:26.74","BudgetLines":[{"BudgetBalances":[{"Period":"2019-08","Amount":"1000","UnitAmount":"-12.50","Notes":null}]}]}"#,
        ),
        (
            "payments",
            r#"{"PaymentID":"p","BatchPayment":{"TotalAmount":"12.00","IsReconciled":"false","DateString":"1970-01-01T00:00:00"}}"#,
        ),
        (
            "receipts",
            r#"{"ReceiptID":"r","ReceiptNumber":"17","Attachments":[{"ContentLength":"10294"}]}"#,
        ),
        ("receipts", r#"{"ReceiptID":"r","ReceiptNumber":17}"#),
        (
            "invoices",
            r#"{"InvoiceID":"i","Date":"/Date(1426849200000+1300)/","FullyPaidOnDate":"/Date(0+0000)/","UpdatedDateUTCString":"2018-11-02T16:31:30Z","LineItems":[],"Payments":null}"#,
        ),
        (
            "bank_transfers",
            r#"{"BankTransferID":"t","Date":"/Date(1476907800000+0000)/","DateString":"2016-10-19T20:10:00","CreatedDateUTCString":"2016-10-17T20:46:01"}"#,
        ),
        (
            "users",
            r#"{"UserID":"u","UpdatedDateUTC":"/Date(-1)/","OrganisationRole":"A_NEW_ROLE"}"#,
        ),
    ] {
        let row = serde_json::from_str(row).expect(row);
        let stream = find(name).expect(name);
        assert_eq!(faults(stream, &[row]), [] as [&str; 0], "{name}");
    }
}

#[test]
fn every_published_example_fits_the_schemas() {
    let Ok(folder) = std::env::var(VARIABLE) else {
        // Without the files, the test covers only the code that reads them.
        eprintln!("{VARIABLE} names no folder, so Xero's examples are not looked at");
        let text = "paths:\n  /Users/{UserID}:\n    get: &a {responses: {'200': {content: {application/json: {example: {Users: [{UserID: u}]}}}}}}\n";
        let users = examples(find("users").expect("users"), &parse(text));
        assert_eq!(users, [json!({"UserID": "u"})]);
        return;
    };
    let description = |name: &str| {
        let file = Path::new(&folder).join(name);
        parse(&std::fs::read_to_string(&file).expect("XERO_OPENAPI has Xero's files"))
    };
    let descriptions = FILES_OF_APIS.map(|(api, file)| (api, description(file)));
    // The tests of `rows::reports` check the examples of reports, and counts are rows of the connector.
    let has_rows =
        |stream: &&Stream| !matches!(stream.source, Source::Report(_) | Source::Counts(_));
    let (mut all_faults, mut without) = (Vec::new(), Vec::new());
    for stream in all().filter(has_rows) {
        let api = stream.endpoint().api.name;
        let description = descriptions.iter().find(|(known, _)| *known == api);
        let (_, description) = description.expect(api);
        let faults = match stream.document() {
            Some(document) => {
                let answers = answers(description, |path| is_of_document(path, document));
                let answers: Vec<_> = answers.collect();
                let faults = answers.iter().flat_map(|it| faults_of_document(stream, it));
                (!answers.is_empty()).then(|| faults.collect())
            }
            None => {
                let rows = examples(stream, description);
                (!rows.is_empty()).then(|| faults(stream, &rows))
            }
        };
        let Some(faults) = faults else {
            without.push(stream.name);
            continue;
        };
        let faults = faults.into_iter();
        let faults = faults.filter(|fault| !UNDESCRIBED.contains(&fault.as_str()));
        all_faults.extend(faults.map(|fault| format!("{}: {fault}", stream.name)));
    }
    assert_eq!(all_faults, [""; 0]);
    assert_eq!(without, [""; 0], "there is no example of these");
}

/// Returns the rows of the examples for the list and for single rows.
fn examples(stream: &Stream, description: &Value) -> Vec<Value> {
    let Endpoint { path, envelope, .. } = stream.endpoint();
    let below = format!("{path}/{{");
    let answers = answers(description, |known| {
        let single = known.strip_prefix(&below);
        // The description spells the path of the connections in two ways.
        known.eq_ignore_ascii_case(path) || single.is_some_and(|parameter| parameter.ends_with('}'))
    });
    let rows = answers.filter_map(|answer: Value| match envelope {
        Some(key) => answer.get(key).cloned(),
        None => Some(answer),
    });
    rows.flat_map(|rows| match rows {
        Value::Array(rows) => rows,
        // The response for a single budget has no list around the budget.
        row => vec![row],
    })
    .collect()
}

/// Returns the examples of the responses for the chosen paths.
fn answers(description: &Value, is_chosen: impl Fn(&str) -> bool) -> impl Iterator<Item = Value> {
    let paths = description["paths"].as_object().expect("there are paths");
    let chosen = paths.iter().filter(move |(path, _)| is_chosen(path));
    let content = "/get/responses/200/content/application~1json/example";
    // Some examples are strings that hold JSON.
    chosen.filter_map(move |(_, path)| match path.pointer(content)? {
        Value::String(text) => Some(serde_json::from_str(text).expect("the text holds JSON")),
        answer => Some(answer.clone()),
    })
}

/// Whether a path is the one that is requested for a document.
fn is_of_document(path: &str, document: &DocumentChild) -> bool {
    let own = document.endpoint.path;
    let is_below = |list: &str, own: &str| {
        let rest = path.strip_prefix(list).and_then(|it| it.strip_prefix("/{"));
        rest.and_then(|rest| rest.split_once('}'))
            .is_some_and(|(_, rest)| rest == own)
    };
    match (document.items, document.address) {
        (Some(items), _) => is_below(items.path, ""),
        (None, Address::Parameter(_)) => path == own,
        (None, Address::Below) => {
            let mut lists = document.parents.iter().map(|list| list.endpoint().path);
            lists.any(|list| is_below(list, own))
        }
    }
}

/// Converts an API description from YAML to JSON.
pub(crate) fn parse(text: &str) -> Value {
    let documents = Yaml::load_from_str(text).expect("YAML can be read");
    json_of(documents.first().expect("there is a document"))
}

fn json_of(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Value(Scalar::Boolean(value)) => json!(value),
        Yaml::Value(Scalar::Integer(value)) => json!(value),
        Yaml::Value(Scalar::FloatingPoint(value)) => json!(value.into_inner()),
        Yaml::Value(Scalar::String(text)) => json!(text),
        Yaml::Sequence(items) => items.iter().map(json_of).collect(),
        Yaml::Mapping(fields) => {
            let name = |name| match json_of(name) {
                Value::String(text) => text,
                other => other.to_string(),
            };
            let fields = fields.iter();
            fields
                .map(|(key, value)| (name(key), json_of(value)))
                .collect()
        }
        _ => Value::Null,
    }
}
