//! Amounts as whole numbers of the last place of a currency. Nothing here is a float.

use serde_json::Value;

/// Decimals of a `CurrencyRate`.
pub const RATE_DECIMALS: u32 = 10;

/// Parses JSON and keeps every number as the text that was sent.
pub fn parse(json: &str) -> Value {
    let mut quoted = String::with_capacity(json.len() + json.len() / 8);
    let (mut in_string, mut escaped, mut in_number) = (false, false, false);
    for char in json.chars() {
        let is_number = !in_string && (char.is_ascii_digit() || "+-.eE".contains(char));
        // `e` also stands in `true` and `false`: a number starts with a digit or a minus sign.
        let is_number = is_number && (in_number || char.is_ascii_digit() || char == '-');
        if is_number != in_number {
            quoted.push('"');
            in_number = is_number;
        }
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = in_string,
            '"' => in_string = !in_string,
            _ => {}
        }
        quoted.push(char);
    }
    serde_json::from_str(&quoted).expect("JSON")
}

/// How many decimals the amounts of a currency have, by ISO 4217.
pub fn decimals_of(currency: &str) -> u32 {
    match currency {
        "JPY" | "KRW" => 0,
        "BHD" | "KWD" => 3,
        _ => 2,
    }
}

/// A decimal in units of its last place. `None` if it is no decimal or has more places.
pub fn units(text: &str, decimals: u32) -> Option<i128> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let places = usize::try_from(decimals).ok()?;
    let (kept, beyond) = fraction.split_at(places.min(fraction.len()));
    if whole.is_empty() || beyond.chars().any(|digit| digit != '0') {
        return None;
    }
    let units: i128 = format!("{whole}{kept:0<places$}").parse().ok()?;
    Some(sign * units)
}

/// An amount of a document and what a unit of the base currency buys of its currency.
#[derive(Clone, Copy, Debug)]
pub struct Foreign {
    pub amount: i128,
    pub decimals: u32,
    /// In units of ten decimals.
    pub rate: i128,
    pub base_decimals: u32,
}

impl Foreign {
    /// Whether an amount in the base currency is this one, give or take some units. Xero does not
    /// document how it rounds a conversion, so one conversion may go up or down.
    pub fn is(self, base: i128, slack: i128) -> bool {
        let unit = self.rate * 10_i128.pow(self.decimals);
        let exact = self.amount * 10_i128.pow(self.base_decimals + RATE_DECIMALS);
        (base * unit - exact).abs() <= slack * unit
    }

    /// The amount in the base currency, rounded down.
    pub fn floor(self) -> i128 {
        let unit = self.rate * 10_i128.pow(self.decimals);
        let exact = self.amount * 10_i128.pow(self.base_decimals + RATE_DECIMALS);
        exact.div_euclid(unit)
    }

    /// The units by which a conversion may be off: none where nothing is converted.
    pub fn slack(self) -> i128 {
        i128::from(self.rate != 10_i128.pow(RATE_DECIMALS))
    }
}

#[test]
fn numbers_keep_their_text() {
    let parsed = parse(r#"{"a": [1.50, -2, 1e3], "b": "1\" 2", "c": true, "d": null}"#);
    let text = r#"{"a":["1.50","-2","1e3"],"b":"1\" 2","c":true,"d":null}"#;
    assert_eq!(parsed.to_string(), text);
}

#[test]
fn units_are_exact() {
    for (text, decimals, expected) in [
        ("12.5", 2, Some(1250)),
        ("-0.05", 2, Some(-5)),
        ("7", 3, Some(7000)),
        ("7.1200", 2, Some(712)),
        ("7.125", 2, None),
        ("7.5", 0, None),
        ("", 2, None),
        ("x", 2, None),
    ] {
        assert_eq!(units(text, decimals), expected, "{text}");
    }
}

#[test]
fn a_conversion_may_be_off_by_its_rounding() {
    let foreign = |amount, rate| Foreign {
        amount,
        decimals: 0,
        rate,
        base_decimals: 2,
    };
    let yen = foreign(1000, 90 * 10_i128.pow(RATE_DECIMALS));
    assert_eq!(
        [1110, 1111, 1112, 1113].map(|it| yen.is(it, 1)),
        [false, true, true, false]
    );
    assert_eq!((yen.floor(), yen.slack()), (1111, 1));
    let own = foreign(7, 10_i128.pow(RATE_DECIMALS));
    assert_eq!([699, 700].map(|it| own.is(it, own.slack())), [false, true]);
}
