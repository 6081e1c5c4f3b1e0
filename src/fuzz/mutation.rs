//! Changes inputs token by token, so that most of them stay JSON and reach the code behind the
//! parser.

use std::ops::Range;

/// JSON values at the limits of what parsers accept.
const VALUES: &[&str] = &[
    "null",
    "true",
    "\"true\"",
    "0",
    "-0",
    "-1",
    "1e2",
    "1E-400",
    "1e999",
    "1.50",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "340282366920938463463374607431768211455",
    "170141183460469231731687303715884105727.9999",
    "12345678901234567890123456789012345678.90",
    "0.1234567890123456789012345678901234567890",
    "\"\"",
    "\" \"",
    "\"+5\"",
    "\"007\"",
    "\"12.00\"",
    "\"1,234.50\"",
    "\"(1,234.50)\"",
    "\"9999999999999999999999999999999999999\"",
    "\"7.3%\"",
    "\"\\/Date(1540080000000+0000)\\/\"",
    "\"\\/Date(1540080000000-1130)\\/\"",
    "\"/Date(0)/\"",
    "\"/Date(-62135596800000+0000)/\"",
    "\"/Date(253402300799999)/\"",
    "\"/Date(253402300800000+0000)/\"",
    "\"/Date(9223372036854775807)/\"",
    "\"/Date(-9223372036854775808-9223372036854775808)/\"",
    "\"/Date(1+99999999999999)/\"",
    "\"/Date(é)/\"",
    "\"2015-09-09T22:13:28\"",
    "\"2016-12-31T23:59:60\"",
    "\"2020-02-30T00:00:00Z\"",
    "\"+12345-01-01\"",
    "\"-0001-01-01T00:00:00\"",
    "\"9999-12-31T23:59:59.999Z\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud800\"",
    "\"\\udc00x\"",
    "\"\\u0000\\u001b[2J\\u202e\"",
    "\"a\\\"b\\\\c\\n\"",
    "\"{[,:]}\"",
    "[]",
    "{}",
    "[null,[],{}]",
    "{\"\":{\"\":0}}",
];

/// Names of fields that the parsers know.
const KEYS: &[&str] = &[
    "Amount",
    "AttachmentID",
    "Attributes",
    "Balances",
    "Cells",
    "ContactID",
    "ContentLength",
    "CreatedDateUTC",
    "DateTimeUTC",
    "DateUTC",
    "HasAttachments",
    "InvoiceID",
    "IsReconciled",
    "Invoice\\u0049D",
    "JournalNumber",
    "LineItems",
    "LineID",
    "LinePosition",
    "Name",
    "PeriodEnd",
    "Position",
    "ReceiptNumber",
    "RowType",
    "Rows",
    "Status",
    "TenantID",
    "Tenant\\u0049D",
    "Title",
    "TotalAmount",
    "Tracking",
    "Type",
    "UnitAmount",
    "UpdatedDateUTC",
    "access_token",
    "after",
    "complete",
    "credentials",
    "error",
    "failed",
    "gaps",
    "list",
    "missed",
    "pagination",
    "ranges",
    "reconciled",
    "refresh_token",
    "runs",
    "searched",
    "stream_state",
    "tenants",
];

/// Pieces of a string: escapes, characters that break lines and terminals, and invalid bytes.
const PIECES: &[&[u8]] = &[
    b"\\u0000",
    b"\\u000a",
    b"\\u0041",
    b"\\ud800",
    b"\\ude00",
    b"\\ud83d\\ude00",
    b"\\/",
    b"\\\"",
    b"\\\\",
    b"\0",
    b"\n",
    b"\r\n",
    b"\x1b[31m",
    b"\x7f",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xc0\xaf",
    "\u{85}".as_bytes(),
    "\u{9b}2J".as_bytes(),
    "\u{2028}".as_bytes(),
    "\u{202e}".as_bytes(),
    "\u{feff}".as_bytes(),
    "é😀".as_bytes(),
    b"TOKEN",
    b" TOKEN ",
    b"STATE",
    b"%2e%2e%2f",
    b"../",
    b"&state=x",
    b"#2",
    b"|0",
    b"/",
    b" ",
];

/// White space, and bytes that look like it.
const SPACES: &[&[u8]] = &[b" ", b"\r\n", b"\t", b"\x0c", b"\0"];

/// How many levels a value is wrapped in.
const LEVELS: [usize; 6] = [1, 2, 60, 124, 130, 2_000];

/// One change of an input. Any numbers are a valid change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mutation {
    /// The kind of the change.
    pub(crate) kind: u8,
    /// The place of the change.
    pub(crate) at: u32,
    /// A second place, or an item of a list.
    pub(crate) with: u32,
}

