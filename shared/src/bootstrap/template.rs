//! `${…}` in the texts of a configuration.

use crate::base64;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What stands for a variable.
#[derive(Clone, PartialEq, Eq)]
pub enum Variable {
    Text(String),
    /// Stands alone: `"${key}"`.
    Bytes(Vec<u8>),
}

impl std::fmt::Debug for Variable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Variable::Text(text) => write!(f, "{text:?}"),
            Variable::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
        }
    }
}

/// The variables of one device by name: `endpoint`, `identity`, `key`, `server_uri`, `lifetime`, `label`, `group`,
/// `tag.site`, `metadata.owner`, …
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables {
    known: BTreeMap<String, Variable>,
    sample: bool,
}

/// What any tag is in a sample: it passes as a text, a number and a host.
const SAMPLE: &str = "1";

/// Why a text cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    #[error("the device has no ${{{name}}}; there are {known}")]
    Unknown { name: String, known: String },
    #[error("a '${{' is never closed by '}}'")]
    Unclosed,
    #[error("${{{0}}} is bytes, which stand alone and not within a text")]
    BytesInText(String),
    #[error("bytes are written as base64 with padding, as hex:… or as text:…")]
    NotBytes,
}

impl Variables {
    pub fn new() -> Variables {
        Variables::default()
    }

    pub fn text(&mut self, name: impl Into<String>, value: impl Into<String>) -> &mut Variables {
        self.known.insert(name.into(), Variable::Text(value.into()));
        self
    }

    pub fn bytes(&mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) -> &mut Variables {
        self.known.insert(name.into(), Variable::Bytes(value.into()));
        self
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.known.keys().map(String::as_str)
    }

    /// The variables of no device in particular, for looking at a configuration before it is for one: tags and
    /// metadata of any name exist.
    pub fn sample() -> Variables {
        let mut variables = Variables {
            known: BTreeMap::new(),
            sample: true,
        };
        for name in ["endpoint", "identity", "label", "group", "lifetime"] {
            variables.text(name, SAMPLE);
        }
        variables.text("coap_uri", "coap://muster.example:5683");
        variables.text("coaps_uri", "coaps://muster.example:5684");
        variables.text("coap_tcp_uri", "coap+tcp://muster.example:5683");
        variables.text("coaps_tcp_uri", "coaps+tcp://muster.example:5684");
        variables.text("server_uri", "coap://muster.example:5683");
        for name in [
            "key",
            "public_key",
            "private_key",
            "server_public_key",
            "certificate",
            "server_certificate",
            "ca_certificate",
        ] {
            variables.bytes(name, [0; 16]);
        }
        variables
    }

    fn get(&self, name: &str) -> Result<Cow<'_, Variable>, TemplateError> {
        let any = self.sample && (name.starts_with("tag.") || name.starts_with("metadata."));
        let sample = || any.then(|| Cow::Owned(Variable::Text(SAMPLE.into())));
        let known = self.known.get(name).map(Cow::Borrowed);
        known.or_else(sample).ok_or_else(|| TemplateError::Unknown {
            name: name.chars().take(40).collect(),
            known: self.known.keys().cloned().collect::<Vec<_>>().join(", "),
        })
    }

    /// The text with every `${name}` filled in; `$$` is one dollar sign.
    ///
    /// # Errors
    /// [`TemplateError`].
    pub fn expand(&self, template: &str) -> Result<String, TemplateError> {
        let mut text = String::with_capacity(template.len());
        let mut rest = template;
        while let Some(at) = rest.find('$') {
            text.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            if let Some(after) = after.strip_prefix('$') {
                text.push('$');
                rest = after;
            } else if let Some(named) = after.strip_prefix('{') {
                let (name, after) = named.split_once('}').ok_or(TemplateError::Unclosed)?;
                match &*self.get(name)? {
                    Variable::Text(value) => text.push_str(value),
                    Variable::Bytes(_) => return Err(TemplateError::BytesInText(name.to_owned())),
                }
                rest = after;
            } else {
                text.push('$');
                rest = after;
            }
        }
        text.push_str(rest);
        Ok(text)
    }

    /// The bytes that a text stands for.
    ///
    /// # Errors
    /// [`TemplateError`].
    pub fn expand_bytes(&self, template: &str) -> Result<Vec<u8>, TemplateError> {
        let alone = template
            .strip_prefix("${")
            .and_then(|rest| rest.strip_suffix('}'))
            .filter(|name| !name.contains('}'));
        if let Some(name) = alone
            && let Variable::Bytes(bytes) = &*self.get(name)?
        {
            return Ok(bytes.clone());
        }
        parse_bytes(&self.expand(template)?)
    }
}

/// Bytes as people write them: `hex:0a1b`, `text:abc`, or base64.
///
/// # Errors
/// [`TemplateError::NotBytes`].
pub fn parse_bytes(text: &str) -> Result<Vec<u8>, TemplateError> {
    if let Some(text) = text.strip_prefix("text:") {
        return Ok(text.as_bytes().to_vec());
    }
    let Some(digits) = text.strip_prefix("hex:") else {
        return base64::decode(text.trim()).ok_or(TemplateError::NotBytes);
    };
    let digits: Vec<u32> = digits
        .chars()
        .filter(|digit| !matches!(digit, ' ' | ':' | '-'))
        .map(|digit| digit.to_digit(16).ok_or(TemplateError::NotBytes))
        .collect::<Result<_, _>>()?;
    if !digits.len().is_multiple_of(2) {
        return Err(TemplateError::NotBytes);
    }
    Ok(digits
        .chunks_exact(2)
        .map(|pair| (pair[0] << 4 | pair[1]) as u8)
        .collect())
}
