//! What is configured of identities and objects.

use std::fmt;

use apitap_proto::v1::entity::Kind;
use serde::{Deserialize, Serialize};

use crate::bounded::within;

/// Most rules.
const RULES_MAX: usize = 128;

/// Who and what takes part in calls, and how calls are linked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Names of fields that name someone or something, besides those known; 128 at most, none by default.
    pub rules: Rules,
    /// How long a session or token that an answer handed out stands for who logged in, in seconds of capture time: 0
    /// (never) to 2,592,000; 86,400 by default.
    #[serde(deserialize_with = "within::<0, 2_592_000, _, _>")]
    pub link_seconds_max: u64,
    /// Most sessions and tokens remembered: 16 to 10,000,000; 65,536 by default. Some 300 bytes each.
    #[serde(deserialize_with = "within::<16, 10_000_000, _, _>")]
    pub links_max: usize,
    /// Largest difference of two ids of a caller that is a step: 0 (none) to 1000; 16 by default.
    #[serde(deserialize_with = "within::<0, 1000, _, _>")]
    pub step_max: u32,
    /// Most places remembered where callers named ids, and as many where they were refused: 16 to 10,000,000; 65,536 by
    /// default. Some 60 bytes each of the former, 100 of the latter.
    #[serde(deserialize_with = "within::<16, 10_000_000, _, _>")]
    pub callers_max: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            rules: Rules::default(),
            link_seconds_max: 86_400,
            links_max: 65_536,
            step_max: 16,
            callers_max: 65_536,
        }
    }
}

impl Config {
    /// Every limit inside its range.
    pub(crate) fn clamped(&self) -> Self {
        Self {
            rules: Rules::default(),
            link_seconds_max: self.link_seconds_max.min(2_592_000),
            links_max: self.links_max.clamp(16, 10_000_000),
            step_max: self.step_max.min(1000),
            callers_max: self.callers_max.clamp(16, 10_000_000),
        }
    }
}

/// Rules, in the order they are tried. None by default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Vec<Rule>", into = "Vec<Rule>")]
pub struct Rules(Vec<Rule>);

/// A field that names someone or something.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Name of the field, or what its name ends with: `ticket` is `x-ticket` and `loginTicket`, too.
    pub field: String,
    /// What it names.
    pub kind: KindName,
    /// Where it counts; everywhere by default.
    #[serde(default)]
    pub location: Location,
}

/// Kinds of entities, as a configuration names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KindName {
    /// An account at a bank or shop.
    Account,
    /// A key or token that callers prove themselves with.
    ApiToken,
    /// Who buys.
    Customer,
    /// A device.
    Device,
    /// A document, contract or file.
    Document,
    /// An invoice.
    Invoice,
    /// Who sells.
    Merchant,
    /// An order.
    Order,
    /// A company or authority.
    Organization,
    /// Another company's system.
    Partner,
    /// A payment.
    Payment,
    /// A login.
    Session,
    /// Whose data it is, where one service has several.
    Tenant,
    /// A person who logs in.
    User,
}

impl KindName {
    /// As records have it.
    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::Account => Kind::Account,
            Self::ApiToken => Kind::ApiToken,
            Self::Customer => Kind::Customer,
            Self::Device => Kind::Device,
            Self::Document => Kind::Document,
            Self::Invoice => Kind::Invoice,
            Self::Merchant => Kind::Merchant,
            Self::Order => Kind::Order,
            Self::Organization => Kind::Organization,
            Self::Partner => Kind::Partner,
            Self::Payment => Kind::Payment,
            Self::Session => Kind::Session,
            Self::Tenant => Kind::Tenant,
            Self::User => Kind::User,
        }
    }
}

/// Parts of a call that a rule may be limited to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum Location {
    /// Everywhere but in claims.
    #[default]
    #[serde(rename = "")]
    Any,
    /// Claims of JSON Web Tokens that callers show.
    #[serde(rename = "request.claim")]
    Claim,
    /// Header fields of the request.
    #[serde(rename = "request.header")]
    RequestHeader,
    /// Cookies of the request.
    #[serde(rename = "request.cookie")]
    RequestCookie,
    /// Parameters of the path, by their names in the template.
    #[serde(rename = "request.path")]
    RequestPath,
    /// Parameters of the query.
    #[serde(rename = "request.query")]
    RequestQuery,
    /// The body of the request.
    #[serde(rename = "request.body")]
    RequestBody,
    /// Header fields of the answer.
    #[serde(rename = "response.header")]
    ResponseHeader,
    /// Cookies that the answer sets.
    #[serde(rename = "response.cookie")]
    ResponseCookie,
    /// The body of the answer.
    #[serde(rename = "response.body")]
    ResponseBody,
}

impl Location {
    /// Whether a part of a call, colon included, is meant.
    pub(super) fn has(self, part: &str) -> bool {
        let own = match self {
            Self::Any => return part != super::CLAIM,
            Self::Claim => super::CLAIM,
            Self::RequestHeader => "request.header:",
            Self::RequestCookie => "request.cookie:",
            Self::RequestPath => "request.path:",
            Self::RequestQuery => "request.query:",
            Self::RequestBody => "request.body:",
            Self::ResponseHeader => "response.header:",
            Self::ResponseCookie => "response.cookie:",
            Self::ResponseBody => "response.body:",
        };
        own == part
    }
}

/// Rules that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesError(String);

impl fmt::Display for RulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Rules {
    /// The rules, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.0.iter()
    }
}

impl TryFrom<Vec<Rule>> for Rules {
    type Error = RulesError;

    fn try_from(rules: Vec<Rule>) -> Result<Self, RulesError> {
        if rules.len() > RULES_MAX {
            return Err(RulesError(format!("there may be {RULES_MAX} entity rules at most")));
        }
        for (rule, place) in rules.iter().zip(1..) {
            let letters = rule.field.chars().any(char::is_alphabetic);
            if !letters || rule.field.len() > 64 {
                let said = "the field must be a name with letters, of 64 octets at most";
                return Err(RulesError(format!("entity rule {place}: {said}")));
            }
        }
        Ok(Self(rules))
    }
}

impl From<Rules> for Vec<Rule> {
    fn from(rules: Rules) -> Self {
        rules.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_cannot_be_used_are_refused() {
        let load = |text: &str| toml::from_str::<Config>(text);
        let text = "[[rules]]\nfield = 'ticket'\nkind = 'session'\nlocation = 'request.header'\n\
                    [[rules]]\nfield = 'shop_ref'\nkind = 'merchant'\n";
        let config = load(text).unwrap();
        assert_eq!(config.rules.iter().count(), 2);
        assert_eq!(load(&toml::to_string(&config).unwrap()).unwrap(), config);
        for (wrong, said) in [
            ("[[rules]]\nfield = '42'\nkind = 'user'", "entity rule 1: the field must be"),
            ("[[rules]]\nfield = 'a'\nkind = 'person'", "unknown variant"),
            ("[[rules]]\nfield = 'a'\nkind = 'user'\nlocation = 'body'", "unknown variant"),
            ("[[rules]]\nname = 'a'\nkind = 'user'", "unknown field"),
        ] {
            let error = load(wrong).unwrap_err().to_string();
            assert!(error.contains(said), "{wrong}: {error}");
        }
    }
}
