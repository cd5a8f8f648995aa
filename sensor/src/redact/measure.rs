//! Doors for measuring: which class a value is taken for, what becomes of paths. Hidden, as the first tells of values
//! what no record does.

use apitap_proto::v1::ValueType;

use super::judge::Judge;
use super::names::Name;
use super::path;
use super::segments::How;
use super::{Config, KeyError, Keys};
use crate::endpoints::{self, Hints, Learner};

/// Tells the classes of values, as the whole stage does.
pub struct Classifier(Judge);

impl Classifier {
    /// With the default rules.
    ///
    /// # Errors
    ///
    /// [`KeyError::Random`].
    pub fn new() -> Result<Self, KeyError> {
        Ok(Self(Judge::new(&Keys::ephemeral()?, &Config::default())))
    }

    /// The class a text is reported as: of the whole, else the first inside; `None` for no class.
    pub fn class(&mut self, name: Option<&str>, text: &str) -> Option<&'static str> {
        let name = name.map_or(Name::NONE, |name| self.0.names.look(name.as_bytes()));
        let judgement = self.0.decide(name, ValueType::String, text.as_bytes());
        let mut found = judgement.found.iter().chain(judgement.inside.iter().flatten());
        found.next().map(|found| found.class.name())
    }
}

/// Makes templates of paths and learns them, as the line does.
pub struct Templates {
    judge: Judge,
    learner: Learner,
}

impl Templates {
    /// With the default rules.
    ///
    /// # Errors
    ///
    /// [`KeyError::Random`].
    pub fn new() -> Result<Self, KeyError> {
        let learner = Learner::new(&endpoints::Config::default(), Hints::default());
        Ok(Self { judge: Judge::new(&Keys::ephemeral()?, &Config::default()), learner })
    }

    /// The template that a path of a host has now.
    pub fn template(&mut self, host: &str, path: &str) -> String {
        let rules = self.learner.rules().host(host).cloned();
        self.judge.begin(crate::time::Timestamp::ZERO);
        let mut out = Vec::new();
        path::template(&mut self.judge, &mut out, path.as_bytes(), How::default(), rules.as_deref())
            .template
    }

    /// Learns from a call; `fields`: paths of fields in its answer.
    pub fn call(&mut self, host: &str, method: &str, path: &str, status: u16, fields: &[&str]) {
        let _template = self.template(host, path);
        let trail = &mut self.judge.trail;
        trail.set_method(method);
        fields.iter().for_each(|field| trail.field(endpoints::hash(field.as_bytes())));
        self.learner.learn(host, trail, status);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Users named as words are: one that is often there stands out, and what follows must not be named after it.
    #[test]
    fn nothing_is_named_after_a_hidden_word() {
        let mut made = Templates::new().unwrap();
        for n in 0..4000 {
            let name = ["kim", "lee", "choi", "jung", "yoon", "lim"][n % 6];
            let user =
                format!("/users/{name}{}/profile", (b'a' + u8::try_from(n % 23).unwrap()) as char);
            made.call("h", "GET", &user, 200, &["$.id", "$.name", "$.bio", "$.followers"]);
            made.call(
                "h",
                "GET",
                &format!("/users/brooks/{n}"),
                200,
                &["$.z", "$.y", "$.x", "$.w"],
            );
        }
        let told = made.template("h", "/users/brooks/7");
        assert!(told.starts_with("/users/{fixed_") && told.ends_with("}/{id}"), "{told}");
        assert_eq!(made.template("h", "/users/kima/profile"), "/users/{user_id}/profile");
    }
}
