//! Lists of objects, taken one by one as they are read: a page is never held whole.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::object::Object;

/// What a list says of itself.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ListMetadata {
    /// Version to watch from.
    pub resource_version: String,
    /// Where the next page begins; absent or empty on the last.
    pub r#continue: Option<String>,
}

/// Reads a list, and hands on each object.
pub(super) struct List<T, F> {
    each: F,
    object: PhantomData<T>,
}

impl<T: Object, F: FnMut(T)> List<T, F> {
    /// A list whose objects go to `each`.
    pub(super) const fn new(each: F) -> Self {
        Self { each, object: PhantomData }
    }
}

impl<'de, T: Object, F: FnMut(T)> DeserializeSeed<'de> for List<T, F> {
    type Value = ListMetadata;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<ListMetadata, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: Object, F: FnMut(T)> Visitor<'de> for List<T, F> {
    type Value = ListMetadata;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<ListMetadata, A::Error> {
        let mut metadata = ListMetadata::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "metadata" => metadata = map.next_value()?,
                "items" => map.next_value_seed(Items::<T, F> { list: &mut self })?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(metadata)
    }
}

struct Items<'a, T, F> {
    list: &'a mut List<T, F>,
}

impl<'de, T: Object, F: FnMut(T)> DeserializeSeed<'de> for Items<'_, T, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Object, F: FnMut(T)> Visitor<'de> for Items<'_, T, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("objects")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element::<T>()? {
            (self.list.each)(item);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::object::Pod;
    use super::*;

    fn read(text: &str) -> Result<(ListMetadata, Vec<String>), serde_json::Error> {
        let mut names = Vec::new();
        let list = List::new(|pod: Pod| names.push(pod.metadata().name.clone()));
        let metadata = list.deserialize(&mut serde_json::Deserializer::from_str(text))?;
        Ok((metadata, names))
    }

    #[test]
    fn keys_come_in_any_order() {
        let text = r#"{"items":[{"metadata":{"name":"a"}},{"spec":{},"metadata":{"name":"b"}}],
            "kind":"PodList","metadata":{"resourceVersion":"7","continue":"x","remainingItemCount":3}}"#;
        let (metadata, names) = read(text).unwrap();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(
            (metadata.resource_version.as_str(), metadata.r#continue.as_deref()),
            ("7", Some("x"))
        );
    }

    #[test]
    fn an_empty_list_may_be_null() {
        let (metadata, names) =
            read(r#"{"metadata":{"resourceVersion":"1"},"items":null}"#).unwrap();
        assert!(names.is_empty() && metadata.r#continue.is_none());
        assert!(read("[]").is_err());
        assert!(read(r#"{"items":7}"#).is_err());
    }
}
