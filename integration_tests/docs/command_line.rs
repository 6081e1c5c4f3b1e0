//! docs/command-line.md: the help of every verb, as the program prints it.

use std::path::Path;

use crate::support::connector::command;

/// Set to 1, this variable makes the test write the page.
const UPDATE: &str = "UPDATE_DOCS";

const HEAD: &str = "\
# Command line

Verbs of the Airbyte protocol print messages of the protocol on stdout, and nothing else. They are `spec`, `check`,
`discover` and `read`. All other verbs are for people: they print their answer on stdout and everything else on stderr.

| Exit code | Meaning |
|---|---|
| 0 | The verb did everything. |
| 1 | Something failed. The last lines on stderr, or the error messages on stdout, say what. |
| 2 | The command line is wrong. |
| 78 | Only `sync`: the config, the credentials or the directory must be corrected first. |
| 128 and a number | A signal with this number ended the program. |

`xero-source completions` prints a script that completes verbs and flags in a shell, and `xero-source man` prints the
manual page. The texts below are those of `--help`.
";

fn help(arguments: &[&str]) -> String {
    let output = command(arguments).output().expect("the binary starts");
    String::from_utf8(output.stdout).expect("the help is text")
}

fn section(title: &str, help: &str) -> String {
    let lines = help.lines().map(str::trim_end).collect::<Vec<_>>();
    format!(
        "\n## {title}\n\n```text\n{}\n```\n",
        lines.join("\n").trim()
    )
}

/// The names of the verbs, in the order of the help.
pub(crate) fn verbs() -> Vec<String> {
    let help = help(&["--help"]);
    let verbs = help.split("Verbs:\n").nth(1).expect("a list of verbs");
    let verbs = verbs.lines().take_while(|line| !line.is_empty());
    let verbs = verbs.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let verbs = verbs.filter_map(|line| line.split_whitespace().next());
    verbs
        .filter(|verb| *verb != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_page_has_the_help_of_every_verb() {
    let verbs = verbs();
    assert!(verbs.len() > 5, "{verbs:?}");
    let mut page = HEAD.to_owned();
    page.push_str(&section("xero-source", &help(&["--help"])));
    for verb in &verbs {
        page.push_str(&section(verb, &help(&[verb, "--help"])));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/command-line.md");
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let saved = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        page == saved,
        "docs/command-line.md is stale: {UPDATE}=1 cargo test --test integration command_line"
    );
}
