//! Ids of rows. Xero may write one GUID in several ways: in upper case, in braces, without hyphens.

use uuid::Uuid;

/// The one spelling of an id by which it is compared. An id that is no GUID is compared without
/// regard to case.
pub(crate) fn canonical(id: &str) -> String {
    match Uuid::try_parse(id) {
        Ok(guid) => guid.to_string(),
        Err(_) => id.to_lowercase(),
    }
}

/// Whether two spellings mean the same row.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one == other || canonical(one) == canonical(other)
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
}
