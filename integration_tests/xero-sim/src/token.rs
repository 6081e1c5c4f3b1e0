//! The form of tokens: RS256-shaped JWTs with Xero's claims, and opaque strings.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::app::{App, AppId, AppKind};
use crate::clock::Millis;
use crate::clock::SECOND;
use crate::guid::Guid;

/// The access that a token grants.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) app: AppId,
    pub(crate) scopes: Vec<String>,
    /// The consent that it came from; `/connections?authEventId=` filters by it.
    pub(crate) auth_event: Guid,
    /// The consenting user; a custom connection acts for none.
    pub(crate) user: Option<Guid>,
}

/// The e-mail address of the user.
pub(crate) const EMAIL: &str = "hello@example.com";

impl Grant {
    fn allows(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }
}

/// Writes an access token for an app, JWT or opaque as the app has it.
pub(crate) fn access(
    app: &App,
    grant: &Grant,
    now: Millis,
    expires: Millis,
    rng: &mut fastrand::Rng,
) -> String {
    if app.opaque {
        return opaque(rng);
    }
    let mut claims = json!({
        "nbf": now / SECOND,
        "exp": expires / SECOND,
        "iss": "https://identity.xero.com",
        "aud": "https://identity.xero.com/resources",
        "client_id": app.id.as_str(),
        "jti": format!("{:032X}", rng.u128(..)),
        "authentication_event_id": grant.auth_event.to_string(),
        "scope": grant.scopes,
    });
    if let Some(user) = grant.user {
        claims["sub"] = format!("{:032x}", user.0).into();
        claims["auth_time"] = (now / SECOND).into();
        claims["idp"] = "local".into();
        claims["xero_userid"] = user.to_string().into();
        claims["global_session_id"] = format!("{:032x}", grant.auth_event.0).into();
        claims["amr"] = json!(["pwd"]);
    }
    signed(&claims, rng)
}

/// Writes the id token that comes with the tokens of a user who consented to `openid`.
pub(crate) fn identity(
    grant: &Grant,
    now: Millis,
    expires: Millis,
    rng: &mut fastrand::Rng,
) -> Option<String> {
    let user = grant.user.filter(|_| grant.allows("openid"))?;
    let claims = json!({
        "nbf": now / SECOND,
        "exp": expires / SECOND,
        "iss": "https://identity.xero.com",
        "aud": grant.app.as_str(),
        "iat": now / SECOND,
        "sub": format!("{:032x}", user.0),
        "xero_userid": user.to_string(),
        "email": EMAIL,
        "given_name": "Aroha",
        "family_name": "Ngata",
    });
    Some(signed(&claims, rng))
}

/// A random string in base64url: refresh tokens, codes and opaque access tokens.
pub(crate) fn opaque(rng: &mut fastrand::Rng) -> String {
    noise(rng, 32)
}

/// Whether a set of tokens for this app carries a refresh token.
pub(crate) fn is_refreshable(app: &App, grant: &Grant) -> bool {
    !matches!(app.kind, AppKind::CustomConnection(_)) && grant.allows("offline_access")
}

/// Nobody but Xero can check the signature of a Xero token, so noise of its length will do.
fn signed(claims: &Value, rng: &mut fastrand::Rng) -> String {
    let header = json!({
        "alg": "RS256",
        "kid": "1CAF8E66772D6DC028D6726FD0261581570EFC19",
        "typ": "JWT",
        "x5t": "HK-OZncttcAo1nJvz0JhWBVw78GQ",
    });
    let header = URL_SAFE_NO_PAD.encode(header.to_string());
    let payload = URL_SAFE_NO_PAD.encode(claims.to_string());
    format!("{header}.{payload}.{}", noise(rng, 256))
}

fn noise(rng: &mut fastrand::Rng, bytes: usize) -> String {
    let mut buffer = vec![0; bytes];
    rng.fill(&mut buffer);
    URL_SAFE_NO_PAD.encode(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_token_holds_its_scopes_and_its_expiry() {
        let mut rng = fastrand::Rng::with_seed(1);
        let app = App::web("id", "secret");
        let grant = Grant {
            app: app.id.clone(),
            scopes: vec!["accounting.settings.read".to_owned()],
            auth_event: Guid(7),
            user: Some(Guid(8)),
        };
        let token = access(&app, &grant, 1_000, 1_801_000, &mut rng);
        let parts: Vec<&str> = token.split('.').collect();
        assert_eq!(parts.len(), 3);
        let payload = URL_SAFE_NO_PAD.decode(parts[1]).expect("base64url");
        let claims: Value = serde_json::from_slice(&payload).expect("JSON");
        assert_eq!(claims["exp"], 1_801);
        assert_eq!(claims["client_id"], "id");
        assert_eq!(claims["authentication_event_id"], Guid(7).to_string());
        assert_eq!(claims["scope"], json!(["accounting.settings.read"]));

        let opaque = access(&app.opaque_tokens(true), &grant, 0, 0, &mut rng);
        assert!(!opaque.contains('.'), "{opaque}");
    }
}
