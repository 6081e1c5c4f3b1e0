//! Assets, their types and the settings.

use super::{call, field, fixture, json, truth, undocumented};

const ASSETS: &str = "/assets.xro/1.0";

#[test]
fn one_walk_for_each_status_finds_all_assets() {
    let fixture = fixture(|world, demo| world.fill_api(demo, "assets", 47));
    let mut found = Vec::new();
    for (status, name) in [
        ("DRAFT", "Draft"),
        ("REGISTERED", "Registered"),
        ("DISPOSED", "Disposed"),
    ] {
        let mut count = 0;
        for page in 1.. {
            let path = format!("{ASSETS}/Assets?status={status}&page={page}");
            let body = json(&fixture, &path);
            let items = &body["items"];
            assert!(field(items, "assetStatus").iter().all(|it| it == name));
            let pagination = &body["pagination"];
            let all = pagination["itemCount"].as_u64().expect("a count");
            assert_eq!(pagination["pageSize"], 10);
            assert_eq!(pagination["page"], page);
            assert_eq!(pagination["pageCount"], all.div_ceil(10));
            let ids = field(items, "assetId");
            count += ids.len() as u64;
            if ids.is_empty() {
                assert_eq!(count, all, "{status}");
                break;
            }
            found.extend(ids);
        }
        assert!(count > 3, "{status}");
    }
    let mut all = truth(&fixture, "assets", "assetId");
    assert_eq!(all.len(), 47);
    let key = |id: &serde_json::Value| id.to_string();
    all.sort_by_key(key);
    found.sort_by_key(key);
    assert_eq!(found, all);
    assert_eq!(undocumented(&fixture), Vec::<String>::new());
}

#[test]
fn a_list_without_a_status_is_refused() {
    let fixture = fixture(|_, _| {});
    for (query, name) in [
        ("", "status"),
        ("?status=SOLD", "status"),
        ("?status=DRAFT&page=0", "page"),
    ] {
        let answer = call(&fixture, &format!("{ASSETS}/Assets{query}"));
        assert_eq!(answer.status, 400, "{query}");
        let body = answer.json();
        assert_eq!(body["fieldValidationErrors"][0]["fieldName"], name);
        assert_eq!(body["detail"], "Validation Errors");
    }
    assert_eq!(
        undocumented(&fixture),
        [
            "status is missing",
            "status=SOLD is malformed",
            "page=0 is malformed"
        ]
    );
}

#[test]
fn a_single_asset_has_two_fields_more() {
    let fixture = fixture(|world, demo| world.fill_api(demo, "assets", 1));
    let list = json(&fixture, &format!("{ASSETS}/Assets?status=REGISTERED"));
    let listed = &list["items"][0];
    let id = listed["assetId"].as_str().expect("an id");
    let single = json(&fixture, &format!("{ASSETS}/Assets/{id}"));
    for name in ["serialNumber", "warrantyExpiryDate"] {
        assert!(listed.get(name).is_none(), "{listed}");
        assert!(single[name].is_string(), "{single}");
    }
    assert_eq!(single["assetName"], listed["assetName"]);
    let text = call(&fixture, &format!("{ASSETS}/Assets/{id}"));
    assert!(
        text.text().contains("\"disposalPrice\":0.0000,"),
        "{}",
        text.text()
    );
    let bought = single["purchaseDate"].as_str().expect("a date");
    assert!(bought.ends_with("T00:00:00"), "{bought}");
    let other = format!("{ASSETS}/Assets/00000000-0000-4000-8000-000000000000");
    assert_eq!(call(&fixture, &other).status, 404);
}

#[test]
fn assets_are_ordered_and_filtered() {
    let fixture = fixture(|world, demo| world.fill_api(demo, "assets", 30));
    let list = |query: &str| {
        let path = format!("{ASSETS}/Assets?status=registered&pageSize=50{query}");
        json(&fixture, &path)["items"].clone()
    };
    let mut prices: Vec<f64> = field(&list(""), "purchasePrice")
        .iter()
        .filter_map(serde_json::Value::as_f64)
        .collect();
    let sorted = list("&orderBy=PurchasePrice&sortDirection=desc");
    prices.sort_by(|one, other| other.total_cmp(one));
    assert_eq!(field(&sorted, "purchasePrice"), prices);
    assert_eq!(
        field(&list("&filterBy=fa-0007"), "assetNumber"),
        ["FA-0007"]
    );
}

#[test]
fn types_are_a_bare_list_and_settings_a_bare_object() {
    let fixture = fixture(|_, _| {});
    let types = json(&fixture, &format!("{ASSETS}/AssetTypes"));
    assert_eq!(types.as_array().map(Vec::len), Some(5));
    assert_eq!(
        field(&types, "assetTypeId"),
        truth(&fixture, "asset_types", "assetTypeId")
    );
    let settings = json(&fixture, &format!("{ASSETS}/Settings"));
    assert_eq!(settings["assetNumberPrefix"], "FA-");
    assert_eq!(settings["optInForTax"], false);
}
