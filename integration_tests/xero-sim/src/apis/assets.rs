//! The Assets API: fixed assets, their types and the settings.

use serde_json::{Value, json};

use super::draw::{ApiRow, Draw, Tables};
use super::endpoint::{
    Api, ApiEndpoint, Counts, Envelope, Frame, Paging, Parameter, Problems, Size, Sort, endpoint,
};
use super::forms::{Form, Stamp};
use crate::clock::DAY;
use crate::entity::Entity;
use crate::rows::Country;

const API: Api = Api {
    base: "/assets.xro/1.0",
    frame: Frame::Plain,
    problems: Problems::Fields,
};

const BASE: ApiEndpoint = endpoint(&API, &["assets"]);

const STATUSES: &[&str] = &["DRAFT", "REGISTERED", "DISPOSED"];

/// The names that `orderBy` takes. Assets have no name of their type, so its id decides.
const ORDERS: &[(&str, &str)] = &[
    ("AssetType", "assetTypeId"),
    ("AssetName", "assetName"),
    ("AssetNumber", "assetNumber"),
    ("PurchaseDate", "purchaseDate"),
    ("PurchasePrice", "purchasePrice"),
    ("DisposalDate", "disposalDate"),
    ("DisposalPrice", "disposalPrice"),
];

const ORDER_NAMES: &[&str] = &[
    "AssetType",
    "AssetName",
    "AssetNumber",
    "PurchaseDate",
    "PurchasePrice",
    "DisposalDate",
    "DisposalPrice",
];

/// Its endpoints.
pub(crate) const ENDPOINTS: &[ApiEndpoint] = &[
    ApiEndpoint {
        name: "assets",
        path: "/Assets",
        envelope: Envelope::List("items"),
        single: Some(("/Assets/{id}", Envelope::BareObject)),
        id: "assetId",
        paging: Paging::Pages {
            size: Some("pageSize"),
            usual: 10,
            most: usize::MAX,
            refuses: false,
            counts: Counts::Pagination,
        },
        parameters: &[
            Parameter::filter("status", Form::OneOf(STATUSES), has_status).required(),
            Parameter::plain("page", Form::Number),
            Parameter::plain("pageSize", Form::Number),
            Parameter::plain("orderBy", Form::OneOf(ORDER_NAMES)),
            Parameter::plain("sortDirection", Form::OneOf(&["ASC", "DESC"])),
            Parameter::filter("filterBy", Form::Text, contains),
        ],
        sort: Sort::By {
            field: "orderBy",
            direction: "sortDirection",
            fields: ORDERS,
        },
        // The description has these fields, and only the single asset shows them.
        detail_only: &["serialNumber", "warrantyExpiryDate"],
        size: Size::Grows,
        draw: asset,
        ..BASE
    },
    ApiEndpoint {
        name: "asset_types",
        path: "/AssetTypes",
        id: "assetTypeId",
        size: Size::Rows(5),
        draw: asset_type,
        ..BASE
    },
    ApiEndpoint {
        name: "asset_settings",
        path: "/Settings",
        envelope: Envelope::BareObject,
        draw: settings,
        ..BASE
    },
];

fn has_status(row: &ApiRow, status: &str, _: &dyn Tables) -> bool {
    let own = row.value["assetStatus"].as_str();
    own.is_some_and(|own| own.eq_ignore_ascii_case(status))
}

fn contains(row: &ApiRow, text: &str, tables: &dyn Tables) -> bool {
    let type_id = &row.value["assetTypeId"];
    let mut types = tables.api_rows("asset_types").iter();
    let its_type = types.find(|it| &it.value["assetTypeId"] == type_id);
    let own = ["assetName", "assetNumber"].map(|field| &row.value[field]);
    let texts = own
        .into_iter()
        .chain(its_type.map(|it| &it.value["assetTypeName"]));
    let mut texts = texts.filter_map(Value::as_str);
    texts.any(|it| it.to_lowercase().contains(&text.to_lowercase()))
}

