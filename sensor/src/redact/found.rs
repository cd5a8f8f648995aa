//! What was found in a call: findings, objects, entities. Bounded, with totals.

use apitap_proto::v1::{self, entity::Kind, finding};

use super::detect::{Confidence, Found};

/// Where in a call something is: `request.body:` and `$.card.number`.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// Part of the call, colon included.
    pub(crate) part: &'static str,
    /// Name or path inside the part, safe to keep.
    pub(crate) path: &'a str,
}

impl Place<'_> {
    fn text(self) -> String {
        let mut text = String::with_capacity(self.part.len() + self.path.len());
        text.push_str(self.part);
        text.push_str(self.path);
        text
    }

    fn is(self, text: &str) -> bool {
        // Ends differ more often than beginnings.
        text.len() == self.part.len().saturating_add(self.path.len())
            && text.ends_with(self.path)
            && text.starts_with(self.part)
    }
}

/// What was found in one call.
#[derive(Default)]
pub(crate) struct Finds {
    pub(crate) findings: Vec<v1::Finding>,
    pub(crate) findings_total: u32,
    pub(crate) objects: Vec<v1::ObjectRef>,
    pub(crate) objects_total: u32,
    pub(crate) entities: Vec<v1::Entity>,
}

impl Finds {
    /// Adds a finding; equal ones at one place are counted together.
    pub(crate) fn finding(
        &mut self,
        place: Place<'_>,
        found: Found,
        action: finding::Action,
        max: usize,
    ) {
        let class = found.class.name();
        let action = i32::from(action);
        let same =
            |f: &&mut v1::Finding| place.is(&f.location) && f.class == class && f.action == action;
        if let Some(finding) = self.findings.iter_mut().rev().find(same) {
            finding.count = finding.count.saturating_add(1);
            return;
        }
        self.findings_total = self.findings_total.saturating_add(1);
        if self.findings.len() < max {
            let confidence = match found.confidence {
                Confidence::Low => finding::Confidence::Low,
                Confidence::Medium => finding::Confidence::Medium,
                Confidence::High => finding::Confidence::High,
            };
            self.findings.push(v1::Finding {
                class: class.into(),
                labels: found.class.labels().iter().map(|&label| label.into()).collect(),
                location: place.text(),
                count: 1,
                action,
                confidence: confidence.into(),
            });
        }
    }

    /// Counts an object, and says whether there is room to keep it.
    pub(crate) fn object_room(&mut self, max: usize) -> bool {
        self.objects_total = self.objects_total.saturating_add(1);
        self.objects.len() < max
    }

    /// Keeps an object, unless the same token is there under that name and place already.
    pub(crate) fn object(&mut self, name: &str, place: Place<'_>, value: v1::Value, class: &str) {
        let same = |o: &v1::ObjectRef| {
            o.name == name && o.value.as_ref() == Some(&value) && place.is(&o.location)
        };
        if self.objects.iter().any(same) {
            self.objects_total = self.objects_total.saturating_sub(1);
        } else {
            let (name, class) = (name.into(), class.into());
            self.objects.push(v1::ObjectRef {
                name,
                location: place.text(),
                value: Some(value),
                class,
                step: None,
            });
        }
    }

    /// Keeps an entity once per kind and value.
    pub(crate) fn entity(&mut self, kind: Kind, place: Place<'_>, value: &v1::Value, max: usize) {
        let kind = i32::from(kind);
        let known = self.entities.iter().any(|e| e.kind == kind && e.value.as_ref() == Some(value));
        let token = matches!(value.form, Some(v1::value::Form::Token(_)));
        if token && !known && self.entities.len() < max {
            self.entities.push(v1::Entity {
                kind,
                value: Some(value.clone()),
                location: place.text(),
            });
        }
    }
}
