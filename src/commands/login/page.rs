//! The page on which the browser ends. It has no script, and every text in it is escaped.

use crate::html::escaped;
use std::fmt;

/// A page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    is_success: bool,
    title: &'static str,
    /// Sentences about what happened and what comes next.
    sentences: Vec<String>,
    /// The organisations that were connected.
    organisations: Vec<String>,
    /// What the user does next.
    next: &'static str,
}

impl Page {
    /// The login worked. Names the organisations of the consent.
    pub(super) fn connected(organisations: Vec<String>) -> Page {
        let sentences = match organisations.is_empty() {
            true => vec![],
            false => vec!["xero-source can now read:".to_owned()],
        };
        Page {
            is_success: true,
            title: "Connected to Xero",
            sentences,
            organisations,
            next: "Close this window and go on in the terminal.",
        }
    }

    /// The answer does not belong to the login, which still waits.
    pub(super) fn still_waiting(sentence: &str) -> Page {
        Page {
            next: "The terminal still waits for the right answer.",
            ..Page::failed("Still waiting", sentence)
        }
    }

    /// The login failed for a reason, and has to be repeated.
    pub(super) fn failed(title: &'static str, sentence: &str) -> Page {
        Page {
            is_success: false,
            title,
            sentences: vec![sentence.to_owned()],
            organisations: Vec::new(),
            next: "Close this window and go back to the terminal.",
        }
    }

    /// Nothing is here.
    pub(super) fn not_found() -> Page {
        Page::failed(
            "Nothing here",
            "Xero sends your browser to another address.",
        )
    }

    /// The login has ended already.
    pub(super) fn ended() -> Page {
        Page::failed("The login has ended", "No login waits for this page.")
    }

    pub(super) fn is_success(&self) -> bool {
        self.is_success
    }

    fn body(&self) -> String {
        let sentences = self.sentences.iter();
        let mut body: String = sentences
            .map(|sentence| format!("<p>{}</p>\n", escaped(sentence)))
            .collect();
        if !self.organisations.is_empty() {
            let names = self.organisations.iter();
            let names: String = names
                .map(|name| format!("<li>{}</li>\n", escaped(name)))
                .collect();
            body += &format!("<ul>\n{names}</ul>\n");
        }
        body + &format!("<p class=\"next\">{}</p>\n", self.next)
    }
}

/// Writes HTML.
impl fmt::Display for Page {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (class, mark) = match self.is_success {
            true => ("success", CHECK_MARK),
            false => ("failure", EXCLAMATION_MARK),
        };
        // The body comes last, because its text may look like a place in the template.
        let html = TEMPLATE
            .replace("{style}", STYLE)
            .replace("{class}", class)
            .replace("{mark}", mark)
            .replace("{title}", self.title)
            .replace("{body}", &self.body());
        out.write_str(&html)
    }
}

/// The content policy of a page: styles in the page, and nothing else.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");

// Lines in a square of 24 units.
const CHECK_MARK: &str = "M5 13l4.5 4.5L19.5 7";
const EXCLAMATION_MARK: &str = "M12 6.5v7M12 17.25v.25";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_names_and_reasons_stays_text() {
        let name = "<script>alert('1 & \"2\"')</script>";
        let shown = "&lt;script&gt;alert(&#39;1 &amp; &quot;2&quot;&#39;)&lt;/script&gt;";
        for page in [
            Page::connected(vec![name.to_owned()]),
            Page::failed("No", name),
        ] {
            let html = page.to_string();
            assert!(html.contains(shown), "{html}");
            assert!(!html.contains("<script"), "{html}");
        }
    }

    #[test]
    fn every_page_is_one_file_without_a_script() {
        for page in [
            Page::connected(Vec::new()),
            Page::connected(vec!["A".to_owned(), "B".to_owned()]),
            Page::not_found(),
            Page::ended(),
        ] {
            let html = page.to_string();
            assert!(html.starts_with("<!DOCTYPE html>") && html.ends_with("</html>\n"));
            for part in [
                "<script", "<link", "src=", "http:", "https:", "@import", "url(",
            ] {
                assert!(!html.contains(part), "{part}: {html}");
            }
        }
    }
}