/// Every sixth asset is disposed of, and every fifth of the others is a draft.
fn asset(draw: &mut Draw<'_>) -> Value {
    let status = match draw.number {
        number if number % 6 == 0 => "Disposed",
        number if number % 5 == 0 => "Draft",
        _ => "Registered",
    };
    let is_draft = status == "Draft";
    let price = draw.fine_amount(20_000);
    let name = draw.thing();
    let depreciated = if is_draft { 0.0 } else { round(price * 0.37) };
    let bought = draw.before(90);
    let mut asset = json!({
        "assetId": draw.id,
        "assetName": draw.versioned(name),
        "assetNumber": format!("FA-{:04}", draw.number),
        "purchasePrice": price,
        "disposalPrice": 0.0,
        "assetStatus": status,
        "trackingItems": [],
        "bookDepreciationSetting": setting(draw, "Asset"),
        "bookDepreciationDetail": detail(draw, depreciated),
        "taxDepreciationSettings": [],
        "taxDepreciationDetails": [],
        "canRollback": !draw.number.is_multiple_of(3),
        "accountingBookValue": round(price - depreciated),
        "taxValues": [],
        "isDeleteEnabledForDate": is_draft,
    });
    if let Some(kind) = draw.any("asset_types")
        && !is_draft
    {
        asset["assetTypeId"] = kind.value["assetTypeId"].clone();
    }
    if !is_draft || !draw.one_in(2) {
        asset["purchaseDate"] = Stamp::Midnight.of(bought).into();
    }
    if draw.number % 2 == 1 {
        asset["serialNumber"] = format!("SN\"{:x}\"", draw.rng.u32(..)).into();
        asset["warrantyExpiryDate"] = Stamp::Day.of(bought + 730 * DAY).into();
    }
    if status == "Disposed" {
        let sold = round(price * 0.25);
        asset["disposalDate"] = Stamp::Midnight.of(draw.updated).into();
        asset["disposalPrice"] = sold.into();
        asset["accountingBookValue"] = 0.0.into();
        asset["bookDepreciationDetail"]["currentGainLoss"] =
            round(sold - (price - depreciated)).into();
    }
    asset
}

/// An amount with six decimals at most.
fn round(amount: f64) -> f64 {
    (amount * 1_000_000.0).round() / 1_000_000.0
}

fn setting(draw: &mut Draw<'_>, of: &str) -> Value {
    let method = draw.one_of(&[
        "NoDepreciation",
        "StraightLine",
        "DiminishingValue100",
        "FullDepreciation",
    ]);
    let by_life = draw.one_in(3);
    let mut setting = json!({
        "depreciableObjectId": draw.id,
        "depreciableObjectType": of,
        "bookEffectiveDateOfChangeId": draw.guid(),
        "depreciationMethod": method,
        "averagingMethod": draw.one_of(&["FullMonth", "ActualDays"]),
        "depreciationCalculationMethod": if by_life { "Life" } else { "Rate" },
    });
    match by_life {
        true => setting["effectiveLifeYears"] = draw.rng.u32(1..40).into(),
        false => setting["depreciationRate"] = draw.fine_amount(40).into(),
    }
    setting
}

fn detail(draw: &mut Draw<'_>, depreciated: f64) -> Value {
    let mut detail = json!({
        "depreciationStartDate": Stamp::Midnight.of(draw.created),
        "priorAccumDepreciationAmount": 0.0,
        "currentAccumDepreciationAmount": depreciated,
        "currentCapitalGain": 0.0,
        "currentGainLoss": 0.0,
    });
    if draw.one_in(4) {
        detail["residualValue"] = draw.amount(100).into();
        detail["costLimit"] = Value::Null;
    }
    if draw.country() == Some(Country::NewZealand) {
        detail["businessUseCapitalGain"] = 0.0.into();
        detail["initialDeductionPercentage"] = 20.into();
    }
    detail
}

fn asset_type(draw: &mut Draw<'_>) -> Value {
    let name = draw.one_of(&[
        "Computer Equipment",
        "Machinery \"A\"",
        "Motor Vehicles",
        "家具",
    ]);
    json!({
        "assetTypeId": draw.id,
        "assetTypeName": draw.versioned(&format!("{name} {}", draw.number)),
        "fixedAssetAccountId": draw.accounting_id(Entity::Accounts),
        "depreciationExpenseAccountId": draw.accounting_id(Entity::Accounts),
        "accumulatedDepreciationAccountId": draw.accounting_id(Entity::Accounts),
        "bookDepreciationSetting": setting(draw, "AssetType"),
        "taxDepreciationSettings": [],
        "locks": draw.number % 3,
        "lockPrivateUseAccount": false,
    })
}

fn settings(draw: &mut Draw<'_>) -> Value {
    json!({
        "assetNumberPrefix": "FA-",
        "assetNumberSequence": format!("{:04}", draw.tables.api_rows("assets").len() + 1),
        "assetStartDate": Stamp::Midnight.of(draw.created),
        "lastDepreciationDate": Stamp::Midnight.of(draw.updated),
        "defaultGainOnDisposalAccountId": draw.accounting_id(Entity::Accounts),
        "defaultLossOnDisposalAccountId": draw.accounting_id(Entity::Accounts),
        "defaultCapitalGainOnDisposalAccountId": draw.accounting_id(Entity::Accounts),
        "optInForTax": false,
    })
}
