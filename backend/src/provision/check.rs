//! A look at a CSV file of devices before it is taken: the same reading and the same rules for a row, without the
//! fleet. What only the fleet knows (an identity that is another device's) is told by the import itself.

use super::csv::{Reader, Record};
use super::import::ImportError;
use super::row::Header;
use shared::api::{CheckedRow, ImportCheck, RefusedRow};

/// How many rows are shown as they were read, and how many refused ones are told.
const MOST_SHOWN: usize = 10;
const MOST_REFUSED: usize = 1_000;
/// The columns that hold secrets.
const SECRET: [&str; 2] = ["key", "bootstrap_key"];

/// A look that is under way.
#[derive(Debug, Default)]
pub(crate) struct Check {
    reader: Reader,
    header: Option<Header>,
    found: ImportCheck,
}

impl Check {
    /// Takes more of the file.
    ///
    /// # Errors
    /// [`ImportError::Header`] if the first line does not name columns.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<(), ImportError> {
        let mut records = Vec::new();
        self.reader.feed(bytes, &mut |record| records.push(record));
        self.look(records)
    }

    /// Takes the end, and tells what was found.
    ///
    /// # Errors
    /// [`ImportError`].
    pub(crate) fn finish(mut self) -> Result<ImportCheck, ImportError> {
        let mut records = Vec::new();
        self.reader.finish(&mut |record| records.push(record));
        self.look(records)?;
        if self.header.is_none() {
            return Err(ImportError::Empty);
        }
        Ok(self.found)
    }

    fn look(&mut self, records: Vec<Record>) -> Result<(), ImportError> {
        for Record { line, fields } in records {
            let Some(header) = &self.header else {
                let fields = fields.map_err(|reason| ImportError::Header(reason.into()))?;
                self.header = Some(Header::read(&fields).map_err(ImportError::Header)?);
                self.found.columns = fields.iter().map(|name| name.to_ascii_lowercase()).collect();
                continue;
            };
            self.found.rows += 1;
            let (fields, reason) = match fields {
                Ok(fields) => {
                    let reason = header.row(&fields).err();
                    (fields, reason)
                }
                Err(reason) => (Vec::new(), Some(reason.to_owned())),
            };
            if self.found.first.len() < MOST_SHOWN {
                let fields = masked(&self.found.columns, fields);
                let reason = reason.clone();
                self.found.first.push(CheckedRow { line, fields, reason });
            }
            if let Some(reason) = reason {
                self.found.refused_total += 1;
                if self.found.refused.len() < MOST_REFUSED {
                    self.found.refused.push(RefusedRow { line, reason });
                }
            }
        }
        Ok(())
    }
}

/// The fields with dots in the place of keys.
fn masked(columns: &[String], fields: Vec<String>) -> Vec<String> {
    let mask = |(index, field): (usize, String)| {
        let secret = columns
            .get(index)
            .is_some_and(|name| SECRET.contains(&name.as_str()));
        if secret && !field.is_empty() {
            "•••".to_owned()
        } else {
            field
        }
    };
    fields.into_iter().enumerate().map(mask).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_looked_at_and_the_first_are_shown_without_keys() {
        let mut check = Check::default();
        let mut text = String::from("Endpoint,mode,key\n");
        for number in 2..=20 {
            let row = match number {
                5 => "bad,magic,\n".to_owned(),
                18 => ",none,\n".to_owned(),
                _ => format!("device-{number},psk,000102030405060708090a0b0c0d0e0f\n"),
            };
            text.push_str(&row);
        }
        // In pieces that end anywhere.
        for piece in text.as_bytes().chunks(7) {
            check.feed(piece).unwrap();
        }
        let found = check.finish().unwrap();
        assert_eq!(found.columns, ["endpoint", "mode", "key"]);
        assert_eq!((found.rows, found.refused_total, found.first.len()), (19, 2, 10));
        let lines: Vec<u64> = found.refused.iter().map(|row| row.line).collect();
        assert_eq!(lines, [5, 18]);
        assert_eq!(found.first[0].fields, ["device-2", "psk", "•••"]);
        assert_eq!(found.first[0].reason, None);
        assert!(found.first[3].reason.as_ref().unwrap().contains("magic"));
    }

    #[test]
    fn a_file_without_columns_is_refused() {
        assert!(matches!(Check::default().finish(), Err(ImportError::Empty)));
        let mut check = Check::default();
        assert!(matches!(
            check.feed(b"name,colour\nx,red\n"),
            Err(ImportError::Header(_))
        ));
    }
}
