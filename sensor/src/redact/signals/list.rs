//! Every signal there is: id, severity, OWASP references. `docs/signals.md` says what each means.

use apitap_proto::v1::signal::Severity;

/// A signal by its position in [`LIST`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Id(pub(crate) u8);

/// What is the same for all signals of one id.
pub(crate) struct Kind {
    /// `jwt.alg_none`
    pub(crate) id: &'static str,
    /// As a rule; the evidence may say more or less.
    pub(crate) severity: Severity,
    /// OWASP API Security Top 10, 2023 before 2019.
    pub(crate) owasp: &'static [&'static str],
}

/// Objects of others.
const OBJECTS: &[&str] = &["API1:2023", "API1:2019"];
const AUTHENTICATION: &[&str] = &["API2:2023", "API2:2019"];
const PROPERTIES: &[&str] = &["API3:2023", "API3:2019"];
const ASSIGNMENT: &[&str] = &["API3:2023", "API6:2019"];
const RESOURCES: &[&str] = &["API4:2023", "API4:2019"];
const FORGERY: &[&str] = &["API7:2023"];
const MISCONFIGURATION: &[&str] = &["API8:2023", "API7:2019"];
/// Injection has no place of its own in the list of 2023.
const INJECTION: &[&str] = &["API8:2023", "API8:2019"];
const INVENTORY: &[&str] = &["API9:2023", "API9:2019"];

macro_rules! list {
    ($($name:ident $id:literal $severity:ident $owasp:ident;)+) => {
        /// Every signal.
        pub(crate) const LIST: &[Kind] = &[
            $(Kind { id: $id, severity: Severity::$severity, owasp: $owasp },)+
        ];
        list!(@ids 0_u8; $($name)+);
    };
    (@ids $at:expr; $name:ident $($rest:ident)*) => {
        pub(crate) const $name: Id = Id($at);
        list!(@ids $at + 1; $($rest)*);
    };
    (@ids $at:expr;) => {
        /// How many there are.
        pub(crate) const COUNT: usize = LIST.len();
    };
}

