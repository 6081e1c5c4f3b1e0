//! Builds parts of an HTML page.

use crate::html::escaped;

/// Returns a section with a heading. `content` is HTML.
pub(crate) fn section(id: &str, heading: &str, content: &str) -> String {
    let heading = escaped(heading);
    format!(
        r#"<section id="{id}">
<h2>{heading}</h2>
{content}
</section>
"#
    )
}

/// Returns a paragraph with a note. `text` is HTML.
pub(crate) fn note(text: &str) -> String {
    format!(r#"<p class="note">{text}</p>"#)
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Column {
    Text(&'static str),
    Number(&'static str),
}

/// Returns a table. The cells are HTML.
pub(crate) fn table(columns: &[Column], rows: &[Vec<String>]) -> String {
    let head = columns.iter().map(|column| match column {
        Column::Text(name) => format!("<th>{name}</th>"),
        Column::Number(name) => format!(r#"<th class="number">{name}</th>"#),
    });
    let head: String = head.collect();
    let row = |row: &Vec<String>| {
        let cells = row.iter().zip(columns).map(|(cell, column)| match column {
            Column::Text(_) => format!("<td>{cell}</td>"),
            Column::Number(_) => format!(r#"<td class="number">{cell}</td>"#),
        });
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    let body: String = rows.iter().map(row).collect();
    format!(
        r#"<div class="scroll"><table>
<thead><tr>{head}</tr></thead>
<tbody>
{body}</tbody>
</table></div>"#
    )
}
