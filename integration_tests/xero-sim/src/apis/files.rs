//! The Files API: files, folders and what files belong to.

use serde_json::{Value, json};

use super::draw::{Draw, Tables};
use super::endpoint::{
    Api, ApiEndpoint, Counts, Envelope, Frame, Paging, Parameter, Parent, Problems, Size, Sort,
    endpoint,
};
use super::forms::{Form, Stamp};
use super::people::Person;
use crate::entity::Entity;

const API: Api = Api {
    base: "/files.xro/1.0",
    frame: Frame::Plain,
    problems: Problems::Details,
};

const BASE: ApiEndpoint = endpoint(&API, &["files"]);

/// The description has no default; Xero's documentation says 50.
const PAGE_SIZE: usize = 50;

const DIRECTION: Parameter = Parameter::plain("direction", Form::OneOf(&["ASC", "DESC"]));
const PAGE: Parameter = Parameter::plain("page", Form::Number);
const PAGE_SIZE_PARAMETER: Parameter = Parameter::plain("pagesize", Form::Number);
const SORT: Parameter = Parameter::plain("sort", Form::OneOf(&["Name", "Size", "CreatedDateUTC"]));

const PAGES: Paging = Paging::Pages {
    size: Some("pagesize"),
    usual: PAGE_SIZE,
    most: 100,
    refuses: false,
    counts: Counts::Total,
};

const PARENT: Option<Parent> = Some(Parent {
    table: "files",
    parameter: None,
});

/// Its endpoints.
pub(crate) const ENDPOINTS: &[ApiEndpoint] = &[
    ApiEndpoint {
        name: "files",
        path: "/Files",
        envelope: Envelope::List("Items"),
        single: Some(("/Files/{id}", Envelope::BareObject)),
        id: "Id",
        paging: PAGES,
        parameters: &[PAGE, PAGE_SIZE_PARAMETER, SORT, DIRECTION],
        sort: Sort::By {
            field: "sort",
            direction: "direction",
            fields: &[
                ("Name", "Name"),
                ("Size", "Size"),
                ("CreatedDateUTC", "CreatedDateUtc"),
            ],
        },
        stamp: Some(("UpdatedDateUtc", Stamp::TicksWithoutZone)),
        size: Size::Grows,
        draw: file,
        ..BASE
    },
    ApiEndpoint {
        name: "file_content",
        view_of: Some("files"),
        single: Some(("/Files/{id}/Content", Envelope::Bytes)),
        id: "Id",
        ..BASE
    },
    ApiEndpoint {
        name: "file_folders",
        path: "/Folders",
        single: Some(("/Folders/{id}", Envelope::BareObject)),
        id: "Id",
        parameters: &[SORT],
        sort: Sort::By {
            field: "sort",
            direction: "direction",
            fields: &[("Name", "Name"), ("Size", "FileCount")],
        },
        size: Size::Rows(4),
        draw: folder,
        complete: add_file_count,
        ..BASE
    },
    ApiEndpoint {
        name: "file_inbox",
        view_of: Some("file_folders"),
        path: "/Inbox",
        envelope: Envelope::BareObject,
        id: "Id",
        complete: add_file_count,
        ..BASE
    },
    ApiEndpoint {
        name: "file_associations",
        path: "/Files/{parent}/Associations",
        id: "ObjectId",
        parent: PARENT,
        // Only the list of an object shows them.
        detail_only: &["SendWithObject", "AssociationDateUtc"],
        size: Size::Grows,
        draw: association,
        ..BASE
    },
    ApiEndpoint {
        name: "object_associations",
        view_of: Some("file_associations"),
        path: "/Associations/{ObjectId}",
        id: "ObjectId",
        paging: Paging::Pages {
            size: Some("pagesize"),
            usual: PAGE_SIZE,
            most: 100,
            refuses: false,
            counts: Counts::Nothing,
        },
        parameters: &[
            PAGE,
            PAGE_SIZE_PARAMETER,
            Parameter::plain(
                "sort",
                Form::OneOf(&["Name", "Size", "CreatedDateUtc", "AssociationDateUtc"]),
            ),
            DIRECTION,
        ],
        sort: Sort::By {
            field: "sort",
            direction: "direction",
            fields: &[
                ("Name", "Name"),
                ("Size", "Size"),
                ("CreatedDateUtc", "CreatedDateUtc"),
                ("AssociationDateUtc", "AssociationDateUtc"),
            ],
        },
        complete: add_file,
        ..BASE
    },
    ApiEndpoint {
        name: "association_counts",
        view_of: Some("file_associations"),
        path: "/Associations/Count",
        envelope: Envelope::CountOf("ObjectIds"),
        id: "ObjectId",
        parameters: &[Parameter::plain("ObjectIds", Form::Ids).required()],
        ..BASE
    },
];

