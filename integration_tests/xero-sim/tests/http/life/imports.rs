//! Rows of one second, as the import of a file leaves them.

use std::collections::BTreeMap;

use xero_sim::Entity;

use crate::client::fixture;

#[test]
fn a_list_has_ties_that_span_pages() {
    let fixture = fixture(|world, demo| {
        world.unlimited();
        world.fill(demo, Entity::Contacts, 1_000);
    });
    let mut rows = BTreeMap::<String, Vec<usize>>::new();
    for page in 1..=10 {
        let query = format!("/Contacts?page={page}&includeArchived=true");
        let body = fixture.get(&query).json();
        for contact in body["Contacts"].as_array().expect("a list") {
            let stamp = contact["UpdatedDateUTC"].as_str().expect("a date");
            rows.entry(stamp.to_owned()).or_default().push(page);
        }
    }
    let ties: Vec<_> = rows.iter().filter(|(_, pages)| pages.len() > 1).collect();
    let [(stamp, pages)] = ties[..] else {
        panic!("{ties:?}");
    };
    assert!(stamp.ends_with("000+0000)/"), "a whole second: {stamp}");
    assert!((100..=300).contains(&pages.len()), "{}", pages.len());
    assert!(pages.first() < pages.last());
}
