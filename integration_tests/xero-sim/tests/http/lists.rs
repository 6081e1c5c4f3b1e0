//! Lists and documents as they are written.

use std::io::Read;

use flate2::read::GzDecoder;
use xero_sim::Entity;

use crate::client::{fixture, get};

#[test]
fn a_page_has_xeros_envelope_and_headers() {
    let fixture = fixture(|world, demo| world.fill(demo, Entity::Invoices, 250));
    let answer = fixture.get("/Invoices?page=3&pageSize=100");
    assert_eq!(answer.status, 200);
    let content_type = Some("application/json; charset=utf-8");
    assert_eq!(answer.header("content-type"), content_type);
    for name in [
        "X-DayLimit-Remaining",
        "X-MinLimit-Remaining",
        "X-AppMinLimit-Remaining",
        "Xero-Correlation-Id",
    ] {
        assert!(answer.header(name).is_some(), "{name} in {}", answer.head);
    }
    let text = answer.text();
    assert!(text.starts_with("{\r\n  \"Id\": \""), "{text}");
    assert!(text.contains(r#""DateTimeUTC": "\/Date("#), "{text}");
    let body = answer.json();
    assert_eq!(body["Status"], "OK");
    assert_eq!(body["Invoices"].as_array().map(Vec::len), Some(50));
    assert_eq!(body["pagination"]["page"], 3);
    assert_eq!(body["pagination"]["pageSize"], 100);
    assert_eq!(body["pagination"]["pageCount"], 3);
    assert_eq!(body["pagination"]["itemCount"], 250);

    let past = fixture.get("/Invoices?page=4").json();
    assert_eq!(past["Invoices"].as_array().map(Vec::len), Some(0));
    let unpaged = fixture.get("/Currencies").json();
    assert!(unpaged.get("pagination").is_none(), "{unpaged}");
}

#[test]
fn a_client_that_does_not_accept_json_gets_xml() {
    let fixture = fixture(|_, _| {});
    let token = format!("Authorization: Bearer {}", fixture.tokens.access_token);
    let tenant = format!("xero-tenant-id: {}", fixture.demo);
    for accept in ["Accept: */*", "X-Nothing: 1"] {
        let headers = [token.as_str(), &tenant, accept];
        let answer = get(&fixture.sim, "/api.xro/2.0/Currencies", &headers);
        assert_eq!(answer.status, 200);
        assert!(answer.text().starts_with("<Response"), "{accept}");
    }
}

#[test]
fn a_body_is_compressed_for_clients_that_accept_it() {
    let fixture = fixture(|world, demo| world.fill(demo, Entity::Invoices, 100));
    let packed = fixture.get_with("/Invoices?page=1", &["Accept-Encoding: gzip, deflate"]);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    let mut plain = String::new();
    let mut decoder = GzDecoder::new(packed.body.as_slice());
    decoder.read_to_string(&mut plain).expect("whole gzip");
    let log = fixture.sim.requests();
    assert_eq!(log[0].sent_bytes, packed.body.len());
    assert_eq!(log[0].body_bytes, plain.len());
    assert_eq!(log[0].rows, Some(100));

    fixture.sim.world(|world| world.uncompressed());
    let plain = fixture.get_with("/Invoices?page=1", &["Accept-Encoding: gzip"]);
    assert_eq!(plain.header("content-encoding"), None);
}

#[test]
fn a_document_is_found_by_its_id() {
    let fixture = fixture(|world, demo| {
        world.fill(demo, Entity::Invoices, 3);
    });
    let first = |list: &str| {
        let body = fixture.get(&format!("/{list}?page=1")).json();
        body[list][0].clone()
    };
    let id = first("Invoices")["InvoiceID"].clone();
    let path = format!("/Invoices/{}", id.as_str().expect("a GUID"));
    let found = fixture.get(&path).json();
    assert_eq!(found["Invoices"][0]["InvoiceID"], id);
    assert_eq!(found["Invoices"].as_array().map(Vec::len), Some(1));

    for path in [
        "/Invoices/00000000-0000-4000-8000-000000000000",
        "/Employees",
    ] {
        let answer = fixture.get(path);
        assert_eq!(answer.status, 404, "{path}");
        let text = "The resource you're looking for cannot be found";
        assert_eq!(answer.text(), text);
    }
}

#[test]
fn bad_queries_are_refused_with_xeros_numbers() {
    let fixture = fixture(|_, _| {});
    let answer = fixture.get("/Invoices?where=Nonsense");
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["ErrorNumber"], 16);
    assert_eq!(answer.json()["Type"], "QueryParseException");
}

#[test]
fn the_world_can_change_between_pages() {
    let fixture = fixture(|world, demo| world.fill(demo, Entity::Invoices, 200));
    let demo = fixture.demo.clone();
    fixture.sim.intercept(move |request, world| {
        if request.param("page") == Some("2") {
            world.touch(&demo, Entity::Invoices, 1);
        }
        None
    });
    let ids = |page: u32| -> Vec<String> {
        let body = fixture.get(&format!("/Invoices?page={page}")).json();
        let rows = body["Invoices"].as_array().expect("an array").clone();
        let id = |row: &serde_json::Value| row["InvoiceID"].as_str().map(str::to_owned);
        rows.iter().filter_map(id).collect()
    };
    let mut seen = ids(1);
    seen.extend(ids(2));
    assert_eq!(seen.len(), 200);
    seen.sort();
    seen.dedup();
    assert!(
        seen.len() < 200,
        "a row that moved to the end pushes another one forward"
    );
}

#[test]
fn a_single_budget_is_an_object() {
    let fixture = fixture(|world, demo| world.fill(demo, Entity::Budgets, 1));
    let list = fixture.get("/Budgets").json();
    let id = list["Budgets"][0]["BudgetID"].as_str().expect("a GUID");
    let single = fixture.get(&format!("/Budgets/{id}")).json();
    assert_eq!(single["Budgets"]["BudgetID"], id);
}

#[test]
fn a_parameter_of_another_endpoint_is_ignored() {
    let fixture = fixture(|world, demo| {
        world.fill(demo, Entity::CreditNotes, 60);
        world.fill(demo, Entity::PurchaseOrders, 60);
    });
    let count = |list: &str, query: &str| {
        let body = fixture.get(&format!("/{list}?page=1&{query}")).json();
        body[list].as_array().map(Vec::len)
    };
    for (list, query) in [
        ("CreditNotes", "Statuses=DELETED"),
        ("CreditNotes", "Status=DELETED"),
        ("CreditNotes", "IDs=00000000-0000-4000-8000-000000000001"),
        ("PurchaseOrders", "where=Status%3D%3D%22DELETED%22"),
    ] {
        assert_eq!(count(list, query), Some(60), "{list} {query}");
    }
    assert!(count("PurchaseOrders", "Status=DELETED") < Some(60));
    let plain = fixture.get("/PurchaseOrders?page=1").json();
    let fine = fixture.get("/PurchaseOrders?page=1&unitdp=4").json();
    assert_eq!(plain["PurchaseOrders"], fine["PurchaseOrders"]);
}
