//! The inventory as one page: data, style and script in one file that asks nothing of any network.
//!
//! The data is a JSON block in which `<` is escaped, so no text of the traffic can end it; the script puts text
//! on the page as text only. A policy in the page lets nothing run but that script, by its hash.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest;

use super::Report;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
const BODY: &str = include_str!("page.html");

/// The page.
///
/// # Errors
///
/// When the report has no JSON form.
pub fn page(report: &Report<'_>) -> Result<String, serde_json::Error> {
    let data = escaped(&serde_json::to_string(report)?);
    let policy = [
        "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-",
        &hash(STYLE),
        "'; script-src 'sha256-",
        &hash(SCRIPT),
        "'",
    ]
    .concat();
    Ok([
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
        "<meta http-equiv=\"Content-Security-Policy\" content=\"",
        &policy,
        "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
        "<meta name=\"referrer\" content=\"no-referrer\">\n",
        "<title>API inventory</title>\n<style>",
        STYLE,
        "</style>\n</head>\n<body>\n",
        BODY,
        "<script type=\"application/json\" id=\"data\">",
        &data,
        "</script>\n<script>",
        SCRIPT,
        "</script>\n</body>\n</html>\n",
    ]
    .concat())
}

fn hash(text: &str) -> String {
    STANDARD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

/// JSON that can stand in HTML: these characters are only in strings, where JSON has another way to write them.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use apitap_proto::v1;
    use proptest::prelude::*;

    use super::super::Inventory;
    use super::*;

    fn of_path(path: &str) -> String {
        let mut inventory = Inventory::default();
        inventory.push(&v1::CallRecord {
            request: Some(v1::Request {
                host: path.into(),
                method: path.into(),
                path_template: path.into(),
                ..v1::Request::default()
            }),
            ..v1::CallRecord::default()
        });
        page(&Report::new(&inventory, None)).unwrap()
    }

    #[test]
    fn no_text_ends_the_data() {
        let page = of_path("/</script><script>alert(1)</script><!--&\u{2028}");
        assert_eq!(page.matches("<script").count(), 2);
        assert_eq!(page.matches("</script").count(), 2);
        assert!(!page.contains("<!--"));
        assert!(page.contains("\\u003c/script\\u003e"));
    }

    #[test]
    fn the_page_asks_nothing_of_a_network() {
        let page = of_path("/v1");
        for word in ["http://", "https://", "src=", "href=", "url(", "@import", "fetch(", "XMLHttp"]
        {
            // The name of a namespace is no address to fetch.
            let text = page.replace("http://www.w3.org/2000/svg", "");
            assert!(!text.contains(word), "{word}");
        }
        for word in
            ["innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "Function("]
        {
            assert!(!SCRIPT.contains(word), "{word}");
        }
        assert!(page.contains(&format!("script-src 'sha256-{}'", hash(SCRIPT))));
        assert!(
            !BODY.contains("style=") && !BODY.contains(" onc"),
            "the policy refuses inline code"
        );
    }

    proptest! {
        #[test]
        fn data_survives(path in any::<String>()) {
            let page = of_path(&path);
            let (_, rest) = page.split_once("id=\"data\">").unwrap();
            let (data, _) = rest.split_once("</script>").unwrap();
            let back: serde_json::Value = serde_json::from_str(data).unwrap();
            prop_assert_eq!(back["endpoints"][0]["path"].as_str(), Some(path.as_str()));
        }
    }
}