/// Changes an input once, as `seed` decides.
pub fn mutate(input: &[u8], seed: u32) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(u64::from(seed));
    let mutation = Mutation {
        kind: random.u8(..),
        at: random.u32(..),
        with: random.u32(..),
    };
    mutation.apply(input, input)
}

/// Returns the tokens of a text: strings, words, white space and single bytes. Together they are the
/// whole text, whether it is JSON or not.
pub(crate) fn tokens(text: &[u8]) -> Vec<Range<usize>> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte);
    let mut tokens = Vec::new();
    let mut start = 0;
    while let Some(&first) = text.get(start) {
        let run = |is_inside: &dyn Fn(u8) -> bool| {
            let rest = &text[start..];
            rest.iter()
                .position(|byte| !is_inside(*byte))
                .unwrap_or(rest.len())
        };
        let length = match first {
            b'"' => string(&text[start..]),
            it if is_word(it) => run(&is_word),
            it if it.is_ascii_whitespace() => run(&|it| it.is_ascii_whitespace()),
            _ => 1,
        };
        tokens.push(start..start + length);
        start += length;
    }
    tokens
}

/// Returns the length of the string at the start of a text.
fn string(text: &[u8]) -> usize {
    let mut end = 1;
    while let Some(byte) = text.get(end) {
        end += match byte {
            b'"' => return end + 1,
            b'\\' => 2,
            _ => 1,
        };
    }
    text.len()
}

/// Returns an item of a list.
fn pick<T>(list: &[T], number: u32) -> Option<&T> {
    list.get(number as usize % list.len().max(1))
}

/// An input as tokens.
struct Input<'i> {
    text: &'i [u8],
    tokens: Vec<Range<usize>>,
}

impl<'i> Input<'i> {
    fn new(text: &'i [u8]) -> Input<'i> {
        let tokens = tokens(text);
        Input { text, tokens }
    }

    fn first(&self, token: usize) -> u8 {
        self.tokens
            .get(token)
            .map_or(0, |token| self.text[token.start])
    }

    /// Returns the next token that is not white space.
    fn skip_space(&self, mut token: usize) -> usize {
        while self.first(token).is_ascii_whitespace() {
            token += 1;
        }
        token
    }

    fn is_key(&self, token: usize) -> bool {
        self.first(token) == b'"' && self.first(self.skip_space(token + 1)) == b':'
    }

    /// Returns the tokens that are keys.
    fn keys(&self) -> Vec<usize> {
        (0..self.tokens.len())
            .filter(|token| self.is_key(*token))
            .collect()
    }

    /// Returns the places of the values, including those that hold others.
    fn values(&self) -> Vec<Range<usize>> {
        let starts = (0..self.tokens.len()).filter(|token| {
            let first = self.first(*token);
            let is_value = first.is_ascii_alphanumeric() || b"\"{[-".contains(&first);
            is_value && !self.is_key(*token)
        });
        starts.map(|token| self.value(token)).collect()
    }

    /// Returns the place of the value that starts with a token.
    fn value(&self, token: usize) -> Range<usize> {
        let start = self.tokens[token].start;
        let mut depth = 0_usize;
        for inner in &self.tokens[token..] {
            match self.text[inner.start] {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return start..inner.end;
            }
        }
        start..self.text.len()
    }

    /// Returns the place of the member or element at a token, with the comma after it.
    fn member(&self, token: usize) -> Range<usize> {
        let value = match self.is_key(token) {
            true => self.skip_space(self.skip_space(token + 1) + 1),
            false => token,
        };
        if value >= self.tokens.len() {
            return self.tokens[token].start..self.text.len();
        }
        let end = self.value(value).end;
        let next = self.tokens.partition_point(|token| token.start < end);
        let next = self.skip_space(next);
        let end = match self.first(next) {
            b',' => self.tokens[next].end,
            _ => end,
        };
        self.tokens[token].start..end
    }

    /// Returns the input with another text in a place.
    fn replaced(&self, place: Range<usize>, by: &[u8]) -> Vec<u8> {
        [&self.text[..place.start], by, &self.text[place.end..]].concat()
    }
}

impl Mutation {
    /// Applies the change. `donor` is another input, whose values may be copied.
    pub(crate) fn apply(self, text: &[u8], donor: &[u8]) -> Vec<u8> {
        let input = Input::new(text);
        let changed = self.structured(&input, donor);
        changed.unwrap_or_else(|| self.raw(text))
    }

