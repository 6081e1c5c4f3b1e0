//! GUIDs as Xero writes them: lower-case, hyphenated.

use std::fmt;

/// A GUID. Rows hold theirs as a plain `u128`; this gives it its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Guid(pub(crate) u128);

impl Guid {
    /// A random GUID with the marks of version 4.
    pub(crate) fn random(rng: &mut fastrand::Rng) -> Self {
        let bits = rng.u128(..) & !(0xf << 76) & !(0x3 << 62);
        Self(bits | 0x4 << 76 | 0x2 << 62)
    }

    /// Reads a GUID in its usual form, in either case.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let groups: Vec<&str> = text.split('-').collect();
        let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
        if lengths != [8, 4, 4, 4, 12] || !groups.concat().bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        u128::from_str_radix(&groups.concat(), 16).ok().map(Self)
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.0;
        let (a, b, c) = (id >> 96, id >> 80 & 0xffff, id >> 64 & 0xffff);
        let (d, e) = (id >> 48 & 0xffff, id & 0xffff_ffff_ffff);
        write!(f, "{a:08x}-{b:04x}-{c:04x}-{d:04x}-{e:012x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_number_are_the_same_guid() {
        let guid = Guid::random(&mut fastrand::Rng::with_seed(1));
        let text = guid.to_string();
        assert_eq!(text.len(), 36);
        assert_eq!(text.as_bytes()[14], b'4', "version nibble of {text}");
        assert_eq!(Guid::parse(&text), Some(guid));
        assert_eq!(Guid::parse(&text.to_uppercase()), Some(guid));
    }

    #[test]
    fn invalid_guids_are_rejected() {
        for text in [
            "",
            "History",
            "0000",
            "+0000000-0000-4000-8000-000000000000",
        ] {
            assert_eq!(Guid::parse(text), None, "{text:?}");
        }
    }
}
