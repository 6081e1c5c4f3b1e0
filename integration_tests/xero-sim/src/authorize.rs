//! The parameters of the authorize page, and the addresses to which it sends the browser back.

use crate::app::AppId;
use crate::identity::Identity;
use crate::log::Request;
use crate::pkce;
use crate::scope;

/// Why the page shows an error. Xero never sends the browser back with one of these, so the app does
/// not learn of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageError {
    UnknownClient,
    /// A custom connection has no authorize page.
    NoSuchGrant,
    InvalidRedirectUri,
    UnsupportedResponseType,
    /// The scope is missing, or one of the scopes is unknown or not assigned to the app. The page
    /// does not say which.
    InvalidScope,
    ChallengeRequired,
    /// The challenge is malformed, or its method is not S256.
    InvalidChallenge,
    /// None of the user's organisations has the id, or there are several for one consent.
    InvalidTenant,
    TwoUncertifiedApps,
}

impl PageError {
    /// The text after `Error: `.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::UnknownClient => "unauthorized_client : Unknown client or client not enabled",
            Self::NoSuchGrant => "unauthorized_client : Invalid grant type for client",
            Self::InvalidRedirectUri => "unauthorized_client : Invalid redirect_uri",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::ChallengeRequired => "invalid_request : code challenge required",
            Self::InvalidChallenge => "invalid_request : Invalid code_challenge",
            Self::InvalidTenant => "invalid_request : Invalid organisation",
            Self::TwoUncertifiedApps => {
                "This organisation already has two uncertified apps. \
                 Disconnect one of them in Xero, or certify this app."
            }
        }
    }

    /// The status of the page. Xero's is 500 for all that is wrong with the address.
    pub(crate) const fn status(self) -> u16 {
        match self {
            Self::TwoUncertifiedApps => 403,
            _ => 500,
        }
    }
}

/// What an app asks the user for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuthorizeRequest {
    pub(crate) app: AppId,
    pub(crate) scopes: Vec<String>,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    state: Option<String>,
}

impl AuthorizeRequest {
    /// Reads and checks the parameters of an address.
    pub(crate) fn read(identity: &Identity, request: &Request) -> Result<Self, PageError> {
        let param = |name| request.param(name).unwrap_or_default();
        let client_id = param("client_id");
        let mut apps = identity.apps();
        let app = apps.find(|app| app.id.as_str() == client_id);
        let app = app.ok_or(PageError::UnknownClient)?;
        if app.only_tenant().is_some() {
            return Err(PageError::NoSuchGrant);
        }
        let redirect_uri = param("redirect_uri").to_owned();
        if !app.redirect_uris.contains(&redirect_uri) {
            return Err(PageError::InvalidRedirectUri);
        }
        if param("response_type") != "code" {
            return Err(PageError::UnsupportedResponseType);
        }
        let scopes = scope::split(param("scope"));
        if scopes.is_empty() || !scopes.iter().all(|scope| app.scopes.contains(scope)) {
            return Err(PageError::InvalidScope);
        }
        let challenge = request.param("code_challenge").map(str::to_owned);
        match &challenge {
            None if app.secret.is_none() => return Err(PageError::ChallengeRequired),
            None => {}
            Some(text) if param("code_challenge_method") == "S256" && pkce::is_challenge(text) => {}
            Some(_) => return Err(PageError::InvalidChallenge),
        }
        Ok(Self {
            app: app.id.clone(),
            scopes,
            redirect_uri,
            challenge,
            state: request.param("state").map(str::to_owned),
        })
    }

    /// Where the browser goes after the consent.
    pub(crate) fn granted(&self, code: &str, session: &str) -> String {
        let scopes = self.scopes.join(" ");
        self.back(
            &[("code", code), ("scope", &scopes)],
            &[("session_state", session)],
        )
    }

    /// Where the browser goes after "Cancel".
    pub(crate) fn denied(&self) -> String {
        let error = [
            ("error", "access_denied"),
            ("error_description", "TenantConsent status DENIED"),
        ];
        self.back(&error, &[])
    }

    fn back(&self, before: &[(&str, &str)], after: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(before);
        query.extend_pairs(self.state.iter().map(|state| ("state", state)));
        query.extend_pairs(after);
        let separator = if self.redirect_uri.contains('?') {
            '&'
        } else {
            '?'
        };
        format!("{}{separator}{}", self.redirect_uri, query.finish())
    }
}

#[cfg(test)]
mod tests;