    /// Changes tokens. `None` if the input lacks what the change needs.
    fn structured(self, input: &Input, donor: &[u8]) -> Option<Vec<u8>> {
        let Mutation { kind, at, with } = self;
        let value = || pick(&input.values(), at).cloned();
        let token = || pick(&input.tokens, at).cloned();
        let key = || pick(&input.keys(), at).copied();
        Some(match kind % 24 {
            0..4 => input.replaced(value()?, pick(VALUES, with)?.as_bytes()),
            4..6 => {
                let donor = Input::new(donor);
                let copied = pick(&donor.values(), with)?.clone();
                input.replaced(value()?, &donor.text[copied])
            }
            6 => input.replaced(input.member(key()?), b""),
            7 => {
                let place = input.member(key()?);
                let member = input.text[place.clone()].trim_ascii_end();
                let comma: &[u8] = if member.ends_with(b",") { b"" } else { b"," };
                let again = [member, comma, member].concat();
                input.replaced(place, &again)
            }
            8 | 9 => {
                let place = input.tokens.get(key()?)?.clone();
                let name = format!("\"{}\"", pick(KEYS, with)?);
                input.replaced(place, name.as_bytes())
            }
            10 => {
                let keys = input.keys();
                let copied = input.tokens.get(*pick(&keys, with)?)?.clone();
                let place = input.tokens.get(key()?)?.clone();
                input.replaced(place, &input.text[copied])
            }
            11 | 12 => {
                let place = input.tokens.get(key()?)?.start;
                let name = pick(KEYS, with)?;
                let value = pick(VALUES, with / KEYS.len() as u32)?;
                input.replaced(place..place, format!("\"{name}\":{value},").as_bytes())
            }
            13 => {
                let place = value()?;
                let levels = *pick(&LEVELS, with)?;
                let inner = &input.text[place.clone()];
                let wrapped = [&b"[".repeat(levels), inner, &b"]".repeat(levels)].concat();
                input.replaced(place, &wrapped)
            }
            14..16 => {
                let is_string = |it: &&Range<usize>| it.len() >= 2 && input.text[it.start] == b'"';
                let strings: Vec<_> = input.tokens.iter().filter(is_string).collect();
                let place = pick(&strings, at)?;
                let inside = (place.len() - 1) as u32;
                let at = place.start + 1 + (with / PIECES.len() as u32 % inside) as usize;
                input.replaced(at..at, pick(PIECES, with)?)
            }
            16 => {
                // The same character as an escape.
                let is_letter = |at: &usize| input.text[*at].is_ascii_alphanumeric();
                let letters: Vec<_> = (0..input.text.len()).filter(is_letter).collect();
                let at = *pick(&letters, at)?;
                let escape = format!("\\u{:04x}", input.text[at]);
                input.replaced(at..at + 1, escape.as_bytes())
            }
            17 => {
                let (one, other) = (token()?, pick(&input.tokens, with)?.clone());
                let (one, other) = match one.start < other.start {
                    true => (one, other),
                    false => (other, one),
                };
                let between = &input.text[one.end.min(other.start)..other.start];
                let swapped = [
                    &input.text[other.clone()],
                    between,
                    &input.text[one.clone()],
                ];
                input.replaced(one.start..other.end, &swapped.concat())
            }
            18 => input.replaced(token()?, b""),
            19 => {
                let place = token()?;
                let twice = input.text[place.clone()].repeat(2);
                input.replaced(place, &twice)
            }
            20 => {
                let at = token()?.start;
                let space = pick(SPACES, with)?;
                input.replaced(at..at, space)
            }
            21 => {
                let is_number = |it: &&Range<usize>| input.text[it.start].is_ascii_digit();
                let numbers: Vec<_> = input.tokens.iter().filter(is_number).collect();
                let place = (*pick(&numbers, at)?).clone();
                let number = &input.text[place.clone()];
                let longer = number.repeat([2, 30, 301][with as usize % 3]);
                input.replaced(place, &longer)
            }
            _ => return None,
        })
    }

    /// Changes bytes.
    fn raw(self, text: &[u8]) -> Vec<u8> {
        let at = self.at as usize % (text.len() + 1);
        let mut changed = text.to_vec();
        match self.with % 4 {
            0 => changed.truncate(at),
            1 => {
                if let Some(byte) = changed.get_mut(at) {
                    *byte ^= 1 << (self.with / 4 % 8);
                }
            }
            2 => changed.insert(at, (self.with / 4) as u8),
            _ => {
                let piece = pick(PIECES, self.with / 4).copied().unwrap_or_default();
                changed.splice(at..at, piece.iter().copied());
            }
        }
        changed
    }
}
