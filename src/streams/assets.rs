//! The streams of the Assets API. Source: `xero_assets.yaml` of Xero's OpenAPI.

use super::{Endpoint, Paging, QuerySupport, RequiredFilter, Source, Stream, TENANT};
use crate::xero::api::ASSETS;

const SCOPE: &[&str] = &["assets.read"];

/// Assets go from draft to registered to disposed.
const STATUSES: RequiredFilter = RequiredFilter {
    name: "status",
    values: &["DRAFT", "REGISTERED", "DISPOSED"],
};

/// Keeps new assets, which get the next number, behind those already read.
const BY_NUMBER: [(&str, &str); 2] = [("orderBy", "AssetNumber"), ("sortDirection", "asc")];

#[rustfmt::skip]
lists! {
    asset_settings ASSETS "/Settings"   None,          [TENANT],        None, Whole,                QuerySupport::NONE, [],        None,           SCOPE, None, "no deletion";
    asset_types    ASSETS "/AssetTypes" None,          ["assetTypeId"], None, Whole,                QuerySupport::NONE, [],        None,           SCOPE, None, "absent from the next read";
    assets         ASSETS "/Assets"     Some("items"), ["assetId"],     None, UnfilteredSizedPages, QuerySupport::NONE, BY_NUMBER, Some(STATUSES), SCOPE, None, "absent from the next read";
}
