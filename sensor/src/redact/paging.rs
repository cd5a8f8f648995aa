//! Pages: which part of a list a request asks for, and whether the answer says that there is more.
//!
//! By names of parameters and members, as APIs call them. Names that mean other things as well (`size`, `after`) count
//! only beside one that does not.

use apitap_proto::v1::{ValueType, pagination::Style};

use super::{schema, wire, words};

/// Longest name looked at, `_`, `-`, `.`, `$` and `@` left out.
const NAME_MAX: usize = 20;

/// What a name means for pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Nothing.
    #[default]
    None,
    /// Number of the page.
    Page,
    /// Items to leave out.
    Offset,
    /// Items of a page.
    Limit,
    /// Where to go on.
    Cursor,
    /// Items of a page, beside another.
    WeakLimit,
    /// Items to leave out, beside another.
    WeakOffset,
    /// Where to go on, beside another.
    WeakCursor,
}

/// What a member of an answer means for pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Told {
    /// Nothing.
    #[default]
    None,
    /// Where the next page is.
    Next,
    /// Whether there is more.
    More,
    /// Whether this is the last page.
    Last,
    /// How many items there are in all.
    Total,
}

/// A name in lower case, without what joins its words; `None` when it is too long.
fn flat<'r>(name: &[u8], room: &'r mut [u8; NAME_MAX]) -> Option<&'r [u8]> {
    if name.len() > NAME_MAX.saturating_add(6) {
        return None;
    }
    let mut len = 0_usize;
    for b in name.iter().filter(|b| b.is_ascii_alphanumeric()) {
        *room.get_mut(len)? = b.to_ascii_lowercase();
        len = len.saturating_add(1);
    }
    room.get(..len)
}

/// What a parameter or member of a request means.
pub(crate) fn asked(name: &[u8]) -> Mark {
    let mut room = [0; NAME_MAX];
    match flat(name, &mut room).unwrap_or_default() {
        b"page" | b"pageno" | b"pagenum" | b"pagenumber" | b"pageindex" | b"currentpage" => {
            Mark::Page
        }
        b"offset" | b"skip" | b"startindex" | b"startrow" => Mark::Offset,
        b"limit" | b"pagesize" | b"perpage" | b"pagelimit" | b"maxresults" | b"numofrows"
        | b"itemsperpage" => Mark::Limit,
        b"cursor" | b"pagetoken" | b"nextpagetoken" | b"nexttoken" | b"continuationtoken"
        | b"searchafter" | b"nextpage" | b"startingafter" | b"endingbefore" | b"scrollid"
        | b"exclusivestartkey" | b"pagecursor" => Mark::Cursor,
        b"size" | b"first" | b"last" | b"top" | b"rows" | b"take" | b"count" => Mark::WeakLimit,
        b"start" | b"from" => Mark::WeakOffset,
        b"after" | b"before" | b"marker" | b"sinceid" | b"maxid" => Mark::WeakCursor,
        _ => Mark::None,
    }
}

/// What a member of an answer means. `above`: the name of what it stands in.
pub(crate) fn told(name: &[u8], above: &[u8]) -> Told {
    let mut room = [0; NAME_MAX];
    match flat(name, &mut room).unwrap_or_default() {
        b"nextpage" | b"nextcursor" | b"nextpagetoken" | b"nexttoken" | b"continuationtoken"
        | b"nextlink" | b"odatanextlink" | b"scrollid" => Told::Next,
        b"hasmore" | b"hasnext" | b"hasnextpage" => Told::More,
        b"totalcount" | b"totalelements" | b"totalresults" | b"totalitems" | b"totalrecords"
        | b"totalrows" | b"totalcnt" | b"odatacount" => Told::Total,
        b"total" | b"count" if pages(above) => Told::Total,
        b"next" if pages(above) || above == b"links" || above == b"_links" => Told::Next,
        b"last" if pages(above) => Told::Last,
        _ => Told::None,
    }
}

