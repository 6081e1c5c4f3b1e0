//! A file as Xero describes it: an attachment of a document, or a file in the Files inbox or a folder.

use serde_json::{Map, Value};

use crate::streams::FileFields;

/// A file in the list. All values come from outside and are not checked.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ListedFile {
    /// Its GUID.
    pub(crate) id: Option<String>,
    /// Its name in Xero.
    pub(crate) name: Option<String>,
    /// Its media type.
    pub(crate) media_type: Option<String>,
    /// Its length in bytes.
    pub(crate) length: Option<u64>,
}

impl ListedFile {
    /// Reads the members of a row, each with a comma before it. A field whose type is not the one
    /// that Xero documents is ignored.
    pub(crate) fn of(members: &[u8], names: FileFields) -> ListedFile {
        let mut object = members.to_vec();
        match object.first_mut() {
            Some(comma) => *comma = b'{',
            None => return ListedFile::default(),
        }
        object.push(b'}');
        let fields: Map<String, Value> = serde_json::from_slice(&object).unwrap_or_default();
        let text = |name: &str| fields.get(name)?.as_str().map(str::to_owned);
        ListedFile {
            id: text(names.id),
            name: text(names.name),
            media_type: text(names.media_type),
            length: fields.get(names.length).and_then(Value::as_u64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::find;

    fn attachment() -> FileFields {
        let stream = find("attachments").expect("the stream exists");
        stream.files().expect("its rows describe files")
    }

    #[test]
    fn fields_of_the_documented_type_are_read_and_others_ignored() {
        let whole = br#","ParentID":"p","AttachmentID":"a","FileName":"x \"y\".pdf","MimeType":"application/pdf","ContentLength":17"#;
        let file = ListedFile::of(whole, attachment());
        assert_eq!(file.id.as_deref(), Some("a"));
        assert_eq!(file.name.as_deref(), Some("x \"y\".pdf"));
        assert_eq!(file.media_type.as_deref(), Some("application/pdf"));
        assert_eq!(file.length, Some(17));
        for odd in [&b""[..], br#","AttachmentID":7"#, br#","ContentLength":-1"#] {
            assert_eq!(ListedFile::of(odd, attachment()), ListedFile::default());
        }
        // A field of a wrong type does not affect the others.
        let file = ListedFile::of(br#","AttachmentID":"a","FileName":7"#, attachment());
        assert_eq!((file.id.as_deref(), file.name), (Some("a"), None));
    }
}
