//! Pages of long lists.

use super::phrase::phrase;
use super::{Error, Result};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The requested part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The maximum number of items, 1 to 200.
    pub limit: usize,
    /// The sort key of the last item of the previous page.
    pub after: Option<Vec<String>>,
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Listing<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// The cursor of the next page; `None` at the end.
    pub next: Option<String>,
}

impl Page {
    /// The most bytes of a page whose items can be large.
    pub const MOST_BYTES: usize = 512 * 1024;

    /// Reads `limit` (50 by default) and the cursor of an earlier page.
    ///
    /// # Errors
    /// `Invalid` with field `limit` or `cursor`.
    pub fn parse(limit: Option<&str>, cursor: Option<&str>) -> Result<Self> {
        let limit = match limit {
            None => 50,
            Some(raw) => raw
                .parse()
                .ok()
                .filter(|limit| (1..=200).contains(limit))
                .ok_or_else(|| Error::invalid("limit", phrase!("field-page-limit")))?,
        };
        let after = cursor.filter(|raw| !raw.is_empty()).map(read_cursor).transpose()?;
        Ok(Self { limit, after })
    }

    /// The first page, with the largest limit.
    pub const fn first() -> Self {
        Self { limit: 200, after: None }
    }

    /// The page after a cursor, with the largest limit, for a list that is read to its end.
    ///
    /// # Errors
    /// `Invalid` with field `cursor`.
    pub fn behind(cursor: &str) -> Result<Self> {
        Ok(Self { after: Some(read_cursor(cursor)?), ..Self::first() })
    }

    /// The n-th part of the cursor; empty on the first page.
    pub fn after(&self, n: usize) -> &str {
        self.after.as_ref().and_then(|parts| parts.get(n)).map_or("", String::as_str)
    }

    /// The number of rows to query: one more than the limit shows whether there is a next page.
    pub fn fetch(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(200) + 1
    }

    /// The page of a short list, of which `all` items are given, sorted by `key`, which no two items share. The page
    /// begins after the position of the cursor, so that it is complete if the cursor's item was deleted meanwhile.
    ///
    /// # Errors
    /// `Invalid` with field `cursor` when it is the cursor of another list.
    pub fn part_of<T, K: Ord + Serialize + DeserializeOwned>(
        &self,
        mut all: Vec<T>,
        key: impl Fn(&T) -> K,
    ) -> Result<Listing<T>> {
        let after = self.after.as_ref().map(|_| serde_json::from_str(self.after(0)).map_err(|_| wrong_cursor()));
        if let Some(after) = after.transpose()? {
            all.retain(|one| key(one) > after);
        }
        all.sort_by_cached_key(&key);
        Ok(self.listing(all, |row| vec![position(&key(row))]))
    }

    /// The cursor of the page of `part_of` that begins after this key.
    pub fn cursor_of(key: &impl Serialize) -> String {
        Self::cursor(&[position(key)])
    }

    /// Makes a page of the fetched rows. `key` returns the sort key of a row.
    pub fn listing<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> Vec<String>) -> Listing<T> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let next = rows.last().filter(|_| more).map(|last| Self::cursor(&key(last)));
        Listing { items: rows, next }
    }

    /// As `listing`, but the rows of the page together have at most `most` bytes, unless it has only one row.
    pub fn listing_within<T>(
        &self,
        most: usize,
        bytes: impl Fn(&T) -> usize,
        rows: Vec<T>,
        key: impl Fn(&T) -> Vec<String>,
    ) -> Listing<T> {
        let mut room = most;
        let fits = |row: &&T| {
            let taken = room.checked_sub(bytes(row));
            room = taken.unwrap_or_default();
            taken.is_some()
        };
        let limit = rows.iter().take_while(fits).count().clamp(1, self.limit);
        Self { limit, after: None }.listing(rows, key)
    }

    /// The cursor of the page that begins after this sort key.
    pub fn cursor(key: &[String]) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
    }
}

fn position(key: &impl Serialize) -> String {
    serde_json::to_string(key).unwrap_or_default()
}

impl<T> Listing<T> {
    /// Completes the items one by one, and ends the page before the item with which it would have more than `most`
    /// bytes; the first item always stays.
    ///
    /// `complete` returns the bytes of an item, and `cursor` the cursor of the page that begins after an item.
    ///
    /// # Errors
    /// Those of `complete`.
    pub fn completed(
        mut self,
        most: usize,
        mut complete: impl FnMut(&mut T) -> Result<usize>,
        cursor: impl Fn(&T) -> String,
    ) -> Result<Self> {
        let (mut room, mut fitting) = (most, 0);
        for item in &mut self.items {
            let left = room.checked_sub(complete(item)?);
            if left.is_none() && fitting > 0 {
                break;
            }
            (room, fitting) = (left.unwrap_or_default(), fitting + 1);
        }
        if fitting < self.items.len() {
            self.items.truncate(fitting);
            self.next = self.items.last().map(cursor);
        }
        Ok(self)
    }

