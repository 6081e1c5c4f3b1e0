//! What proves that a stream was read to its end.
//!
//! A stream ends COMPLETE only with a [`Proof`] from each organisation. An engine that runs out
//! of requests without one has failed, however many rows it brought.

/// Why no row can be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// The endpoint answers with its whole list at once.
    OneAnswer,
    /// As many rows or pages came as Xero counts.
    Count,
    /// Xero answered with an empty page.
    EmptyPage,
    /// Another look at the list brought no row that is new.
    NothingNew,
    /// Each item that the sync had to ask for was answered, or a state remembers it for a later sync.
    EveryItem,
}
