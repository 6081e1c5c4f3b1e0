//! What a person at a terminal reads first.

use std::net::SocketAddr;

use xero_sim::REDIRECT_URI;

use crate::Playground;
use crate::configs::{CUSTOM, Config, PKCE, WEB};
use crate::flags::Flags;

/// Organisations that are listed by name.
const LISTED: usize = 5;

/// The address, the organisations, what a login needs, the configs, and what to type next.
pub(crate) fn text(
    flags: &Flags,
    playground: &Playground,
    configs: &[Config],
    control: Option<SocketAddr>,
) -> String {
    let url = playground.sim.url();
    let mut lines = vec![
        format!("A simulated Xero answers at {url}. Ctrl-C stops it."),
        "Organisations:".to_owned(),
    ];
    lines.extend(organisations(playground));
    let uris = [&[REDIRECT_URI.to_owned()], flags.redirect_uri.as_slice()].concat();
    lines.extend([
        "To log in:".to_owned(),
        format!("  web app            client id {}, secret {}", WEB.0, WEB.1),
        format!("  PKCE app           client id {PKCE}, no secret"),
        format!(
            "  custom connection  client id {}, secret {}",
            CUSTOM.0, CUSTOM.1
        ),
        format!("  redirect address   {}", uris.join(", ")),
    ]);
    if let Some(address) = control {
        lines.push(format!("Changes at http://{address}, see --help."));
    }
    match &flags.write_configs {
        Some(folder) => {
            let folder = folder.display();
            let files: Vec<_> = configs.iter().map(|config| config.file).collect();
            lines.push(format!("Configs in {folder}: {}", files.join(", ")));
            let first = files.first().copied().unwrap_or_default();
            lines.push(format!("Next: xero-source check --config {folder}/{first}"));
        }
        None => lines.push("For configs of the connector, add --write-configs FOLDER.".to_owned()),
    }
    lines.join("\n")
}

/// A line for each of the first organisations.
fn organisations(playground: &Playground) -> Vec<String> {
    let tenants = &playground.all.tenants;
    let line = |(number, tenant)| {
        playground.sim.world(|world| {
            let note = match world.is_connected(&playground.all.app, tenant) {
                true => "connected",
                false => "not connected",
            };
            let place = world.country(tenant);
            let place = place.map_or(String::new(), |country| format!("{country}, "));
            format!("  {number}  {} ({place}{note})", world.tenant_name(tenant))
        })
    };
    let mut lines: Vec<_> = (1..=LISTED).zip(tenants).map(line).collect();
    if tenants.len() > LISTED {
        lines.push(format!("  and {} more", tenants.len() - LISTED));
    }
    lines
}