fn pages(above: &[u8]) -> bool {
    matches!(
        above,
        b"page"
            | b"paging"
            | b"pagination"
            | b"pageInfo"
            | b"page_info"
            | b"meta"
            | b"_meta"
            | b"pageable"
    )
}

/// What a request or answer says of pages.
#[derive(Default)]
pub(crate) struct Page {
    page: Option<u64>,
    offset: Option<u64>,
    limit: Option<u64>,
    weak_offset: Option<u64>,
    weak_limit: Option<u64>,
    cursor: bool,
    weak_cursor: bool,
    more: Option<bool>,
    /// Items in all.
    pub(crate) total: Option<u64>,
    /// Where the first of these stands.
    location: String,
}

impl Page {
    /// Takes up a value of a request. `place` writes where it stands.
    pub(crate) fn ask(&mut self, mark: Mark, text: &[u8], place: impl FnOnce(&mut String)) {
        let number = || (text.len() <= 18).then(|| words::integer(text)).flatten();
        match mark {
            Mark::None => return,
            Mark::Cursor if !text.is_empty() => self.cursor = true,
            Mark::WeakCursor if !text.is_empty() => return self.weak_cursor = true,
            Mark::WeakLimit => return self.weak_limit = self.weak_limit.or_else(number),
            Mark::WeakOffset => return self.weak_offset = self.weak_offset.or_else(number),
            Mark::Cursor | Mark::WeakCursor => return,
            Mark::Page | Mark::Offset | Mark::Limit => {
                let Some(number) = number() else { return };
                let slot = match mark {
                    Mark::Page => &mut self.page,
                    Mark::Offset => &mut self.offset,
                    _ => &mut self.limit,
                };
                *slot = slot.or(Some(number));
            }
        }
        if self.location.is_empty() {
            place(&mut self.location);
        }
    }

    /// Takes up a value of an answer.
    pub(crate) fn tell(
        &mut self,
        told: Told,
        kind: ValueType,
        text: &[u8],
        place: impl FnOnce(&mut String),
    ) {
        let yes = text == b"true";
        match told {
            Told::None => return,
            Told::Total => {
                self.total = self.total.or_else(|| words::integer(text));
                return;
            }
            Told::Next => {
                let more = kind != ValueType::Null && !text.is_empty();
                self.more = Some(self.more.unwrap_or(false) || more);
            }
            Told::More if kind == ValueType::Boolean => self.more = Some(yes),
            Told::Last if kind == ValueType::Boolean => self.more = Some(!yes),
            Told::More | Told::Last => return,
        }
        if self.location.is_empty() {
            place(&mut self.location);
        }
    }

    /// Both together, this one's values before those of `other`.
    pub(crate) fn merged(self, other: Self) -> Self {
        Self {
            page: self.page.or(other.page),
            offset: self.offset.or(other.offset),
            limit: self.limit.or(other.limit),
            weak_offset: self.weak_offset.or(other.weak_offset),
            weak_limit: self.weak_limit.or(other.weak_limit),
            cursor: self.cursor || other.cursor,
            weak_cursor: self.weak_cursor || other.weak_cursor,
            more: self.more.or(other.more),
            total: self.total.or(other.total),
            location: if self.location.is_empty() { other.location } else { self.location },
        }
    }

    /// Writes the message `Pagination` as field `field`, if there is something to tell. Numbers above `kept_max` stay
    /// where they are.
    pub(crate) fn write(&self, field: u32, kept_max: u64, out: &mut Vec<u8>) {
        use schema::pagination as own;
        if self.location.is_empty() {
            return;
        }
        let offset = self.offset.or(self.weak_offset);
        let style = if self.cursor || self.weak_cursor {
            Style::Cursor
        } else if self.page.is_some() {
            Style::Page
        } else if offset.is_some() {
            Style::Offset
        } else {
            Style::Unspecified
        };
        let open = wire::open(out, field);
        wire::enumeration(out, own::STYLE, style);
        let numbers = [
            (own::PAGE, self.page),
            (own::OFFSET, offset),
            (own::LIMIT, self.limit.or(self.weak_limit)),
        ];
        for (field, number) in numbers {
            if let Some(number) = number.filter(|number| *number <= kept_max) {
                wire::present(out, field, number);
            }
        }
        if let Some(more) = self.more {
            wire::present(out, own::MORE, more.into());
        }
        wire::text(out, own::LOCATION, &self.location);
        wire::close(out, open);
    }
}

