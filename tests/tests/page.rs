//! The inventory's page in a real browser: by keyboard, on narrow screens, without a network, and running nothing that
//! the traffic brings.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use apitap_tests::browser::Browser;
use apitap_tests::{input, path, run, skip};
use serde_json::json;

/// The page of these captures or record files.
fn page(files: &[PathBuf], folder: &Path) -> PathBuf {
    let page = folder.join("page.html");
    let mut command: Command = run::apitap();
    command.args(["inventory", "--quiet", "--format", "html", "--key"]).arg(run::key());
    command.arg("--out").arg(&page).args(files);
    run::finish(command, Duration::from_secs(60)).ok("inventory");
    page
}

fn captures() -> Vec<PathBuf> {
    let cases = ["shop", "leak", "vulnerable", "tls"];
    cases.map(|case| input(&path("fixtures").join(case)).expect("the fixture is there")).to_vec()
}

/// A browser, or word of why there is none.
fn browser(folder: &Path) -> Option<Browser> {
    let browser = Browser::start(folder);
    if browser.is_none() {
        skip("the page in a browser", "there is no Chromium, or it does not start here");
    }
    browser
}

fn address(page: &Path, view: &str) -> String {
    format!("file://{}{view}", page.display())
}

#[test]
fn the_page_works_by_keyboard() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut browser) = browser(folder.path()) else { return };
    let page = page(&captures(), folder.path());
    browser.open(&address(&page, ""), 1280, 900);
    let focused = "document.activeElement.getAttribute('aria-label') || document.activeElement.id || document.activeElement.textContent";
    let rows = "document.querySelectorAll('#rows tbody tr').length";
    let all = browser.value(rows).as_u64().unwrap();

    browser.press("/");
    assert_eq!(browser.value(focused), "search");
    for key in ["u", "s", "e", "r", "s"] {
        browser.press(key);
    }
    let found = browser.value(rows).as_u64().unwrap();
    assert!(0 < found && found < all, "{found} of {all}");
    // Past the filters and headings to the first endpoint.
    for _ in 0..30 {
        browser.press("Tab");
        if browser.value(focused).as_str().is_some_and(|name| name.ends_with(", details")) {
            break;
        }
    }
    let endpoint = browser.value(focused).as_str().unwrap().to_owned();
    assert!(endpoint.contains("users"), "{endpoint}");
    let outline = "getComputedStyle(document.activeElement).outlineStyle";
    assert_eq!(browser.value(outline), "solid", "where the focus is can be seen");
    browser.press("Enter");
    assert_eq!(browser.value("document.getElementById('detail').hidden"), false);
    assert_eq!(browser.value(focused).as_str(), endpoint.strip_suffix(", details"));
    browser.press("Escape");
    assert_eq!(browser.value("document.getElementById('detail').hidden"), true);
    assert_eq!(browser.value(focused), endpoint.as_str(), "back where it was");
    assert_eq!(browser.value(rows), found, "the search is still there");

    // A heading sorts, and keeps the focus.
    browser.value("[...document.querySelectorAll('th button')].find((b) => b.textContent === 'Calls').focus()");
    browser.press("Enter");
    assert_eq!(browser.value(focused), "Calls");
    let sorted = "(() => { const calls = [...document.querySelectorAll('#rows td[data-label=Calls]')].map((c) => Number(c.textContent.replaceAll(',', ''))); return calls.every((c, i) => !i || calls[i - 1] >= c); })()";
    assert_eq!(browser.value(sorted), true);
    assert_eq!(
        browser.value("document.querySelector('th[aria-sort=descending]').textContent"),
        "Calls"
    );
    // An entity's calls.
    browser.value("location.hash = 'entities'");
    browser.value("document.querySelector('td .link').focus()");
    browser.press("Enter");
    assert!(
        browser.value("document.querySelectorAll('svg.timeline circle').length").as_u64() > Some(0)
    );
    assert!(browser.complaints.is_empty(), "{:?}", browser.complaints);
}

