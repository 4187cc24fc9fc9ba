//! A ZIP file whose members are stored as they are. PKWARE APPNOTE 6.3.3 §4.3.
//!
//! A bundle is small and made once, so that it is worth no compressor.

/// A ZIP file under construction.
#[derive(Debug, Default)]
pub(super) struct Zip {
    file: Vec<u8>,
    directory: Vec<u8>,
    count: u16,
}

/// 1 January 1980, the earliest date there is.
const DATE: u16 = 0x21;
/// Names are UTF-8.
const FLAGS: u16 = 0x0800;

impl Zip {
    pub(super) fn add(&mut self, name: &str, content: &[u8]) {
        let offset = self.file.len() as u32;
        let size = content.len() as u32;
        let mut fields = Vec::with_capacity(26);
        fields.extend(20u16.to_le_bytes());
        fields.extend(FLAGS.to_le_bytes());
        fields.extend([0; 4]);
        fields.extend(DATE.to_le_bytes());
        fields.extend(crc32(content).to_le_bytes());
        fields.extend(size.to_le_bytes());
        fields.extend(size.to_le_bytes());
        fields.extend((name.len() as u16).to_le_bytes());
        fields.extend([0; 2]);
        self.file.extend(0x0403_4b50u32.to_le_bytes());
        self.file.extend(&fields);
        self.file.extend(name.as_bytes());
        self.file.extend(content);
        self.directory.extend(0x0201_4b50u32.to_le_bytes());
        self.directory.extend(20u16.to_le_bytes());
        self.directory.extend(&fields);
        // Comment, disk, attributes inside and outside.
        self.directory.extend([0; 10]);
        self.directory.extend(offset.to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.count += 1;
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        let start = self.file.len() as u32;
        let length = self.directory.len() as u32;
        self.file.extend(self.directory);
        self.file.extend(0x0605_4b50u32.to_le_bytes());
        self.file.extend([0; 4]);
        self.file.extend(self.count.to_le_bytes());
        self.file.extend(self.count.to_le_bytes());
        self.file.extend(length.to_le_bytes());
        self.file.extend(start.to_le_bytes());
        self.file.extend([0; 2]);
        self.file
    }
}

/// The CRC of ISO 3309, as ZIP has it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xedb8_8320 * (sum & 1))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_the_crc() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn members_are_found_by_the_directory() {
        let mut zip = Zip::default();
        zip.add("a.txt", b"first");
        zip.add("b/c.txt", b"second");
        let file = zip.finish();
        let end = file.len() - 22;
        let number = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
        assert_eq!(file[end..end + 4], *b"PK\x05\x06");
        let mut at = number(end + 16);
        let mut found = Vec::new();
        while file[at..at + 4] == *b"PK\x01\x02" {
            let (size, name) = (number(at + 20), usize::from(file[at + 28]));
            let local = number(at + 42);
            assert_eq!(file[local..local + 4], *b"PK\x03\x04");
            found.push((
                String::from_utf8(file[at + 46..at + 46 + name].to_vec()).unwrap(),
                file[local + 30 + name..local + 30 + name + size].to_vec(),
            ));
            at += 46 + name;
        }
        assert_eq!(at, end);
        assert_eq!(
            found,
            [
                ("a.txt".into(), b"first".to_vec()),
                ("b/c.txt".into(), b"second".to_vec())
            ]
        );
    }
}