/// A count as it leaves: itself up to `kept_max`, else its first two digits.
pub(crate) fn rounded(count: u64, kept_max: u64) -> u64 {
    if count <= kept_max {
        return count;
    }
    let digits = count.checked_ilog10().unwrap_or(0).saturating_sub(1);
    let unit = 10_u64.saturating_pow(digits).max(1);
    (count / unit).saturating_mul(unit)
}

#[cfg(test)]
mod tests {
    use apitap_proto::v1;
    use prost::Message as _;

    use super::*;

    fn written(page: &Page) -> Option<v1::Pagination> {
        let mut out = Vec::new();
        page.write(schema::request::PAGINATION, 9999, &mut out);
        v1::Request::decode(out.as_slice()).unwrap().pagination
    }

    fn of(parameters: &[(&str, &str)]) -> Option<v1::Pagination> {
        let mut page = Page::default();
        for (name, text) in parameters {
            page.ask(asked(name.as_bytes()), text.as_bytes(), |place| place.push_str(name));
        }
        written(&page)
    }

    #[test]
    fn pages_are_told_by_name() {
        for (parameters, style, numbers) in [
            (&[("page", "3"), ("size", "20")][..], Style::Page, (Some(3), None, Some(20))),
            (&[("pageNo", "1"), ("numOfRows", "10")], Style::Page, (Some(1), None, Some(10))),
            (&[("$skip", "40"), ("$top", "20")], Style::Offset, (None, Some(40), Some(20))),
            (&[("cursor", "eyJpZCI6NDJ9"), ("limit", "50")], Style::Cursor, (None, None, Some(50))),
            (&[("next_page", "42"), ("limit", "500")], Style::Cursor, (None, None, Some(500))),
            (&[("limit", "100000")], Style::Unspecified, (None, None, None)),
        ] {
            let told = of(parameters).unwrap();
            assert_eq!((told.style(), (told.page, told.offset, told.limit)), (style, numbers));
            assert_eq!(
                told.location,
                if told.offset.is_some() { "$skip" } else { parameters[0].0 }
            );
        }
        for none in
            [&[("size", "42"), ("after", "2026-01-01")][..], &[("page", "about")], &[("q", "1")]]
        {
            assert_eq!(of(none), None, "{none:?}");
        }
    }

    #[test]
    fn answers_say_whether_there_is_more() {
        use ValueType::{Boolean, Integer, Null, String};
        for (name, above, kind, text, more) in [
            ("next_page", "$", String, "42", Some(true)),
            ("nextCursor", "$", Null, "null", Some(false)),
            ("hasMore", "$", Boolean, "true", Some(true)),
            ("last", "page", Boolean, "true", Some(false)),
            ("last", "name", Boolean, "true", None),
            ("next", "links", String, "https://x", Some(true)),
        ] {
            let mut page = Page::default();
            let told = told(name.as_bytes(), above.as_bytes());
            page.tell(told, kind, text.as_bytes(), |place| place.push_str(name));
            assert_eq!(written(&page).and_then(|page| page.more), more, "{name}");
        }
        let mut page = Page::default();
        page.tell(told(b"totalElements", b"$"), Integer, b"123456", |_| ());
        assert_eq!((page.total, written(&page)), (Some(123_456), None));
        // Money is no count.
        assert_eq!(told(b"total", b"order"), Told::None);
    }

    #[test]
    fn large_counts_are_rounded() {
        assert_eq!(rounded(9999, 9999), 9999);
        assert_eq!(rounded(123_456, 9999), 120_000);
        assert_eq!(rounded(u64::MAX, 0), 18_000_000_000_000_000_000);
        assert_eq!(rounded(7, 0), 7);
    }
}
