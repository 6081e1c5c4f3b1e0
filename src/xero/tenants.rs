//! Defines an organisation and its identifier.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use crate::excerpt::excerpt;
use crate::failure::Failure;

/// The identifier of an organisation: the value of the `xero-tenant-id` header, in lower case.
///
/// Xero, configs and states may spell one identifier in different cases. The constructor
/// normalises the case, so equal organisations have equal identifiers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TenantId(String);

impl TenantId {
    /// Normalises an identifier in any letter case.
    pub(crate) fn new(id: &str) -> TenantId {
        TenantId(id.to_lowercase())
    }
}

impl Deref for TenantId {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Allows maps with `TenantId` as key to be searched by text in lower case.
impl Borrow<str> for TenantId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Shows nothing, because some platforms treat the identifier as a secret.
impl fmt::Debug for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[tenant id]")
    }
}

/// An organisation.
#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    pub(crate) id: TenantId,
    /// The organisation's name, shortened for messages. `None` if the list of connections was not
    /// read.
    pub(crate) name: Option<String>,
    /// Why this organisation cannot be read although others can.
    pub(crate) blocked: Option<Failure>,
}

impl Tenant {
    /// Creates an organisation that is not blocked.
    pub(crate) fn new(id: TenantId, name: Option<String>) -> Tenant {
        Tenant {
            id,
            name: name.as_deref().map(excerpt),
            blocked: None,
        }
    }

    /// Names the organisation in a sentence. Never shows its id, because some platforms treat the
    /// id as a secret.
    pub(crate) fn label(&self) -> &str {
        self.name.as_deref().unwrap_or("the organisation")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_ignores_letter_case_and_is_not_shown() {
        let id = TenantId::new("70784A63-D24B-46A9-A4DB-0E70A274B056");
        assert_eq!(id, TenantId::new("70784a63-d24b-46a9-a4db-0e70a274b056"));
        assert_eq!(&*id, "70784a63-d24b-46a9-a4db-0e70a274b056");
        assert_eq!(format!("{id:?}"), "[tenant id]");
    }
}
