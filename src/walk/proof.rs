//! Defines the proofs that a stream was read to its end.
//!
//! A stream ends COMPLETE only with a [`Proof`] from each organisation. An engine that runs out of
//! requests without a proof has failed, even if it returned rows.

/// Why no row can be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// The endpoint returns its whole list in one response.
    OneAnswer,
    /// The number of rows or pages read equals Xero's count.
    Count,
    /// Xero returned an empty page.
    EmptyPage,
    /// A second request for the list returned no new row.
    NothingNew,
    /// Every item that the sync had to request was answered, or the state keeps it for a later
    /// sync.
    EveryItem,
}
