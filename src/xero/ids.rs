//! Compares ids of rows. Xero writes one GUID in several ways: in upper case, in braces, or without
//! hyphens.

use std::cmp::Ordering;

use uuid::Uuid;

/// Returns the normal spelling of an id: a GUID in lower case with hyphens, or any other id in
/// lower case.
pub(crate) fn canonical(id: &str) -> String {
    match Uuid::try_parse(id) {
        Ok(guid) => guid.to_string(),
        Err(_) => id.to_lowercase(),
    }
}

/// Whether two ids identify the same row.
pub(crate) fn same(one: &str, other: &str) -> bool {
    compare(one, other).is_eq()
}

/// Compares two ids, independent of their spelling.
pub(crate) fn compare(one: &str, other: &str) -> Ordering {
    match one == other {
        true => Ordering::Equal,
        false => canonical(one).cmp(&canonical(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_id_are_the_same() {
        let guid = "0a1b2c3d-0000-4000-8000-00000000000f";
        for (one, other, is_same) in [
            (guid, guid, true),
            (guid, "0A1B2C3D-0000-4000-8000-00000000000F", true),
            (guid, "{0A1B2C3D-0000-4000-8000-00000000000f}", true),
            (guid, "0a1b2c3d00004000800000000000000f", true),
            (guid, "0a1b2c3d-0000-4000-8000-00000000000e", false),
            ("NZD", "nzd", true),
            ("NZD", "USD", false),
            (guid, "", false),
        ] {
            assert_eq!(same(one, other), is_same, "{one} {other}");
        }
    }

    #[test]
    fn the_order_of_ids_does_not_depend_on_their_spelling() {
        let [one, other] = [
            "b0000000-0000-4000-8000-000000000000",
            "c0000000-0000-4000-8000-000000000000",
        ];
        assert!(compare(one, other).is_lt());
        assert!(compare(one, &other.to_uppercase()).is_lt());
        assert!(compare(&format!("{{{one}}}"), other).is_lt());
    }
}