    /// The same page with each item converted.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Listing<U> {
        Listing { items: self.items.into_iter().map(make).collect(), next: self.next }
    }
}

fn read_cursor(raw: &str) -> Result<Vec<String>> {
    URL_SAFE_NO_PAD.decode(raw).ok().and_then(|json| serde_json::from_slice(&json).ok()).ok_or_else(wrong_cursor)
}

fn wrong_cursor() -> Error {
    Error::invalid("cursor", phrase!("field-cursor"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_has_a_cursor_for_the_next_and_the_last_has_none() {
        let page = Page::parse(Some("2"), None).expect("usable");
        let listing = page.listing(vec!["a", "b", "c"], |row| vec![(*row).into()]);
        assert_eq!(listing.items, ["a", "b"]);
        let next = Page::parse(Some("2"), listing.next.as_deref()).expect("usable");
        assert_eq!(next.after(0), "b");
        assert!(next.listing(vec!["c"], |row| vec![(*row).into()]).next.is_none());
    }

    #[test]
    fn a_page_of_long_rows_ends_early_and_has_a_cursor() {
        let page = Page::parse(Some("3"), None).expect("usable");
        let of = |most: usize, rows: &[&'static str]| {
            page.listing_within(most, |row| row.len(), rows.to_vec(), |row| vec![(*row).into()])
        };
        let rows = ["aaaa", "bbbb", "cccc", "dddd"];
        for (most, length) in [(100, 3), (12, 3), (11, 2), (4, 1), (3, 1)] {
            let listing = of(most, &rows);
            assert_eq!(listing.items, rows[..length], "{most}");
            let next = Page::parse(None, listing.next.as_deref()).expect("usable");
            assert_eq!(next.after(0), rows[length - 1], "{most}");
        }
        assert!(of(3, &rows[..1]).next.is_none() && of(3, &[]).items.is_empty());
    }

    #[test]
    fn a_page_whose_items_become_large_ends_early_and_has_a_cursor() {
        let page = |most: usize, limit: &str, cursor: Option<&str>| {
            let page = Page::parse(Some(limit), cursor).expect("usable");
            let listing = page.part_of(vec!["a", "b", "c"], |name| (*name).to_owned()).expect("a page");
            let complete = |name: &mut &str| {
                *name = match *name {
                    "a" => "aaaa",
                    "b" => "bbbb",
                    _ => "cccc",
                };
                Ok(name.len())
            };
            listing.completed(most, complete, |name| Page::cursor_of(&name[..1].to_owned())).expect("a page")
        };
        let rows = ["aaaa", "bbbb", "cccc"];
        for (most, length) in [(100, 3), (12, 3), (11, 2), (8, 2), (7, 1), (4, 1), (3, 1), (0, 1)] {
            let listing = page(most, "3", None);
            assert_eq!(listing.items, rows[..length], "{most}");
            match listing.next {
                Some(next) => assert_eq!(page(100, "3", Some(&next)).items, rows[length..], "{most}"),
                None => assert_eq!(length, 3, "{most}"),
            }
        }
        let limited = page(100, "2", None);
        assert_eq!((limited.items.len(), limited.next.is_some()), (2, true));
    }

    #[test]
    fn a_short_list_is_paged_too_and_continues_after_a_deleted_item() {
        let page = |all: &[(i64, &'static str)], cursor: Option<&str>| {
            let page = Page::parse(Some("2"), cursor).expect("usable");
            page.part_of(all.to_vec(), |(rank, name)| (*rank, (*name).to_owned()))
        };
        let first = page(&[(2, "a"), (1, "c"), (1, "b")], None).expect("a page");
        assert_eq!(first.items, [(1, "b"), (1, "c")]);
        let cursor = first.next.as_deref();
        for left in [&[(1, "b"), (1, "c"), (2, "a")][..], &[(1, "b"), (2, "a")], &[(2, "a")]] {
            let second = page(left, cursor).expect("a page");
            assert_eq!((second.items, second.next), (vec![(2, "a")], None), "{left:?}");
        }
        assert!(page(&[], Some(&Page::cursor(&["name".into()]))).is_err(), "the cursor of another list");
    }

    #[test]
    fn limits_and_cursors_are_checked() {
        for limit in ["0", "201", "-1", "x"] {
            assert!(Page::parse(Some(limit), None).is_err());
        }
        assert!(Page::parse(None, Some("???")).is_err());
        assert!(Page::parse(None, Some("")).expect("usable").after.is_none());
    }
}
