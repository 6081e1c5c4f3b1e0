//! JSON values that keep the digits of their numbers. The soak compares values with this parser and not
//! with the one of the connector, which must keep all digits that Xero sent.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A JSON value. Numbers keep their text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

impl Json {
    /// Parses a whole document.
    pub(crate) fn parse(text: &str) -> Result<Json, String> {
        let mut parser = Parser { text, at: 0 };
        let value = parser.value()?;
        parser.space();
        match parser.at == text.len() {
            true => Ok(value),
            false => Err(parser.error("text behind the value")),
        }
    }

    /// The member of an object, or `Null`.
    pub(crate) fn get(&self, name: &str) -> &Json {
        match self {
            Json::Object(members) => members.get(name).unwrap_or(&Json::Null),
            _ => &Json::Null,
        }
    }

    /// The text of a string or of a number, or nothing.
    pub(crate) fn text(&self) -> &str {
        match self {
            Json::Text(text) | Json::Number(text) => text,
            _ => "",
        }
    }

    /// The elements of an array, or none.
    pub(crate) fn list(&self) -> &[Json] {
        match self {
            Json::List(elements) => elements,
            _ => &[],
        }
    }

    /// Sets a member of an object.
    pub(crate) fn set(&mut self, name: &str, value: Json) {
        if let Json::Object(members) = self {
            members.insert(name.to_owned(), value);
        }
    }

    /// Removes a member of an object.
    pub(crate) fn remove(&mut self, name: &str) {
        if let Json::Object(members) = self {
            members.remove(name);
        }
    }

    /// The value in a form that two equal values share.
    pub(crate) fn canonical(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Json::Number(text) => out.push_str(text),
            Json::Text(text) => write_text(text, out),
            Json::List(elements) => {
                out.push('[');
                for (at, element) in elements.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    element.write(out);
                }
                out.push(']');
            }
            Json::Object(members) => {
                out.push('{');
                for (at, (name, value)) in members.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    write_text(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            letter if u32::from(letter) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl Parser<'_> {
    fn error(&self, what: &str) -> String {
        format!("{what} at byte {}", self.at)
    }

    fn space(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        self.at += rest.iter().take_while(blank).count();
    }

    fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn expect(&mut self, token: &str) -> Result<(), String> {
        match self.text[self.at..].starts_with(token) {
            true => {
                self.at += token.len();
                Ok(())
            }
            false => Err(self.error(&format!("no {token}"))),
        }
    }

    fn value(&mut self) -> Result<Json, String> {
        self.space();
        match self.peek() {
            b'{' => self.object(),
            b'[' => self.array(),
            b'"' => self.string().map(Json::Text),
            b't' => self.expect("true").map(|()| Json::Bool(true)),
            b'f' => self.expect("false").map(|()| Json::Bool(false)),
            b'n' => self.expect("null").map(|()| Json::Null),
            b'-' | b'0'..=b'9' => Ok(self.number()),
            _ => Err(self.error("no value")),
        }
    }

    fn number(&mut self) -> Json {
        let rest = &self.text[self.at..];
        let part = |byte: u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
        let length = rest.bytes().take_while(|byte| part(*byte)).count();
        self.at += length;
        Json::Number(rest[..length].to_owned())
    }

    fn array(&mut self) -> Result<Json, String> {
        self.expect("[")?;
        let mut elements = Vec::new();
        self.space();
        while self.peek() != b']' {
            if !elements.is_empty() {
                self.expect(",")?;
            }
            elements.push(self.value()?);
            self.space();
        }
        self.expect("]")?;
        Ok(Json::List(elements))
    }

    fn object(&mut self) -> Result<Json, String> {
        self.expect("{")?;
        let mut members = BTreeMap::new();
        self.space();
        while self.peek() != b'}' {
            if !members.is_empty() {
                self.expect(",")?;
                self.space();
            }
            let name = self.string()?;
            self.space();
            self.expect(":")?;
            let value = self.value()?;
            if members.insert(name, value).is_some() {
                return Err(self.error("a name that stands twice in an object"));
            }
            self.space();
        }
        self.expect("}")?;
        Ok(Json::Object(members))
    }

    fn string(&mut self) -> Result<String, String> {
        self.expect("\"")?;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest
                .find(['"', '\\'])
                .ok_or_else(|| self.error("no end of a string"))?;
            out.push_str(&rest[..plain]);
            self.at += plain + 1;
            if rest.as_bytes()[plain] == b'"' {
                return Ok(out);
            }
            let escape = self.peek();
            self.at += 1;
            match escape {
                b'n' => out.push('\n'),
                b't' => out.push('\t'),
                b'r' => out.push('\r'),
                b'b' => out.push('\u{8}'),
                b'f' => out.push('\u{c}'),
                b'"' | b'\\' | b'/' => out.push(char::from(escape)),
                b'u' => {
                    let mut unit = u32::from(self.hex()?);
                    if (0xd800..0xdc00).contains(&unit) {
                        self.expect("\\u")?;
                        let low = u32::from(self.hex()?);
                        unit = 0x10000 + ((unit - 0xd800) << 10) + low.wrapping_sub(0xdc00);
                    }
                    let letter = char::from_u32(unit);
                    out.push(letter.ok_or_else(|| self.error("no character"))?);
                }
                _ => return Err(self.error("an unknown escape")),
            }
        }
    }

    fn hex(&mut self) -> Result<u16, String> {
        let digits = self.text.get(self.at..self.at + 4);
        let unit = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
        let unit = unit.ok_or_else(|| self.error("no four hex digits"))?;
        self.at += 4;
        Ok(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits_and_names_are_sorted() {
        for (text, expected) in [
            (
                " {\"b\": 1.50, \"a\": [true, null, -2e5]}\r\n",
                "{\"a\":[true,null,-2e5],\"b\":1.50}",
            ),
            (
                r#""\/Date(1)\/ \u00e9 \ud83d\ude00 \"\\""#,
                "\"/Date(1)/ é 😀 \\\"\\\\\"",
            ),
            ("[]", "[]"),
        ] {
            let value = Json::parse(text).expect(text);
            assert_eq!(value.canonical(), expected);
        }
        for text in ["", "[1,]", "{\"a\":1,\"a\":2}", "\"a", "1 2", "nul"] {
            assert!(Json::parse(text).is_err(), "{text}");
        }
    }
}
