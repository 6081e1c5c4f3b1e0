//! Expressions that are read and evaluated.

use super::super::expression::RowValues;
use super::super::fields::{FieldId, Fields};
use super::*;
use crate::entity::Entity;

/// An invoice of the fields that the tests name.
struct Invoice<'a>(&'a Fields);

impl RowValues for Invoice<'_> {
    fn value(&self, field: FieldId) -> Value {
        match self.0.named()[field].path.join(".").as_str() {
            "Status" => Value::text("AUTHORISED"),
            "Reference" => Value::text("Ref \"A\" 1"),
            "Contact.Name" => Value::text("Ridgeway University"),
            "Contact.ContactID" => Value::Guid(7),
            "Total" => Value::Number(115.5),
            "AmountPaid" => Value::Number(0.0),
            "Date" => Value::Date(1_580_428_800_000),
            "SentToContact" => Value::Flag(true),
            "HasAttachments" => Value::Flag(false),
            _ => Value::Null,
        }
    }
}

/// Whether the invoice fulfils an expression; what is wrong with it otherwise.
fn holds(expression: &str) -> Result<bool, String> {
    let mut fields = Fields::of(Entity::Invoices.endpoint());
    let parsed = parse(expression, &mut fields)?;
    Ok(parsed.holds(&Invoice(&fields)))
}

#[test]
fn expressions_hold_or_not() {
    for (expression, expected) in [
        (r#"Status=="AUTHORISED""#, true),
        (r#"Status = "PAID""#, false),
        (r#"Status!="PAID""#, true),
        (r#"Status <> "AUTHORISED""#, false),
        (r#"status=="AUTHORISED" and total>115"#, true),
        ("Total>115.50", false),
        ("Total >= 115.5 && Total<=115.5", true),
        ("Total<-1 OR AmountPaid==0", true),
        ("AmountPaid<Total", true),
        ("Date>=DateTime(2020, 01, 31)", true),
        ("Date > DateTime(2020,1,31)", false),
        ("Date<DateTime(2020,01,31,0,0,1)", true),
        (
            r#"Contact.ContactID==guid("00000000-0000-0000-0000-000000000007")"#,
            true,
        ),
        (
            r#"Contact.ContactID == Guid("00000000-0000-0000-0000-000000000008")"#,
            false,
        ),
        (r#"Contact.Name.Contains("way")"#, true),
        (r#"Contact.Name.Contains("WAY")"#, false),
        (r#"Contact.Name.ToLower().Contains("ridgeway u")"#, true),
        (
            r#"Contact.Name.ToUpper().ToLower().StartsWith("ridge")"#,
            true,
        ),
        (r#"Contact.Name.EndsWith("University")"#, true),
        (r#"Contact.Name.ToLower()=="ridgeway university""#, true),
        (r#""RIDGE".ToLower()=="ridge""#, true),
        (r#"Reference=="Ref ""A"" 1""#, true),
        ("SentToContact==true", true),
        ("SentToContact", true),
        ("HasAttachments", false),
        (r#"Date==DateTime.Parse("2020-01-31")"#, true),
        (r#"Date<datetime.parse("2020-01-31T00:00:00")"#, false),
        ("DueDate==null", true),
        ("DueDate!=null", false),
        ("Date!=null", true),
        ("null==DueDate", true),
        ("DueDate<DateTime(2020,1,1)", false),
        ("DueDate>=null", false),
        (r#"InvoiceNumber!="INV-1""#, true),
        (r#"InvoiceNumber.Contains("I")"#, false),
        // AND binds more closely than OR.
        (
            r#"Status=="AUTHORISED" OR Total>1000 AND AmountPaid>1000"#,
            true,
        ),
        (
            r#"(Status=="AUTHORISED" OR Total>1000) AND AmountPaid>1000"#,
            false,
        ),
        ("((Total>1))", true),
    ] {
        assert_eq!(holds(expression), Ok(expected), "{expression}");
    }
}

#[test]
fn what_is_no_expression_is_refused() {
    for expression in [
        "",
        "Nonsense",
        "Sum==1",
        "Contact==null",
        "LineItems==null",
        "Contact.Nothing==1",
        "Total",
        "Total==",
        "==5",
        "Total>5 AND",
        "Total>5 Date",
        "(Total>5",
        "Total>5)",
        "()",
        "Total>5 AND OR Total>6",
        "Total==\"5\"",
        "Status==PAID",
        "Status==5",
        "Date>5",
        "Date==\"2020-01-31\"",
        "SentToContact>false",
        "SentToContact==1",
        r#"Contact.ContactID=="00000000-0000-0000-0000-000000000007""#,
        r#"Contact.ContactID==guid("7")"#,
        r#"Contact.ContactID<guid("00000000-0000-0000-0000-000000000007")"#,
        "Contact.ContactID==guid()",
        "Date>DateTime(2020,02,31)",
        "Date>DateTime(99999,1,1)",
        "Date>DateTime(0,1,1)",
        "Date>DateTime(-1,1,1)",
        "Date>DateTime(2020)",
        "Date>DateTime(2020,1,1",
        "Date>DateTime.Now",
        "Date>DateTime.Parse(2020)",
        "Date>DateTime.Parse(\"soon\")",
        "Date>DateTime.Parse(\"2020-01-01\"",
        r#"Total.Contains("1")"#,
        "Status.Contains(5)",
        "Status.Contains()",
        r#"Status.Contains("A""#,
        r#"Status.Contains("A").Contains("B")"#,
        r#"Status.Contains("A")=="B""#,
        r#"Status=="A".Contains("B")"#,
        r#"Status.Matches("A")"#,
        r#"Contains("A")"#,
        "Status.ToLower(1)==\"a\"",
        "Status.\"A\"",
        "Total>5 & Total<6",
        "Total*2>5",
        "'A'==Status",
    ] {
        assert!(holds(expression).is_err(), "{expression}");
    }
}

#[test]
fn parentheses_and_chains_have_bounds_that_do_not_fail() {
    let nested = |depth: usize| {
        let (open, close) = ("(".repeat(depth), ")".repeat(depth));
        holds(&format!("{open}Total>1{close}"))
    };
    assert_eq!(nested(100), Ok(true));
    for depth in [101, 20_000] {
        assert!(nested(depth).is_err(), "{depth}");
        assert!(holds(&"(".repeat(depth)).is_err(), "{depth}");
        assert!(holds(&"Status.Contains(".repeat(depth)).is_err(), "{depth}");
    }
    let lower = ".ToLower()".repeat(20_000);
    assert_eq!(holds(&format!(r#"Status{lower}=="authorised""#)), Ok(true));
    let chain = " OR Total>1000".repeat(20_000);
    assert_eq!(holds(&format!("Total>1000{chain}")), Ok(false));
    // Parentheses beside each other do not nest.
    let beside = " AND (Total>1)".repeat(1_000);
    assert_eq!(holds(&format!("Total>1{beside}")), Ok(true));
}
