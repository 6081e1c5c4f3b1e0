//! What the list of a document's files tells of one of them.

use serde_json::{Map, Value};

/// A file as it is listed. Everything here is data from outside, the name above all.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ListedFile {
    /// Its GUID.
    pub(crate) id: Option<String>,
    /// What its owner called it.
    pub(crate) name: Option<String>,
    /// Its media type.
    pub(crate) media_type: Option<String>,
    /// Its length in bytes.
    pub(crate) length: Option<u64>,
}

impl ListedFile {
    /// Reads the members of a row, each of which stands behind a comma. A field of another
    /// type than Xero documents tells nothing of the file.
    pub(crate) fn of(members: &[u8]) -> ListedFile {
        let mut object = members.to_vec();
        match object.first_mut() {
            Some(comma) => *comma = b'{',
            None => return ListedFile::default(),
        }
        object.push(b'}');
        let fields: Map<String, Value> = serde_json::from_slice(&object).unwrap_or_default();
        let text = |name: &str| fields.get(name)?.as_str().map(str::to_owned);
        ListedFile {
            id: text("AttachmentID"),
            name: text("FileName"),
            media_type: text("MimeType"),
            length: fields.get("ContentLength").and_then(Value::as_u64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_read_and_what_is_not_is_left_out() {
        let whole = br#","ParentID":"p","AttachmentID":"a","FileName":"x \"y\".pdf","MimeType":"application/pdf","ContentLength":17"#;
        let file = ListedFile::of(whole);
        assert_eq!(file.id.as_deref(), Some("a"));
        assert_eq!(file.name.as_deref(), Some("x \"y\".pdf"));
        assert_eq!(file.media_type.as_deref(), Some("application/pdf"));
        assert_eq!(file.length, Some(17));
        for odd in [&b""[..], br#","AttachmentID":7"#, br#","ContentLength":-1"#] {
            assert_eq!(ListedFile::of(odd), ListedFile::default());
        }
        // One that makes no sense takes no other with it.
        let file = ListedFile::of(br#","AttachmentID":"a","FileName":7"#);
        assert_eq!((file.id.as_deref(), file.name), (Some("a"), None));
    }
}
