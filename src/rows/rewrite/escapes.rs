//! Replaces lone UTF-16 surrogates in escapes. The grammar of JSON permits them, but they are not
//! characters, and strict parsers reject the line.

/// The escape of U+FFFD, which replaces a lone surrogate.
const REPLACEMENT: &[u8] = b"\\ufffd";

/// Appends `text`, a part of a JSON string, and replaces each lone surrogate.
pub(crate) fn paired(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let length = match (surrogate(rest), rest.get(6..).and_then(surrogate)) {
            (Some(Half::High), Some(Half::Low)) => 12,
            (Some(_), _) => {
                out.extend_from_slice(REPLACEMENT);
                rest = &rest[6..];
                continue;
            }
            (None, _) => 2,
        };
        out.extend_from_slice(&rest[..length]);
        rest = &rest[length..];
    }
    out.extend_from_slice(rest);
}

enum Half {
    High,
    Low,
}

/// Returns which half of a surrogate pair the escape at the start of `bytes` is, if any.
fn surrogate(bytes: &[u8]) -> Option<Half> {
    let digits = bytes.get(..6)?.strip_prefix(b"\\u")?;
    let code = u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    match code {
        0xd800..=0xdbff => Some(Half::High),
        0xdc00..=0xdfff => Some(Half::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_stay_and_lone_surrogates_are_replaced() {
        for (from, to) in [
            (r"plain", r"plain"),
            (r"\u0041\n\\u", r"\u0041\n\\u"),
            (r"\ud83d\ude00!", r"\ud83d\ude00!"),
            (r"\uD800", r"\ufffd"),
            (r"a\ude00b", r"a\ufffdb"),
            (r"\ud83d\ud83d\ude00", r"\ufffd\ud83d\ude00"),
            (r"\ud83d\n", r"\ufffd\n"),
            (r"\\ud800", r"\\ud800"),
        ] {
            let mut out = Vec::new();
            paired(from.as_bytes(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), to, "{from}");
        }
    }
}