#[test]
fn every_view_fits_a_narrow_screen_and_asks_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut browser) = browser(folder.path()) else { return };
    let page = page(&captures(), folder.path());
    browser.open(&address(&page, "#entities"), 360, 740);
    let token = browser.value("document.querySelector('td .link').textContent");
    let timeline = format!("#t={}", token.as_str().unwrap());
    for view in ["", "#overview", "#hosts", "#entities", "#unread", "#e0", "#e7", &timeline] {
        browser.open(&address(&page, view), 360, 740);
        let wide = browser.value("document.documentElement.scrollWidth").as_u64();
        assert!(wide <= Some(360), "{view}: {wide:?} pixels wide");
        let cut = "[...document.querySelectorAll('main button, main td, main h2, main label')].filter((e) => { \
                   const box = e.getBoundingClientRect(); return box.width && box.right > 361 && !e.closest('.wide, thead'); }).length";
        assert_eq!(browser.value(cut), 0, "{view}: something is cut off");
        let foreign: Vec<_> = browser
            .requests
            .iter()
            .filter(|asked| !asked.starts_with("file:///") && *asked != "about:blank")
            .collect();
        assert!(foreign.is_empty(), "{view}: {foreign:?}");
        assert!(browser.complaints.is_empty(), "{view}: {:?}", browser.complaints);
    }
}

/// A record file in which every text is markup.
fn hostile(folder: &Path) -> PathBuf {
    let attack = "</script><script>document.title='owned'</script>\u{2028}\u{2029}'\"`${document.title='owned'}\
                  <img src=x onerror=\"document.title='owned'\"><!--";
    let value = json!({"token": {"class": attack, "key_id": "k", "text": attack}});
    let record = json!({
        "id": "1", "protocol": "HTTP1", "operation": attack,
        "request": {
            "start_time": "2026-01-01T00:00:00Z", "method": attack, "host": attack, "path_template": format!("/{attack}"),
            "headers": [{"name": attack, "value": {"kept": attack}}],
        },
        "response": {"start_time": "2026-01-01T00:00:00Z", "status": 200, "latency_ns": "1000",
            "body": {"media_type": attack, "format": "json", "fields": [{"path": attack, "types": ["STRING"], "count": 1, "value": value}]}},
        "auth": {"scheme": attack},
        "entities": [{"kind": "USER", "value": value, "location": attack}],
        "findings": [{"class": attack, "location": "response.body:$", "labels": [attack]}],
        "signals": [{"id": attack, "severity": "HIGH", "owasp": [attack]}],
    });
    let file = folder.join("hostile.jsonl");
    fs::write(&file, format!("{record}\n")).unwrap();
    file
}

#[test]
fn nothing_of_the_traffic_runs_in_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let page = page(&[hostile(folder.path())], folder.path());
    let text = fs::read_to_string(&page).unwrap();
    assert!(!text.contains("</script><script>document"), "the data ends its block");
    let Some(mut browser) = browser(folder.path()) else { return };
    for view in ["", "#e0", "#entities", "#hosts", "#overview", "timeline"] {
        match view {
            "timeline" => {
                browser.open(&address(&page, "#entities"), 1280, 900);
                browser.value("document.querySelector('td .link').click()");
                browser.value("new Promise((done) => setTimeout(done, 50))");
                assert_eq!(
                    browser.value("document.querySelectorAll('svg.timeline circle').length"),
                    1
                );
            }
            view => browser.open(&address(&page, view), 1280, 900),
        }
        assert_eq!(browser.value("document.title"), "API inventory", "{view}");
        assert_eq!(browser.value("document.querySelectorAll('script').length"), 2, "{view}");
        assert_eq!(browser.value("document.querySelectorAll('img').length"), 0, "{view}");
        let shown = browser.value("document.body.innerText");
        let shown = shown.as_str().unwrap();
        assert!(
            shown.contains("1 endpoints of 1 hosts, 1 calls"),
            "{view}: the page was not drawn"
        );
        if view != "#overview" {
            assert!(shown.contains("<img src=x"), "{view}: the text is shown as text");
        }
        assert!(browser.complaints.is_empty(), "{view}: {:?}", browser.complaints);
    }
    // The judge does see a script that runs against the policy.
    let refused = "(() => { const made = document.createElement('script'); made.textContent = \"document.title = 'owned'\"; \
                   document.body.append(made); return document.title; })()";
    assert_eq!(browser.value(refused), "API inventory");
    assert!(!browser.complaints.is_empty(), "the policy refused it, and said so");
}
