//! What a row of an import, or a single request, says of a device.

use super::credential::{Given, Wanted};
use crate::bootstrap::GROUP;
use shared::api::{DevicePatch, ProvisionRequest};
use shared::sorted::SortedMap;

/// The columns there are, in any order; only `endpoint` is needed.
const COLUMNS: [&str; 18] = [
    "endpoint",
    "mode",
    "identity",
    "key",
    "label",
    "tags",
    "group",
    "configuration",
    "public_key",
    "bootstrap_mode",
    "bootstrap_identity",
    "bootstrap_key",
    "bootstrap_public_key",
    "metadata",
    "generate",
    "bootstrap_generate",
    "certificate_name",
    "bootstrap_certificate_name",
];
const MAX_ENDPOINT: usize = 252;
const LONGEST: usize = 256;
const MOST_TAGS: usize = 64;

/// A device as it is to be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) endpoint: String,
    pub(crate) patch: DevicePatch,
    pub(crate) wanted: Wanted,
    /// The credential for bootstrap alone.
    pub(crate) wanted_bootstrap: Wanted,
    /// The bootstrap configuration that is chosen for it.
    pub(crate) configuration: Option<String>,
}

/// Which column is where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header([Option<usize>; COLUMNS.len()]);

impl Header {
    /// # Errors
    /// In words, if there is a column that is not known, one twice, or no `endpoint`.
    pub(crate) fn read(fields: &[String]) -> Result<Header, String> {
        let mut places = [None; COLUMNS.len()];
        for (place, name) in fields.iter().enumerate() {
            let lower = name.to_ascii_lowercase();
            let Some(column) = COLUMNS.iter().position(|known| *known == lower) else {
                return Err(format!(
                    "{} is no column; there are {}",
                    crate::lwm2m::quote(name),
                    COLUMNS.join(", ")
                ));
            };
            if places[column].replace(place).is_some() {
                return Err(format!("the column '{lower}' is there twice"));
            }
        }
        if places[0].is_none() {
            return Err("the first line names the columns, and 'endpoint' is not among them".into());
        }
        Ok(Header(places))
    }

    /// Reads a row.
    ///
    /// # Errors
    /// In words, why it is refused.
    pub(crate) fn row(&self, fields: &[String]) -> Result<Row, String> {
        let count = self.0.iter().flatten().count();
        if fields.len() != count {
            return Err(format!(
                "the row has {} fields, the header has {count}",
                fields.len()
            ));
        }
        let get = |column: usize| {
            self.0[column]
                .and_then(|place| fields.get(place))
                .filter(|text| !text.is_empty())
                .cloned()
        };
        Row::new(ProvisionRequest {
            endpoint: get(0).unwrap_or_default(),
            mode: get(1),
            identity: get(2),
            key: get(3),
            label: get(4),
            tags: get(5)
                .map(|text| pairs("tag", &text))
                .transpose()?
                .unwrap_or_default(),
            group: get(6),
            configuration: get(7),
            public_key: get(8),
            bootstrap_mode: get(9),
            bootstrap_identity: get(10),
            bootstrap_key: get(11),
            bootstrap_public_key: get(12),
            metadata: get(13)
                .map(|text| pairs("metadata entry", &text))
                .transpose()?
                .unwrap_or_default(),
            generate: yes(get(14).as_deref())?,
            bootstrap_generate: yes(get(15).as_deref())?,
            certificate_name: get(16),
            bootstrap_certificate_name: get(17),
        })
    }
}

/// `site=berlin;floor=2`; a name alone is one without a value.
fn pairs(what: &str, text: &str) -> Result<SortedMap<String, String>, String> {
    let mut pairs = SortedMap::new();
    for pair in text.split(';').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (name.trim(), value.trim());
        if name.is_empty() {
            return Err(format!(
                "a {what} has no name; they are name=value, with ; between them"
            ));
        }
        if pairs.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(format!("the {what} {} is there twice", crate::lwm2m::quote(name)));
        }
    }
    Ok(pairs)
}

fn yes(text: Option<&str>) -> Result<bool, String> {
    match text.map(str::to_ascii_lowercase).as_deref() {
        None | Some("no" | "false" | "0") => Ok(false),
        Some("yes" | "true" | "1") => Ok(true),
        Some(other) => Err(format!("{} is neither yes nor no", crate::lwm2m::quote(other))),
    }
}

