//! Writes texts into HTML pages.

/// Returns a text as HTML. Names and messages come from outside.
pub(crate) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            // HTML and XML allow no other control characters.
            '\n' | '\t' => html.push(character),
            _ if character.is_control() => html.push('\u{fffd}'),
            _ => html.push(character),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_a_tag_an_attribute_or_an_entity() {
        for (text, html) in [
            ("<script>", "&lt;script&gt;"),
            (r#"" onclick='x'"#, "&quot; onclick=&#39;x&#39;"),
            ("R&D", "R&amp;D"),
            ("a\u{0}b\u{1b}[31m", "a\u{fffd}b\u{fffd}[31m"),
            ("Müller & Søn", "Müller &amp; Søn"),
        ] {
            assert_eq!(escaped(text), html);
        }
    }
}
