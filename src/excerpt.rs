//! Shortens text from outside for messages.

/// Maximum length of text from outside in a message, in characters.
pub(crate) const LONGEST: usize = 300;

/// Returns the start of a text, with control characters escaped.
pub(crate) fn excerpt(text: &str) -> String {
    let mut shown = String::new();
    for (at, character) in text.chars().enumerate() {
        if at == LONGEST {
            shown.push_str("...");
            break;
        }
        match character.is_control() {
            true => shown.extend(character.escape_default()),
            false => shown.push(character),
        }
    }
    shown
}

/// Joins the first `max` of the names with commas, and counts the others of `all` names.
pub(crate) fn listed(names: impl Iterator<Item = String>, max: usize, all: usize) -> String {
    let mut named: Vec<_> = names.take(max).collect();
    if let more @ 1.. = all - named.len() {
        named.push(format!("{more} more"));
    }
    named.join(", ")
}

/// Shortens a text so that it takes at most `bytes` in a JSON string.
pub(crate) fn fitted(mut text: String, bytes: usize) -> String {
    const MARK: &str = "...";
    let (mut used, mut end) = (0, 0);
    for (at, character) in text.char_indices() {
        used += in_json(character);
        if used + MARK.len() <= bytes {
            end = at + character.len_utf8();
        }
        if used > bytes {
            text.truncate(end);
            text.push_str(MARK);
            break;
        }
    }
    text
}

/// Returns the number of bytes of a character in a JSON string.
fn in_json(character: char) -> usize {
    match character {
        '"' | '\\' => 2,
        '\0'..='\u{1f}' => 6,
        other => other.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_short_and_has_no_control_characters() {
        assert_eq!(excerpt("Café \"A\"\n\u{7f}"), "Café \"A\"\\n\\u{7f}");
        let (whole, long) = ("ā".repeat(LONGEST), "ā".repeat(LONGEST + 1));
        assert_eq!(excerpt(&whole), whole);
        assert_eq!(excerpt(&long), format!("{whole}..."));
    }

    #[test]
    fn a_list_names_the_first_and_counts_the_others() {
        for (names, all, expected) in [
            (&["a", "b"][..], 2, "a, b"),
            (&["a", "b", "c"], 3, "a, b, 1 more"),
            (&["a"], 9, "a, 8 more"),
            (&[], 3, "3 more"),
        ] {
            let names = names.iter().map(|&name| name.to_owned());
            assert_eq!(listed(names, 2, all), expected);
        }
    }

    #[test]
    fn the_limit_counts_the_bytes_of_json_escapes() {
        for character in ['a', '"', '\\', '\n', '\u{1}', 'ā', '😀'] {
            for length in 0..40 {
                let text = character.to_string().repeat(length);
                let fitted = fitted(text.clone(), 20);
                let written = serde_json::to_string(&fitted).unwrap().len() - 2;
                assert!(written <= 20, "{fitted}");
                let whole = serde_json::to_string(&text).unwrap().len() - 2;
                // A line feed counts as six bytes although JSON writes two.
                assert!(
                    fitted == text || whole > 20 || character == '\n',
                    "{fitted}"
                );
            }
        }
    }
}
