//! Why values leave as they do: for people who check a policy. Never the values.

use super::RuleId;
use crate::redact::class::Class;
use crate::redact::detect::Confidence;
use crate::redact::found::Place;
use crate::redact::judge::{Judgement, Way};

/// Most rows of one call.
const ROWS_MAX: usize = 4096;
/// Rows looked at for one that is the same.
const LOOK_BACK: usize = 64;

/// Which built-in rule decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// Nothing spoke for letting more than its shape leave.
    Default,
    /// What its name says.
    Dictionary,
    /// What its form says.
    Detector,
    /// What a configured detector says.
    Own,
    /// Something sensitive is in it.
    Contains,
    /// It has the form of an identifier.
    Identifier,
    /// It is a parameter of a path.
    Parameter,
    /// What stands in this place is a token.
    Place,
    /// It is a date, and the policy lets dates through.
    Date,
    /// Bytes were lost around it.
    Broken,
    Null,
    Boolean,
    SmallInteger,
    EnumWord,
    Code,
    Version,
    Flag,
    /// A value that this header field is known to have.
    KnownValue,
}

impl Why {
    fn id(self, class: Option<Class>) -> String {
        let of = |rule: &str| {
            let class = class.map_or("id", Class::name);
            format!("{rule}:{class}")
        };
        match self {
            Self::Default => "default:shape".into(),
            Self::Dictionary => of("dictionary"),
            Self::Detector | Self::Own => of("detector"),
            Self::Contains => "contains:sensitive".into(),
            Self::Identifier => "form:identifier".into(),
            Self::Parameter => "path:parameter".into(),
            Self::Place => of("place"),
            Self::Date => "keep:date".into(),
            Self::Broken => "default:bytes_lost".into(),
            Self::Null => "keep:null".into(),
            Self::Boolean => "keep:boolean".into(),
            Self::SmallInteger => "keep:small_integer".into(),
            Self::EnumWord => "keep:enum_word".into(),
            Self::Code => "keep:code".into(),
            Self::Version => "keep:version".into(),
            Self::Flag => "keep:flag".into(),
            Self::KnownValue => "keep:known_value".into(),
        }
    }
}

/// One decision of a call: where, what, by which rule. Equal ones at one place are counted together.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Explanation {
    /// Where: `request.body:$.card.number`.
    pub location: String,
    /// The data class found; empty when none was.
    pub class: &'static str,
    /// `keep`, `token`, `shape`, `mask` or `drop`.
    pub action: &'static str,
    /// What decided: the name of a configured rule, `class:pan` for an action of a class, else a built-in rule.
    pub rule: String,
    /// `low`, `medium` or `high`; empty when no class was found.
    pub confidence: &'static str,
    /// Values decided so at this place.
    pub count: u64,
}

/// The decisions of one call.
#[derive(Default)]
pub(crate) struct Explained {
    pub(crate) rows: Vec<Explanation>,
    /// Decisions, however many of them are alike.
    pub(crate) count: u64,
    ids: Vec<String>,
}

impl Explained {
    /// With the ids of configured rules, as [`super::ids`] gives them.
    pub(crate) const fn new(ids: Vec<String>) -> Self {
        Self { rows: Vec::new(), count: 0, ids }
    }

    /// Forgets the call before.
    pub(crate) fn clear(&mut self) {
        self.rows.clear();
        self.count = 0;
    }

    /// Adds a decision.
    pub(crate) fn add(&mut self, place: Place<'_>, judgement: &Judgement) {
        self.count = self.count.saturating_add(1);
        let action = match judgement.way {
            Way::Keep | Way::Day => "keep",
            Way::Mask(_) => "mask",
            Way::Token(_) => "token",
            Way::Shape => "shape",
            Way::Drop => "drop",
        };
        let found = judgement.found.or_else(|| judgement.inside.iter().copied().flatten().next());
        let rule = match self.configured(judgement.rule) {
            Some(id) => id.to_owned(),
            None => judgement.why.id(judgement.found.map(|found| found.class)),
        };
        let class = match (found, judgement.way) {
            (Some(found), _) => found.class.name(),
            (None, Way::Token(class)) => class.name(),
            (None, _) => "",
        };
        let confidence = match found.map(|found| found.confidence) {
            None => "",
            Some(Confidence::Low) => "low",
            Some(Confidence::Medium) => "medium",
            Some(Confidence::High) => "high",
        };
        let location = format!("{}{}", place.part, place.path);
        let row = Explanation { location, class, action, rule, confidence, count: 1 };
        let same = |known: &&mut Explanation| row == Explanation { count: 1, ..(**known).clone() };
        let full = self.rows.len() >= ROWS_MAX;
        match self.rows.iter_mut().rev().take(LOOK_BACK).find(same) {
            Some(known) => known.count = known.count.saturating_add(1),
            None if !full => self.rows.push(row),
            None => {}
        }
    }

    fn configured(&self, rule: RuleId) -> Option<&str> {
        let index = usize::from(rule).checked_sub(1)?;
        self.ids.get(index).map(String::as_str)
    }
}
