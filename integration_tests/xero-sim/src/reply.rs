//! An answer of the simulated Xero, before a test changes it.

use bytes::Bytes;

/// A whole answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Besides Content-Length and Content-Encoding, which follow from the body.
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
    /// Rows in the body, where it is a list or a document.
    pub(crate) rows: Option<usize>,
    /// The length before compression of a body that is a gzip file already.
    pub(crate) unpacked: Option<usize>,
}

impl Reply {
    /// Xero's content type for JSON.
    pub(crate) fn json(status: u16, body: impl Into<Bytes>) -> Self {
        Self::new(status, "application/json; charset=utf-8", body)
    }

    /// An answer of any content type.
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: vec![("Content-Type", content_type.to_owned())],
            body: body.into(),
            rows: None,
            unpacked: None,
        }
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    /// The first header of a name, however it is spelled.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Adds a header unless the answer has it already.
    pub(crate) fn or_header(self, name: &'static str, value: impl ToString) -> Self {
        match self.get(name) {
            Some(_) => self,
            None => self.header(name, value),
        }
    }
}
