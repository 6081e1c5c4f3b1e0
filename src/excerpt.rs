//! Shortens text from outside for messages.

/// Maximum length of text from outside in a message, in characters.
pub(crate) const LONGEST: usize = 300;

/// Returns the start of a text on one line.
pub(crate) fn excerpt(text: &str) -> String {
    let mut characters = text.chars();
    let start: String = characters.by_ref().take(LONGEST).collect();
    let mut shown = one_line(&start);
    if characters.next().is_some() {
        shown.push_str("...");
    }
    shown
}

/// Returns a text with escapes for the characters that control a terminal, end a line or change the
/// direction of the text. A server could otherwise forge a line of a log, or hide a part of one.
pub(crate) fn one_line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match controls_output(character) {
            true if character.is_ascii() => shown.extend(character.escape_default()),
            true => shown.extend(character.escape_unicode()),
            false => shown.push(character),
        }
    }
    shown
}

/// Whether a character is a control, a line separator, or a mark of the text's direction.
pub(crate) fn controls_output(character: char) -> bool {
    matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    ) || character.is_control()
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
        assert_eq!(
            excerpt("\u{1b}[2J\u{9b}\u{85}\u{2028}\u{202e}\u{2066}\u{61c}a\u{300}\u{feff}"),
            "\\u{1b}[2J\\u{9b}\\u{85}\\u{2028}\\u{202e}\\u{2066}\\u{61c}a\u{300}\u{feff}"
        );
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
