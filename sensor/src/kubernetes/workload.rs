//! The workload behind a pod, by its controller.
//!
//! Pods name the object that made them, which for the usual workloads is itself made by another: a `Deployment`
//! makes a `ReplicaSet` named `<deployment>-<pod-template-hash>`, a `CronJob` makes a `Job` named
//! `<cronjob>-<minutes since 1970>` (seconds before Kubernetes 1.21). Cutting those suffixes spares watching
//! two more kinds of objects.

use super::object::{Metadata, Owner};

/// A time in a `Job`'s name is taken for its schedule when its pod was made within this many seconds.
const SCHEDULE_SECONDS: i64 = 2 * 86_400;

/// Kind and name of the workload that a pod belongs to: `("Deployment", "shop")`. `None` for bare and static
/// pods.
pub(super) fn workload(pod: &Metadata) -> Option<(String, String)> {
    let owners = pod.owner_references.as_deref().unwrap_or_default();
    let owner = owners.iter().find(|owner| owner.controller.unwrap_or_default())?;
    match owner.kind.as_str() {
        // A static pod: its kubelet made it.
        "Node" => None,
        "ReplicaSet" => Some(deployment(pod, owner).unwrap_or_else(|| named(owner))),
        "Job" => Some(cron_job(pod, owner).unwrap_or_else(|| named(owner))),
        _ => Some(named(owner)),
    }
}

fn named(owner: &Owner) -> (String, String) {
    (owner.kind.clone(), owner.name.clone())
}

fn deployment(pod: &Metadata, owner: &Owner) -> Option<(String, String)> {
    let hash = pod.labels.as_ref()?.pod_template_hash.as_deref().filter(|hash| !hash.is_empty())?;
    let name = owner.name.strip_suffix(hash)?.strip_suffix('-').filter(|name| !name.is_empty())?;
    Some(("Deployment".to_owned(), name.to_owned()))
}

fn cron_job(pod: &Metadata, owner: &Owner) -> Option<(String, String)> {
    let (name, digits) = owner.name.rsplit_once('-').filter(|(name, _)| !name.is_empty())?;
    let number = digits
        .bytes()
        .all(|octet| octet.is_ascii_digit())
        .then(|| digits.parse::<i64>().ok())
        .flatten()?;
    let made = pod.creation_timestamp.as_deref()?.parse::<jiff::Timestamp>().ok()?.as_second();
    let near = |time: i64| time.abs_diff(made) <= SCHEDULE_SECONDS.unsigned_abs();
    let scheduled = near(number.saturating_mul(60)) || near(number);
    scheduled.then(|| ("CronJob".to_owned(), name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::object::Labels;
    use super::*;

    fn pod(kind: &str, name: &str, hash: Option<&str>) -> Metadata {
        let owner = Owner { kind: kind.into(), name: name.into(), controller: Some(true) };
        Metadata {
            owner_references: Some(vec![owner]),
            labels: Some(Labels {
                pod_template_hash: hash.map(str::to_owned),
                ..Labels::default()
            }),
            creation_timestamp: Some("2026-11-22T06:00:03Z".into()),
            ..Metadata::default()
        }
    }

    fn of(kind: &str, name: &str, hash: Option<&str>) -> Option<String> {
        workload(&pod(kind, name, hash)).map(|(kind, name)| format!("{kind}/{name}"))
    }

    #[test]
    fn a_replica_set_is_cut_to_its_deployment() {
        let hash = Some("6f7b9c5d4");
        assert_eq!(of("ReplicaSet", "shop-api-6f7b9c5d4", hash).unwrap(), "Deployment/shop-api");
        // Not made by a Deployment, or not by this one.
        assert_eq!(of("ReplicaSet", "shop", None).unwrap(), "ReplicaSet/shop");
        assert_eq!(of("ReplicaSet", "shop-abc", hash).unwrap(), "ReplicaSet/shop-abc");
        assert_eq!(
            of("ReplicaSet", "shop-6f7b9c5d4", Some("")).unwrap(),
            "ReplicaSet/shop-6f7b9c5d4"
        );
        assert_eq!(of("ReplicaSet", "-6f7b9c5d4", hash).unwrap(), "ReplicaSet/-6f7b9c5d4");
    }

    #[test]
    fn a_scheduled_job_is_cut_to_its_cron_job() {
        // 29,755,080 minutes, or 1,785,304,800 seconds: 06:00 on the day the pod was made.
        let minutes = "2026-11-22T06:00:00Z".parse::<jiff::Timestamp>().unwrap().as_second() / 60;
        assert_eq!(of("Job", &format!("bill-{minutes}"), None).unwrap(), "CronJob/bill");
        assert_eq!(of("Job", &format!("bill-{}", minutes * 60), None).unwrap(), "CronJob/bill");
        // A date, a plain number, no number, nothing before it.
        for name in ["bill-20261122", "bill-7", "bill", "bill-", "bill-99999999999999999999"] {
            assert_eq!(of("Job", name, None).unwrap(), format!("Job/{name}"));
        }
        assert_eq!(of("Job", &format!("-{minutes}"), None).unwrap(), format!("Job/-{minutes}"));
    }

    #[test]
    fn other_owners_are_the_workload() {
        assert_eq!(of("StatefulSet", "db", None).unwrap(), "StatefulSet/db");
        assert_eq!(of("DaemonSet", "apitap", None).unwrap(), "DaemonSet/apitap");
        assert_eq!(of("Node", "node-a", None), None);
        assert_eq!(workload(&Metadata::default()), None);
        let mut shared = pod("StatefulSet", "db", None);
        shared.owner_references.as_mut().unwrap()[0].controller = None;
        assert_eq!(workload(&shared), None);
    }
}
