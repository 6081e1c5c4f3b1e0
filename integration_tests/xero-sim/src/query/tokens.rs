//! The words of a `where` expression.

/// One word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A field, a function or a keyword.
    Name(String),
    /// A text, without its quotes.
    Text(String),
    Number(f64),
    /// An operator, a parenthesis, a comma or a dot.
    Symbol(&'static str),
}

/// Longer symbols come before those with which they begin.
const SYMBOLS: [&str; 14] = [
    "&&", "||", "==", "!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ",", ".",
];

/// Splits an expression into its words. `Err` names what is no word.
pub(super) fn split(expression: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = expression.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, further) = match first {
            '"' => text(rest)?,
            '0'..='9' | '-' => number(rest)?,
            it if it.is_alphabetic() || it == '_' => {
                let is_part = |it: char| it.is_alphanumeric() || it == '_';
                let (name, further) = cut(rest, is_part);
                (Token::Name(name.to_owned()), further)
            }
            _ => symbol(rest)?,
        };
        tokens.push(token);
        rest = further.trim_start();
    }
    Ok(tokens)
}

/// Cuts a text before the first character that is no part of a word.
fn cut(text: &str, is_part: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|it| !is_part(it)).unwrap_or(text.len()))
}

/// Reads a text in double quotes. Two quotes within it stand for one.
fn text(mut rest: &str) -> Result<(Token, &str), String> {
    let mut parts = Vec::new();
    while let Some(quoted) = rest.strip_prefix('"') {
        let end = quoted.find('"').ok_or("Unterminated string literal")?;
        parts.push(&quoted[..end]);
        rest = &quoted[end + 1..];
    }
    Ok((Token::Text(parts.join("\"")), rest))
}

fn number(rest: &str) -> Result<(Token, &str), String> {
    let digits = rest.strip_prefix('-').unwrap_or(rest);
    let (digits, further) = cut(digits, |it| it.is_ascii_digit() || it == '.');
    let number = &rest[..rest.len() - further.len()];
    let is_plain = digits.starts_with(|it: char| it.is_ascii_digit()) && !digits.ends_with('.');
    let value = number.parse().ok().filter(|_| is_plain);
    let value = value.ok_or_else(|| format!("Invalid real literal '{number}'"))?;
    Ok((Token::Number(value), further))
}

fn symbol(rest: &str) -> Result<(Token, &str), String> {
    let known = SYMBOLS.iter().find_map(|symbol| {
        let further = rest.strip_prefix(symbol)?;
        Some((Token::Symbol(symbol), further))
    });
    let wrong = || rest.chars().next().unwrap_or_default();
    known.ok_or_else(|| format!("Syntax error '{}'", wrong()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_split_into_words() {
        let name = |text: &str| Token::Name(text.to_owned());
        let text = |text: &str| Token::Text(text.to_owned());
        for (expression, expected) in [
            ("", vec![]),
            (
                r#"Contact.Name=="Big ""B"" Ltd""#,
                vec![
                    name("Contact"),
                    Token::Symbol("."),
                    name("Name"),
                    Token::Symbol("=="),
                    text(r#"Big "B" Ltd"#),
                ],
            ),
            (
                r#" Total>= -12.50&&Code<>"" "#,
                vec![
                    name("Total"),
                    Token::Symbol(">="),
                    Token::Number(-12.5),
                    Token::Symbol("&&"),
                    name("Code"),
                    Token::Symbol("<>"),
                    text(""),
                ],
            ),
        ] {
            assert_eq!(split(expression), Ok(expected), "{expression}");
        }
    }

    #[test]
    fn what_is_no_word_is_refused() {
        for expression in [
            "\"open",
            "Total>1.",
            "1.2.3",
            "-",
            "Total # 1",
            "'x'",
            "a & b",
            "\u{1f4de}",
        ] {
            assert!(split(expression).is_err(), "{expression}");
        }
    }
}
