//! Opens a browser where there is one.

use std::env;
use std::process::{Command, Stdio};

use crate::files;

/// Variables that a session over SSH has. A browser would open on the wrong machine.
const REMOTE: [&str; 2] = ["SSH_CONNECTION", "SSH_TTY"];
/// Variables of which a session with windows has one.
const DISPLAYS: [&str; 3] = ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"];

/// Opens an address in the browser, and returns whether a program was started for that.
pub(super) fn open(address: &str) -> bool {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    programs(variable, files::in_image())
        .into_iter()
        .any(|program| start(&program, address))
}

/// Returns the programs that may open an address, in the order in which to try them.
fn programs(variable: impl Fn(&str) -> Option<String>, in_image: bool) -> Vec<String> {
    // The variable also serves editors that forward a browser from another machine.
    if let Some(browser) = variable("BROWSER") {
        return browser.split(':').map(str::to_owned).collect();
    }
    let is_set = |name: &&str| variable(name).is_some();
    if in_image || REMOTE.iter().any(is_set) {
        return Vec::new();
    }
    if cfg!(target_os = "macos") {
        return vec!["open".to_owned()];
    }
    match DISPLAYS.iter().any(is_set) {
        true => vec!["xdg-open".to_owned(), "wslview".to_owned()],
        false => Vec::new(),
    }
}

/// Starts a program with an address, and does not wait for its end.
fn start(program: &str, address: &str) -> bool {
    let mut command = Command::new(program);
    let command = command.arg(address).stdin(Stdio::null());
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let Ok(mut child) = child else {
        return false;
    };
    // Without a wait the ended program would stay in the table of processes.
    std::thread::spawn(move || child.wait());
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(not(target_os = "macos"))]
    fn a_browser_opens_only_where_a_person_sees_it() {
        for (variables, in_image, expected) in [
            (&["DISPLAY"][..], false, &["xdg-open", "wslview"][..]),
            (&["WAYLAND_DISPLAY"], false, &["xdg-open", "wslview"]),
            (&["DISPLAY", "SSH_CONNECTION"], false, &[]),
            (&["DISPLAY"], true, &[]),
            (&[], false, &[]),
            (&["BROWSER", "SSH_TTY"], false, &["a", "b"]),
        ] {
            let variable = |name: &str| variables.contains(&name).then(|| "a:b".to_owned());
            assert_eq!(programs(variable, in_image), expected, "{variables:?}");
        }
    }
}
