//! The inventory as one page.
use super::Report;
/// The page.
///
/// # Errors
///
/// When the report has no JSON form.
pub fn page(report: &Report<'_>) -> Result<String, serde_json::Error> {
    serde_json::to_string(report)
}
