//! Writes the rows of one document as RECORD lines of its stream and of the child streams.

use crate::rows::children::ChildLines;
use crate::rows::documents::DocumentRow;
use crate::rows::record_lines::{LINE_OVERHEAD, RecordLines, Records};
use crate::streams::Family;
use crate::xero::fault::ParseError;

/// Maximum size of the lines of one document. Each child row repeats members of its parent, so a small
/// document may become many bytes.
const MAX_BYTES: usize = 128 << 20;

/// Returns the lines of each member of the family, in the order of `members`.
pub(crate) fn lines(
    rows: &[DocumentRow],
    family: &Family,
    tenant: &str,
) -> Result<Vec<Records>, ParseError> {
    let bytes = rows.iter().map(|row| row.members.len() + LINE_OVERHEAD);
    let mut own = RecordLines::new(family.parent.name, tenant, bytes.sum());
    let mut children = ChildLines::of(family, tenant);
    for row in rows {
        let ((), data) = own.line(|out| out.extend_from_slice(&row.members));
        children.extract(own.bytes(data), own.len(), MAX_BYTES)?;
        let reference = row.reference.iter();
        reference.for_each(|it| own.add_file_reference(it));
        own.end_row();
    }
    let lines = children.of_members(family, own).into_iter();
    Ok(lines.map(RecordLines::all).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::streams::find;

    const ROW: &str = r#","PayRunID":"r","ParentUpdatedDateUTC":"2030-01-01T00:00:00.000Z","PayslipID":"p","EmployeeID":"e","TaxLines":[{"Amount":1.50},{"Amount":2,"PayRunID":"x"}],"EarningsLines":[]"#;

    fn records(members: &[&str]) -> Vec<(u64, Vec<Value>)> {
        let find = |name: &&str| find(name).expect("the stream exists");
        let members: Vec<_> = members.iter().map(find).collect();
        let family = Family {
            parent: members[0].parent(),
            members,
        };
        let row = DocumentRow {
            members: ROW.as_bytes().to_vec(),
            reference: None,
        };
        let found = lines(&[row.clone(), row], &family, "t").expect("the rows can be split");
        let data = |records: Records| {
            let lines = String::from_utf8(records.lines).expect("lines are text");
            let rows = lines.lines().map(|line| {
                let message: Value = serde_json::from_str(line).expect("a line is JSON");
                message["record"]["data"].clone()
            });
            (records.count, rows.collect())
        };
        found.into_iter().map(data).collect()
    }

    #[test]
    fn each_member_has_its_lines_in_the_order_of_the_family() {
        let [earnings, tax, slips] = [
            "payroll_au_payslip_earnings_lines",
            "payroll_au_payslip_tax_lines",
            "payroll_au_payslips",
        ];
        for (members, counts) in [
            (&[slips][..], &[2][..]),
            (&[tax], &[4]),
            (&[tax, slips, earnings], &[4, 2, 0]),
        ] {
            let found = records(members);
            let found: Vec<_> = found.into_iter().map(|(count, _)| count).collect();
            assert_eq!(found, counts, "{members:?}");
        }
        let (_, rows) = &records(&[tax])[0];
        let last = &rows[3];
        for (field, value) in [
            ("TenantID", "t"),
            ("PayslipID", "p"),
            ("PayRunID", "r"),
            ("EmployeeID", "e"),
            ("ParentUpdatedDateUTC", "2030-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(last[field], value, "{last}");
        }
        assert_eq!((&last["Position"], &last["Amount"]), (&1.into(), &2.into()));
    }
}
