//! The macros that build the tables of the APIs besides Accounting, one line for each stream.

/// Builds `LISTS`, and `DELETIONS` for `docs/streams.md`. The columns are those of [`Endpoint`], after
/// the API and before the semicolon: name, path, envelope, key, cursor, paging, support of `order` and
/// `where`, fixed parameters, required filter, scopes, further requirements, and how a deletion shows.
///
/// [`Endpoint`]: super::Endpoint
macro_rules! lists {
    ($($name:ident $api:ident $path:literal $envelope:expr, [$($key:expr),+], $cursor:expr, $paging:ident, $query_support:expr, $params:expr, $filter:expr, $scopes:ident, $also_requires:expr, $deletion:literal;)*) => {
        $(#[expect(non_upper_case_globals, reason = "each constant has the name of its stream and its schema file")]
        const $name: Stream = Stream {
            name: stringify!($name),
            key: &[$($key),+],
            cursor: $cursor,
            source: Source::Endpoint(Endpoint {
                api: &$api,
                path: $path,
                envelope: $envelope,
                paging: Paging::$paging,
                query_support: $query_support,
                params: &$params,
                required_filter: $filter,
                scopes: $scopes,
                also_requires: $also_requires,
                quirks: &[],
            }),
            schema: include_str!(concat!("schemas/", stringify!($name), ".json")),
        };)*
        /// The list streams, sorted by name.
        pub(super) const LISTS: &[Stream] = &[$($name),*];
        /// How a deletion shows in each stream, for `docs/streams.md`.
        #[cfg(test)]
        pub(super) const DELETIONS: &[(&str, &str)] = &[$((stringify!($name), $deletion)),*];
    };
}

/// Builds `CHILDREN`: name, parent, arrays, in braces the fields with objects if there are no arrays, key,
/// fields of the parent, fields of the element of the first array. The parent is a list or needs one call
/// for each row of a list.
macro_rules! children {
    ($($name:ident of $parent:ident [$($array:literal),*] $({$($object:literal),+})? [$($key:expr),+], $inherited:expr $(, from [$($from_line:literal),+])?;)*) => {
        /// The child streams, sorted by name.
        pub(super) const CHILDREN: &[Stream] = &[$(Stream {
            name: stringify!($name),
            key: &[$($key),+],
            cursor: $parent.cursor,
            source: Source::Child(ChildSpec {
                parent: &$parent,
                arrays: &[$($array),*],
                objects: &[$($($object),+)?],
                inherited: &$inherited,
                inherited_from_line: &[$($($from_line),+)?],
            }),
            schema: include_str!(concat!("schemas/", stringify!($name), ".json")),
        }),*];
    };
}

/// An expression that may be missing.
macro_rules! optional {
    () => {
        None
    };
    ($value:expr) => {
        Some($value)
    };
}

/// Builds `DOCUMENTS`: name, parent, API, path, envelope, address, the field for the parent's id, other
/// fields of the key, paging, listed items, scopes, further requirements, and the files that the rows
/// describe, if they do.
macro_rules! documents {
    ($($name:ident of $parent:ident $api:ident $path:literal $envelope:expr, $address:expr, $parent_id:literal [$($key:expr),*], $paging:ident, $items:expr, $scopes:ident, $also_requires:expr $(, $files:expr)?;)*) => {
        $(#[expect(non_upper_case_globals, reason = "each constant has the name of its stream and its schema file")]
        const $name: Stream = Stream {
            name: stringify!($name),
            key: &[$parent_id, $($key),*],
            cursor: Some(PARENT_STAMP),
            source: Source::Document(DocumentChild {
                endpoint: Endpoint {
                    api: &$api,
                    path: $path,
                    envelope: $envelope,
                    paging: Paging::$paging,
                    query_support: QuerySupport::NONE,
                    params: &[],
                    required_filter: None,
                    scopes: $scopes,
                    also_requires: $also_requires,
                    quirks: &[],
                },
                address: $address,
                names_document: NamesDocument::Id($parent_id),
                items: $items,
                parents: &[&$parent],
                filter: DocumentFilter::All,
                files: optional!($($files)?),
                is_rare: false,
                exists_in: ExistsIn::Every,
            }),
            schema: include_str!(concat!("schemas/", stringify!($name), ".json")),
        };)*
        /// The streams that need one call for each row of a list, sorted by name.
        pub(super) const DOCUMENTS: &[Stream] = &[$($name),*];
    };
}