impl Row {
    /// Looks at what is said of a device.
    ///
    /// # Errors
    /// In words, why it is refused.
    pub(crate) fn new(request: ProvisionRequest) -> Result<Row, String> {
        let endpoint = request.endpoint;
        if endpoint.is_empty() {
            return Err("the endpoint name is missing".into());
        }
        if endpoint.len() > MAX_ENDPOINT || endpoint.chars().any(char::is_control) {
            return Err(format!(
                "the endpoint name has more than {MAX_ENDPOINT} bytes or control characters"
            ));
        }
        let too_long = |text: &String| text.chars().count() > LONGEST;
        if request.label.as_ref().is_some_and(too_long) {
            return Err(format!("a label has at most {LONGEST} characters"));
        }
        let mut tags = request.tags;
        if let Some(group) = request.group {
            tags.insert(GROUP.into(), group);
        }
        for (what, pairs) in [("tags", &tags), ("metadata", &request.metadata)] {
            let bad =
                |(name, value): (&String, &String)| name.is_empty() || too_long(name) || too_long(value);
            if pairs.len() > MOST_TAGS || pairs.iter().any(bad) {
                return Err(format!(
                    "{what}: at most {MOST_TAGS}, with names of 1 to {LONGEST} characters and values of at most {LONGEST}"
                ));
            }
        }
        let wanted = Wanted::of(
            &endpoint,
            Given {
                mode: request.mode.as_deref(),
                identity: request.identity.as_deref(),
                key: request.key.as_deref(),
                public_key: request.public_key.as_deref(),
                certificate_name: request.certificate_name.as_deref(),
                generate: request.generate,
            },
        )?;
        let wanted_bootstrap = Wanted::of(
            &endpoint,
            Given {
                mode: request.bootstrap_mode.as_deref(),
                identity: request.bootstrap_identity.as_deref(),
                key: request.bootstrap_key.as_deref(),
                public_key: request.bootstrap_public_key.as_deref(),
                certificate_name: request.bootstrap_certificate_name.as_deref(),
                generate: request.bootstrap_generate,
            },
        )
        .map_err(|words| format!("for bootstrap: {words}"))?;
        Ok(Row {
            endpoint,
            patch: DevicePatch {
                label: request.label,
                tags: (!tags.is_empty()).then_some(tags),
                metadata: (!request.metadata.is_empty()).then_some(request.metadata),
                ..DevicePatch::default()
            },
            wanted,
            wanted_bootstrap,
            configuration: request.configuration,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn columns_come_in_any_order() {
        let header = Header::read(&texts(&["Label", "tags", "ENDPOINT", "group"])).unwrap();
        let row = header.row(&texts(&["One", "a=1; b", "e1", "pumps"])).unwrap();
        assert_eq!(
            (row.endpoint.as_str(), row.patch.label.as_deref()),
            ("e1", Some("One"))
        );
        let tags = row.patch.tags.unwrap();
        let pairs: Vec<(&str, &str)> = tags
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(pairs, [("a", "1"), ("b", ""), ("group", "pumps")]);
        for bad in [&["label"][..], &["endpoint", "endpoint"], &["endpoint", "colour"]] {
            assert!(Header::read(&texts(bad)).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_row_is_refused_with_its_reason() {
        let header = Header::read(&texts(&["endpoint", "label", "tags", "mode", "identity", "key"])).unwrap();
        let long = "x".repeat(300);
        for (fields, reason) in [
            (&["", "", "", "", "", ""][..], "endpoint name is missing"),
            (&["a"], "has 1 fields"),
            (&[long.as_str(), "", "", "", "", ""], "more than 252 bytes"),
            (&["a", long.as_str(), "", "", "", ""], "label"),
            (&["a", "", "=1", "", "", ""], "a tag has no name"),
            (&["a", "", "x=1;x=2", "", "", ""], "twice"),
            (&["a", "", "", "magic", "", ""], "'magic' is no mode"),
            (&["a", "", "", "psk", "a", "xyz"], "hexadecimal"),
            (&["a", "", "", "psk", "a", "00"], "16 bytes"),
            (&["a", "", "", "none", "a", ""], "no identity and no key"),
        ] {
            let error = header.row(&texts(fields)).unwrap_err();
            assert!(error.contains(reason), "{fields:?}: {error}");
        }
    }
}
