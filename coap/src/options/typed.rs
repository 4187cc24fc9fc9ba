//! The options with a meaning of their own, read and written as what they mean.
//!
//! A value that does not fit its option (text that is not UTF-8, an integer that is too long) reads as absent.

use super::{Options, number};
use crate::block::Block;

impl Options {
    /// The segments of the path, in order. Segments that are not UTF-8 are left out. RFC 7252 §5.10.1.
    pub fn path_segments(&self) -> impl Iterator<Item = &str> {
        self.texts(number::URI_PATH)
    }

    /// The path as one text, such as `/3/0/9`; `/` without segments.
    pub fn path(&self) -> String {
        joined(self.path_segments())
    }

    /// Replaces the path. Empty segments, as before a leading slash, are not written.
    pub fn set_path(&mut self, path: &str) {
        self.remove(number::URI_PATH);
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            self.add(number::URI_PATH, segment.as_bytes());
        }
    }

    /// The queries, such as `ep=urn:imei:1`, in order. RFC 7252 §5.10.1.
    pub fn queries(&self) -> impl Iterator<Item = &str> {
        self.texts(number::URI_QUERY)
    }

    /// Adds one query.
    pub fn add_query(&mut self, query: &str) {
        self.add(number::URI_QUERY, query.as_bytes());
    }

    /// The segments of the location of what was created. RFC 7252 §5.10.7.
    pub fn location_segments(&self) -> impl Iterator<Item = &str> {
        self.texts(number::LOCATION_PATH)
    }

    /// The location as one text, such as `/rd/5a3f`; `None` if there is none.
    pub fn location_path(&self) -> Option<String> {
        self.contains(number::LOCATION_PATH)
            .then(|| joined(self.location_segments()))
    }

    /// Replaces the location.
    pub fn set_location_path(&mut self, path: &str) {
        self.remove(number::LOCATION_PATH);
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            self.add(number::LOCATION_PATH, segment.as_bytes());
        }
    }

    /// The format of the payload. RFC 7252 §5.10.3.
    pub fn content_format(&self) -> Option<u16> {
        self.uint(number::CONTENT_FORMAT)
            .and_then(|value| u16::try_from(value).ok())
    }

    /// Sets the format of the payload, or takes it away.
    pub fn set_content_format(&mut self, format: Option<u16>) {
        self.set_or_remove(number::CONTENT_FORMAT, format.map(u32::from));
    }

    /// The format wanted for the response. RFC 7252 §5.10.4.
    pub fn accept(&self) -> Option<u16> {
        self.uint(number::ACCEPT)
            .and_then(|value| u16::try_from(value).ok())
    }

    /// Sets the format wanted for the response, or takes it away.
    pub fn set_accept(&mut self, format: Option<u16>) {
        self.set_or_remove(number::ACCEPT, format.map(u32::from));
    }

    /// In a request 0 to register and 1 to deregister, in a response the sequence number. RFC 7641 §2.
    pub fn observe(&self) -> Option<u32> {
        self.uint(number::OBSERVE)
    }

    /// Sets the Observe option, of which 24 bits are kept, or takes it away.
    pub fn set_observe(&mut self, value: Option<u32>) {
        self.set_or_remove(number::OBSERVE, value.map(|value| value & 0x00ff_ffff));
    }

    /// The first entity-tag. RFC 7252 §5.10.6.
    pub fn etag(&self) -> Option<&[u8]> {
        self.first(number::ETAG)
    }

    /// Sets the entity-tag, 1 to 8 bytes.
    pub fn set_etag(&mut self, etag: &[u8]) {
        self.set(number::ETAG, etag);
    }

    /// How long the response may be used, in seconds. RFC 7252 §5.10.5.
    pub fn max_age(&self) -> Option<u32> {
        self.uint(number::MAX_AGE)
    }

    /// Sets how long the response may be used, in seconds, or takes it away.
    pub fn set_max_age(&mut self, seconds: Option<u32>) {
        self.set_or_remove(number::MAX_AGE, seconds);
    }

    /// The size of the whole request body in bytes. RFC 7959 §4.
    pub fn size1(&self) -> Option<u32> {
        self.uint(number::SIZE1)
    }

    /// The size of the whole response body in bytes. RFC 7959 §4.
    pub fn size2(&self) -> Option<u32> {
        self.uint(number::SIZE2)
    }

    /// The block of the request's body that this message carries. RFC 7959 §2.
    pub fn block1(&self) -> Option<Block> {
        self.first(number::BLOCK1).and_then(Block::decode)
    }

    /// The block of the response's body that this message carries or asks for. RFC 7959 §2.
    pub fn block2(&self) -> Option<Block> {
        self.first(number::BLOCK2).and_then(Block::decode)
    }

    fn texts(&self, number: u16) -> impl Iterator<Item = &str> {
        self.all(number)
            .filter_map(|value| std::str::from_utf8(value).ok())
    }

    fn set_or_remove(&mut self, number: u16, value: Option<u32>) {
        match value {
            Some(value) => self.set_uint(number, value),
            None => self.remove(number),
        }
    }
}

fn joined<'a>(segments: impl Iterator<Item = &'a str>) -> String {
    let mut path = String::new();
    for segment in segments {
        path.push('/');
        path.push_str(segment);
    }
    if path.is_empty() {
        path.push('/');
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_as_segments_and_read_as_one_text() {
        let mut options = Options::new();
        for (path, expect) in [("/3/0/9", "/3/0/9"), ("rd", "/rd"), ("/", "/"), ("", "/")] {
            options.set_path(path);
            assert_eq!(options.path(), expect);
        }
    }

    #[test]
    fn a_value_that_does_not_fit_reads_as_absent() {
        let mut options = Options::new();
        options.add(number::CONTENT_FORMAT, &[1, 2, 3]);
        options.add(number::URI_PATH, &[0xff]);
        assert_eq!(options.content_format(), None);
        assert_eq!(options.path_segments().count(), 0);
    }
}