/// Names and media types.
const KINDS: &[[&str; 2]] = &[
    ["invoice \"draft\".pdf", "application/pdf"],
    ["Quittung für Müller.pdf", "application/pdf"],
    ["helo-heros.jpg", "image/jpeg"],
    ["領収書.png", "image/png"],
    [
        "budget & plan.xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ],
    ["notes", "text/plain"],
];

/// Every third file is in the inbox, which is the first folder.
fn file(draw: &mut Draw<'_>) -> Value {
    let [name, media_type] = KINDS[draw.rng.usize(..KINDS.len())];
    let person = Person::numbered(draw, draw.number % 5);
    let folders = draw.tables.api_rows("file_folders");
    let folder = match draw.number as usize % 3 {
        0 => folders.first(),
        _ => folders.get(draw.rng.usize(..folders.len().max(1))),
    };
    let mut file = json!({
        "Name": draw.versioned(name),
        "MimeType": media_type,
        "Size": draw.rng.u32(1..400_000),
        "CreatedDateUtc": Stamp::TicksWithoutZone.of(draw.created),
        "User": {
            "Id": person.id,
            "Name": person.email,
            "FirstName": person.first_name,
            "LastName": person.last_name,
            "FullName": person.full_name(),
        },
        "FolderId": folder.map(|folder| folder.value["Id"].clone()),
        "Id": draw.id,
    });
    if draw.number.is_multiple_of(7) {
        // A file that came by mail.
        file["User"] = json!({ "Id": person.id, "Name": person.email });
    }
    file
}

fn folder(draw: &mut Draw<'_>) -> Value {
    let is_inbox = draw.number == 1;
    let name = match is_inbox {
        true => "Inbox",
        false => draw.one_of(&["Contracts", "Verträge \"2026\"", "書類"]),
    };
    let name = match is_inbox {
        true => name.to_owned(),
        false => draw.versioned(&format!("{name} {}", draw.number)),
    };
    let mut folder = json!({ "Name": name, "IsInbox": is_inbox, "Id": draw.id });
    if is_inbox {
        let address = format!("xero.inbox.{:08x}@xerofiles.com", draw.rng.u32(..));
        folder["Email"] = address.into();
    }
    folder
}

fn add_file_count(folder: &mut Value, tables: &dyn Tables) {
    let files = tables.api_rows("files").iter();
    let count = files
        .filter(|file| file.value["FolderId"] == folder["Id"])
        .count();
    folder["FileCount"] = count.into();
}

fn association(draw: &mut Draw<'_>) -> Value {
    let (entity, group, kind) = match draw.number % 5 {
        0 => (Entity::Contacts, "Contact", "Business"),
        1 => (Entity::Invoices, "Invoice", "AccRec"),
        2 => (Entity::BankTransactions, "BankTransaction", "CashPaid"),
        3 => (Entity::Invoices, "Invoice", "Accpay"),
        _ => (Entity::Quotes, "Quote", "SalesQuote"),
    };
    // A file belongs to an object once, so the ids of one file differ.
    let object = match draw.place {
        0 => draw.accounting_id(entity),
        _ => draw.guid(),
    };
    json!({
        "FileId": draw.parent_id("Id"),
        "ObjectId": object,
        "ObjectType": kind,
        "ObjectGroup": group,
        "SendWithObject": draw.one_in(2),
        "AssociationDateUtc": Stamp::TicksWithoutZone.of(draw.created),
    })
}

fn add_file(association: &mut Value, tables: &dyn Tables) {
    let mut files = tables.api_rows("files").iter();
    let file = files.find(|file| file.value["Id"] == association["FileId"]);
    for field in ["Name", "Size", "CreatedDateUtc"] {
        association[field] = file.map_or(Value::Null, |file| file.value[field].clone());
    }
}
