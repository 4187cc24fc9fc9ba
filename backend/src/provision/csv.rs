//! Reads CSV as it arrives, record by record, in bounded memory. RFC 4180, with LF as well as CRLF.

/// A record longer than this is refused; one of ours has a few hundred bytes.
const LONGEST: usize = 16 * 1024;

/// A record with the line on which it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) line: u64,
    pub(crate) fields: Result<Vec<String>, &'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the beginning of a field.
    Start,
    Plain,
    Quoted,
    /// Behind a quote within a quoted field: it ended, or the quote stands for itself.
    Quote,
}

/// Takes bytes and gives records.
#[derive(Debug)]
pub(crate) struct Reader {
    state: State,
    field: Vec<u8>,
    fields: Vec<String>,
    length: usize,
    line: u64,
    begins: u64,
    problem: Option<&'static str>,
    at_first_byte: bool,
    mark: usize,
}

impl Default for Reader {
    fn default() -> Reader {
        Reader {
            state: State::Start,
            field: Vec::new(),
            fields: Vec::new(),
            length: 0,
            line: 1,
            begins: 1,
            problem: None,
            at_first_byte: true,
            mark: 0,
        }
    }
}

/// What some programs put before UTF-8.
const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

impl Reader {
    /// Takes more bytes; whole records go to `each`.
    pub(crate) fn feed(&mut self, bytes: &[u8], each: &mut impl FnMut(Record)) {
        for byte in bytes {
            if self.at_first_byte {
                if self.mark < 3 && BYTE_ORDER_MARK[self.mark] == *byte {
                    self.mark += 1;
                    continue;
                }
                self.at_first_byte = false;
            }
            self.take(*byte, each);
        }
    }

    /// Takes the end: a last record needs no line end.
    pub(crate) fn finish(&mut self, each: &mut impl FnMut(Record)) {
        if self.state == State::Quoted {
            self.problem.get_or_insert("a quote is never closed");
        }
        if self.length > 0 {
            self.end_record(each);
        }
    }

    fn take(&mut self, byte: u8, each: &mut impl FnMut(Record)) {
        if byte == b'\n' {
            self.line += 1;
        }
        match (self.state, byte) {
            (State::Quoted, b'"') => self.state = State::Quote,
            (State::Quoted, byte) => self.push(byte),
            (_, b'\n') => return self.end_record(each),
            (_, b'\r') => {
                // Of a line end; anywhere else it is dropped as well.
                self.length += 1;
                return;
            }
            (_, b',') => {
                self.end_field();
                self.state = State::Start;
            }
            (State::Start, b'"') => self.state = State::Quoted,
            (State::Quote, b'"') => {
                self.push(b'"');
                self.state = State::Quoted;
            }
            (State::Quote, _) => {
                self.problem
                    .get_or_insert("there is text behind the closing quote of a field");
            }
            (State::Plain, b'"') => {
                self.problem
                    .get_or_insert("there is a quote within a field that does not begin with one");
            }
            (State::Start | State::Plain, byte) => {
                self.state = State::Plain;
                self.push(byte);
            }
        }
        self.length += 1;
    }

    fn push(&mut self, byte: u8) {
        if self.length < LONGEST {
            self.field.push(byte);
        } else {
            self.problem.get_or_insert("the row is longer than 16 KiB");
        }
    }

    fn end_field(&mut self) {
        match String::from_utf8(std::mem::take(&mut self.field)) {
            Ok(text) => self.fields.push(text.trim().to_owned()),
            Err(_) => {
                self.problem.get_or_insert("the row is not UTF-8 text");
                self.fields.push(String::new());
            }
        }
    }

    fn end_record(&mut self, each: &mut impl FnMut(Record)) {
        self.end_field();
        let fields = std::mem::take(&mut self.fields);
        let record = Record {
            line: self.begins,
            fields: match self.problem.take() {
                Some(problem) => Err(problem),
                None => Ok(fields),
            },
        };
        self.state = State::Start;
        self.length = 0;
        self.begins = self.line;
        // Empty lines are passed over.
        let is_empty = record
            .fields
            .as_ref()
            .is_ok_and(|fields| fields.iter().all(String::is_empty));
        if !is_empty {
            each(record);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<(u64, Result<Vec<String>, &'static str>)> {
        let mut reader = Reader::default();
        let mut found = Vec::new();
        for piece in pieces {
            reader.feed(piece, &mut |record| found.push((record.line, record.fields)));
        }
        reader.finish(&mut |record| found.push((record.line, record.fields)));
        found
    }

    fn fields(texts: &[&str]) -> Result<Vec<String>, &'static str> {
        Ok(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn records_are_read_as_the_standard_has_them() {
        for (text, records) in [
            ("", vec![]),
            ("a,b", vec![(1, fields(&["a", "b"]))]),
            (
                "a,b\r\nc,\n",
                vec![(1, fields(&["a", "b"])), (2, fields(&["c", ""]))],
            ),
            ("\u{feff}a\n", vec![(1, fields(&["a"]))]),
            (
                "\"a,\"\"b\"\"\nc\",d\ne",
                vec![(1, fields(&["a,\"b\"\nc", "d"])), (3, fields(&["e"]))],
            ),
            ("\n\n a , b \n,,\n", vec![(3, fields(&["a", "b"]))]),
            ("\"\",x", vec![(1, fields(&["", "x"]))]),
            (
                "\"a\"b,c\nd",
                vec![
                    (1, Err("there is text behind the closing quote of a field")),
                    (2, fields(&["d"])),
                ],
            ),
            (
                "a\"b\nd",
                vec![
                    (
                        1,
                        Err("there is a quote within a field that does not begin with one"),
                    ),
                    (2, fields(&["d"])),
                ],
            ),
            ("\"a\nb", vec![(1, Err("a quote is never closed"))]),
        ] {
            assert_eq!(read(&[text.as_bytes()]), records, "{text:?}");
            let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
            assert_eq!(read(&bytes), records, "byte by byte: {text:?}");
        }
        assert_eq!(
            read(&[b"\xff,a\nb"]),
            [(1, Err("the row is not UTF-8 text")), (2, fields(&["b"]))]
        );
        let long = [&[b'x'; 20_000][..], b"\ny"].concat();
        assert_eq!(
            read(&[&long]),
            [(1, Err("the row is longer than 16 KiB")), (2, fields(&["y"]))]
        );
    }
}
