//! The Files API.

use super::endpoint::ApiEndpoint;

/// Its endpoints.
pub(crate) const ENDPOINTS: &[ApiEndpoint] = &[];
