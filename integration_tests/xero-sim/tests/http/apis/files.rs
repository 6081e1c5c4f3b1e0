//! Files, folders and associations.

use serde_json::Value;

use super::{call, field, fixture, json, truth, undocumented};

const FILES: &str = "/files.xro/1.0";

#[test]
fn files_are_counted_and_divided_into_pages() {
    let fixture = fixture(|world, demo| world.fill_api(demo, "files", 230));
    let mut found = Vec::new();
    for (page, count) in [(1, 100), (2, 100), (3, 30), (4, 0)] {
        let body = json(&fixture, &format!("{FILES}/Files?pagesize=100&page={page}"));
        let counts = [&body["TotalCount"], &body["Page"], &body["PerPage"]];
        assert_eq!(
            counts.map(Value::as_u64),
            [Some(230), Some(page), Some(100)]
        );
        let ids = field(&body["Items"], "Id");
        assert_eq!(ids.len(), count, "page {page}");
        found.extend(ids);
    }
    assert_eq!(found, truth(&fixture, "files", "Id"));
    let usual = json(&fixture, &format!("{FILES}/Files"));
    assert_eq!(usual["PerPage"], 50);
    assert_eq!(undocumented(&fixture), Vec::<String>::new());

    let reduced = json(&fixture, &format!("{FILES}/Files?pagesize=500&pageSize=1"));
    assert_eq!(reduced["PerPage"], 100);
    let found = ["pagesize=500 is too large", "pageSize is no parameter"];
    assert_eq!(undocumented(&fixture), found);
}

#[test]
fn files_are_sorted() {
    let fixture = fixture(|_, _| {});
    let list = |query: &str| json(&fixture, &format!("{FILES}/Files?{query}"))["Items"].clone();
    let mut created = field(&list(""), "CreatedDateUtc");
    created.reverse();
    let newest = list("sort=CreatedDateUTC&direction=DESC");
    assert_eq!(field(&newest, "CreatedDateUtc"), created);
    let sizes = field(&list("sort=Size&direction=ASC"), "Size");
    let sizes: Vec<u64> = sizes.iter().filter_map(Value::as_u64).collect();
    assert_eq!(sizes.len(), 24);
    assert!(sizes.is_sorted());
}

#[test]
fn an_edit_between_two_pages_moves_the_stamp() {
    let fixture = fixture(|world, demo| world.fill_api(demo, "files", 120));
    let first = json(&fixture, &format!("{FILES}/Files?pagesize=100&page=1"));
    let stamp = first["Items"][2]["UpdatedDateUtc"]
        .as_str()
        .expect("a stamp");
    assert_eq!(stamp.len(), "2020-12-03T19:04:58.6970000".len());
    fixture.sim.world(|world| {
        world.touch_api_row(&fixture.demo, "files", 3);
        world.edit_api_row(&fixture.demo, "files", 120, |file| {
            file["Name"] = "x".into()
        });
        world.remove_api_row(&fixture.demo, "files", 1);
    });
    let second = json(&fixture, &format!("{FILES}/Files?pagesize=100&page=2"));
    assert_eq!(second["TotalCount"], 119);
    // One row has moved to the first page and is missed.
    let names = field(&second["Items"], "Name");
    assert_eq!((names.len(), &names[18]), (19, &"x".into()));
    let again = json(&fixture, &format!("{FILES}/Files?pagesize=100&page=1"));
    let edited = &again["Items"][1];
    assert_eq!(edited["Id"], first["Items"][2]["Id"]);
    assert!(edited["UpdatedDateUtc"].as_str() > Some(stamp));
    assert!(
        edited["Name"]
            .as_str()
            .is_some_and(|name| name.ends_with(" v2"))
    );
}

#[test]
fn folders_count_their_files() {
    let fixture = fixture(|_, _| {});
    let folders = json(&fixture, &format!("{FILES}/Folders"));
    let counts = field(&folders, "FileCount");
    let all: u64 = counts.iter().filter_map(Value::as_u64).sum();
    assert_eq!((counts.len(), all), (4, 24));
    let inbox = json(&fixture, &format!("{FILES}/Inbox"));
    assert_eq!(inbox, folders[0]);
    assert_eq!(inbox["IsInbox"], true);
    assert!(inbox["Email"].is_string() && folders[1].get("Email").is_none());
    let id = folders[1]["Id"].as_str().expect("an id");
    assert_eq!(json(&fixture, &format!("{FILES}/Folders/{id}")), folders[1]);
}

#[test]
fn a_file_has_associations_and_bytes() {
    let fixture = fixture(|_, _| {});
    let files = json(&fixture, &format!("{FILES}/Files"))["Items"].clone();
    let mut all = 0;
    for id in field(&files, "Id") {
        let id = id.as_str().expect("an id").to_owned();
        let list = json(&fixture, &format!("{FILES}/Files/{id}/Associations"));
        assert!(field(&list, "FileId").iter().all(|it| it == &id));
        assert!(list[0].get("Name").is_none());
        all += field(&list, "ObjectId").len();
    }
    assert_eq!(all, 24);

    let file = &files[0];
    let id = file["Id"].as_str().expect("an id");
    assert_eq!(json(&fixture, &format!("{FILES}/Files/{id}")), *file);
    let content = call(&fixture, &format!("{FILES}/Files/{id}/Content"));
    assert_eq!(Some(content.body.len() as u64), file["Size"].as_u64());
    assert_eq!(content.header("content-type"), file["MimeType"].as_str());

    let list = json(&fixture, &format!("{FILES}/Files/{id}/Associations"));
    let object = list[0]["ObjectId"].as_str().expect("an id");
    let of_object = json(&fixture, &format!("{FILES}/Associations/{object}"));
    assert!(field(&of_object, "FileId").contains(&id.into()));
    let named = of_object.as_array().expect("a list").iter();
    assert!(named.clone().all(|it| it["Name"].is_string()));
    let none = "00000000-0000-4000-8000-000000000000";
    let path = format!("{FILES}/Associations/Count?ObjectIds={object},{none}");
    let counts = json(&fixture, &path);
    assert_eq!(
        counts[object].as_u64(),
        Some(field(&of_object, "FileId").len() as u64)
    );
    assert_eq!(counts[none], 0);

    let none = format!("{FILES}/Files/00000000-0000-4000-8000-000000000000/Associations");
    let answer = call(&fixture, &none);
    assert_eq!(
        (answer.status, &answer.json()["status"]),
        (404, &404.into())
    );
}