list! {
    AUTH_MISSING "auth.missing" High AUTHENTICATION;
    AUTH_REFUSALS "auth.success_after_refusals" Medium AUTHENTICATION;
    AUTH_URL "auth.credentials_in_url" High AUTHENTICATION;
    AUTH_BASIC_CLEAR "auth.basic_cleartext" High AUTHENTICATION;
    AUTH_BEARER_CLEAR "auth.bearer_cleartext" Medium AUTHENTICATION;
    JWT_NONE "jwt.alg_none" High AUTHENTICATION;
    JWT_EXPIRED "jwt.expired_accepted" High AUTHENTICATION;
    JWT_NO_EXPIRY "jwt.no_expiry" Medium AUTHENTICATION;
    JWT_NO_AUDIENCE "jwt.no_audience" Info AUTHENTICATION;
    JWT_LONG_LIVED "jwt.long_lived" Low AUTHENTICATION;
    JWT_KEY_HEADER "jwt.key_in_header" Medium AUTHENTICATION;
    DATA_URL "data.sensitive_in_url" Medium PROPERTIES;
    DATA_SECRET "data.secret_returned" High PROPERTIES;
    DATA_CLASSES "data.many_classes" Low PROPERTIES;
    DATA_BULK "data.bulk" Medium PROPERTIES;
    DATA_BEYOND "data.beyond_request" Low PROPERTIES;
    DATA_CACHEABLE "data.cacheable" Low MISCONFIGURATION;
    ERROR_STACK "error.stack_trace" Medium MISCONFIGURATION;
    ERROR_SQL "error.database" Medium INJECTION;
    ERROR_DEBUG "error.debug_page" High MISCONFIGURATION;
    HEADER_VERSION "header.version_banner" Info MISCONFIGURATION;
    HEADER_NOSNIFF "header.no_nosniff" Info MISCONFIGURATION;
    HEADER_HSTS "header.no_hsts" Info MISCONFIGURATION;
    CORS_WILDCARD "cors.wildcard_credentials" Medium MISCONFIGURATION;
    CORS_REFLECTED "cors.foreign_origin_credentials" Medium MISCONFIGURATION;
    CORS_NULL "cors.null_origin" Medium MISCONFIGURATION;
    COOKIE_SECURE "cookie.no_secure" Low MISCONFIGURATION;
    COOKIE_HTTPONLY "cookie.no_httponly" Medium MISCONFIGURATION;
    COOKIE_SAMESITE "cookie.no_samesite" Low MISCONFIGURATION;
    METHOD_TRACE "method.trace" Medium MISCONFIGURATION;
    METHOD_UNUSUAL "method.unusual" Low MISCONFIGURATION;
    METHOD_OVERRIDE "method.override" Low MISCONFIGURATION;
    REQUEST_SSRF "request.ssrf" Medium FORGERY;
    REQUEST_PRIVILEGE "request.privileged_field" Medium ASSIGNMENT;
    REQUEST_PAGE "request.page_size" Low RESOURCES;
    REQUEST_BATCH "request.batch_size" Low RESOURCES;
    GRAPHQL_INTROSPECTION "graphql.introspection" Low MISCONFIGURATION;
    GRAPHQL_DEPTH "graphql.depth" Low RESOURCES;
    RESPONSE_LIMITED "response.rate_limited" Info RESOURCES;
    INJECT_SQL "inject.sql" Medium INJECTION;
    INJECT_NOSQL "inject.nosql" Medium INJECTION;
    INJECT_COMMAND "inject.command" Medium INJECTION;
    INJECT_TRAVERSAL "inject.path_traversal" Medium INJECTION;
    INJECT_TEMPLATE "inject.template" Medium INJECTION;
    INJECT_XXE "inject.xml_entity" Medium INJECTION;
    INJECT_LOG4SHELL "inject.log4shell" High INJECTION;
    INJECT_SCRIPT "inject.script" Low INJECTION;
    OBJECT_SEQUENTIAL "object.sequential" Medium OBJECTS;
    PATH_SECRETS "path.secrets_exposed" High MISCONFIGURATION;
    PATH_DEBUG "path.debug_exposed" Medium MISCONFIGURATION;
    PATH_DOCS "path.documentation_exposed" Low INVENTORY;
    PATH_VERSION "path.old_version" Low INVENTORY;
    API_DEPRECATED "api.deprecated" Low INVENTORY;
    FRAMING_CL_TE "framing.cl_te" High MISCONFIGURATION;
    FRAMING_TE_BAD "framing.te_bad" High MISCONFIGURATION;
    FRAMING_CL_BAD "framing.cl_bad" High MISCONFIGURATION;
    FRAMING_CONNECTION_FIELD "framing.connection_field" High MISCONFIGURATION;
    FRAMING_LENGTH_MISMATCH "framing.length_mismatch" High MISCONFIGURATION;
    FRAMING_PSEUDO_BAD "framing.pseudo_bad" Medium MISCONFIGURATION;
    FRAMING_NAME_CASE "framing.name_case" Medium MISCONFIGURATION;
    FRAMING_CHUNK_BAD "framing.chunk_bad" Medium MISCONFIGURATION;
    FRAMING_WS_COLON "framing.ws_colon" Medium MISCONFIGURATION;
    FRAMING_WS_START "framing.ws_start" Medium MISCONFIGURATION;
    FRAMING_BARE_CR "framing.bare_cr" Medium MISCONFIGURATION;
    FRAMING_HOST_BAD "framing.host_bad" Medium MISCONFIGURATION;
    FRAMING_TRAILING_BYTES "framing.trailing_bytes" Medium MISCONFIGURATION;
    FRAMING_OBS_FOLD "framing.obs_fold" Low MISCONFIGURATION;
    FRAMING_BARE_LF "framing.bare_lf" Low MISCONFIGURATION;
    FRAMING_LINE_WS "framing.line_ws" Low MISCONFIGURATION;
    FRAMING_BAD_BYTES "framing.bad_bytes" Low MISCONFIGURATION;
    FRAMING_BODY_UNEXPECTED "framing.body_unexpected" Low MISCONFIGURATION;
    FRAMING_CODING_RATIO "framing.coding_ratio" Medium RESOURCES;
    FRAMING_HEAD_LIMIT "framing.head_limit" Low RESOURCES;
}

/// No id is outside the list.
static NONE: Kind = Kind { id: "", severity: Severity::Info, owasp: &[] };

impl Id {
    /// Position in the list.
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }

    /// What is the same for all of this id.
    pub(crate) fn kind(self) -> &'static Kind {
        LIST.get(self.index()).unwrap_or(&NONE)
    }

    /// The signal of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let at = LIST.iter().position(|kind| kind.id == name)?;
        u8::try_from(at).ok().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_distinct_and_found_by_name() {
        for (at, kind) in LIST.iter().enumerate() {
            let id = Id::named(kind.id).unwrap();
            assert_eq!(id.index(), at, "{}", kind.id);
            assert!(kind.severity > Severity::Unspecified && !kind.owasp.is_empty());
        }
        assert_eq!(FRAMING_HEAD_LIMIT.index() + 1, COUNT);
        assert!(Id::named("jwt.alg_non").is_none());
    }

    #[test]
    fn every_signal_is_documented() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/signals.md");
        let page = std::fs::read_to_string(page).unwrap();
        let missing: Vec<&str> = LIST
            .iter()
            .filter(|kind| {
                let severity = super::super::config::Level::of(kind.severity).name().to_uppercase();
                let row = format!("| `{}` | {severity} | {} |", kind.id, kind.owasp.join(", "));
                !page.contains(&row)
            })
            .map(|kind| kind.id)
            .collect();
        assert!(missing.is_empty(), "not in docs/signals.md: {missing:?}");
    }
}
