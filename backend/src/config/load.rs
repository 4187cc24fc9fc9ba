//! Puts the layers of the configuration together. Whatever cannot be used is refused with the name of its key and
//! of the layer it came from.

use super::Config;
use std::path::PathBuf;
use toml::{Table, Value};

/// The prefix of environment variables that set a key: `MUSTER__LISTEN__COAP` sets `listen.coap`.
const PREFIX: &str = "MUSTER__";

/// Where the layers come from.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// The file; without one only the other layers count.
    pub file: Option<PathBuf>,
    /// The environment, as names and values.
    pub environment: Vec<(String, String)>,
    /// Flags, as dotted keys and values in the writing of environment variables.
    pub flags: Vec<(&'static str, String)>,
}

impl Source {
    /// The environment of this process, without a file or flags.
    pub fn from_process() -> Source {
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _)| name.starts_with(PREFIX))
            .collect();
        Source {
            environment,
            ..Source::default()
        }
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("{file}: {reason}")]
    File { file: String, reason: String },
    #[error("{origin}: unknown key '{key}'; {known}")]
    UnknownKey {
        origin: String,
        key: String,
        known: String,
    },
    #[error("{origin}: {key}: {reason}")]
    Type {
        origin: String,
        key: String,
        reason: String,
    },
    #[error("{key}: {reason}")]
    Value { key: String, reason: String },
}

impl ConfigError {
    pub(super) fn value(key: &str, reason: impl Into<String>) -> ConfigError {
        ConfigError::Value {
            key: key.into(),
            reason: reason.into(),
        }
    }
}

/// The configuration of these layers. Every problem is reported, not only the first.
pub fn load(source: &Source) -> Result<Config, Vec<ConfigError>> {
    let defaults = defaults().map_err(|error| vec![error])?;
    let mut problems = Vec::new();
    let mut merged = Table::new();
    if let Some(path) = &source.file {
        let name = path.display().to_string();
        match read_file(path) {
            Ok(table) => {
                check_keys(&name, "", &table, &defaults, &mut problems);
                merged = table;
            }
            Err(reason) => problems.push(ConfigError::File { file: name, reason }),
        }
    }
    for (name, text) in &source.environment {
        let key = name[PREFIX.len()..].to_lowercase().replace("__", ".");
        set(&mut merged, &defaults, name, &key, text, &mut problems);
    }
    for (key, text) in &source.flags {
        set(
            &mut merged,
            &defaults,
            "the command line",
            key,
            text,
            &mut problems,
        );
    }
    finish(merged, problems)
}

/// The configuration of a file with this text alone.
pub(crate) fn parse(text: &str) -> Result<Config, Vec<ConfigError>> {
    const NAME: &str = "the text";
    let defaults = defaults().map_err(|error| vec![error])?;
    let table = read_text(text).map_err(|reason| {
        vec![ConfigError::File {
            file: NAME.into(),
            reason,
        }]
    })?;
    let mut problems = Vec::new();
    check_keys(NAME, "", &table, &defaults, &mut problems);
    finish(table, problems)
}

fn finish(merged: Table, problems: Vec<ConfigError>) -> Result<Config, Vec<ConfigError>> {
    if !problems.is_empty() {
        return Err(problems);
    }
    let config: Config = merged
        .try_into()
        .map_err(|error: toml::de::Error| vec![from_toml(&error)])?;
    let problems = config.problems();
    if problems.is_empty() {
        Ok(config)
    } else {
        Err(problems)
    }
}

/// The default configuration as a table: the list of the keys there are, with their types.
pub(super) fn defaults() -> Result<Table, ConfigError> {
    Table::try_from(Config::default()).map_err(|error| ConfigError::value("defaults", error.to_string()))
}

fn read_file(path: &std::path::Path) -> Result<Table, String> {
    read_text(&std::fs::read_to_string(path).map_err(|error| error.to_string())?)
}

fn read_text(text: &str) -> Result<Table, String> {
    text.parse::<Table>()
        .map_err(|error| error.to_string().trim_end().to_owned())
}

fn from_toml(error: &toml::de::Error) -> ConfigError {
    // The message of a converted table ends with "in `section.key`".
    let text = error.to_string();
    let text = text.trim_end();
    match text.rsplit_once("in `") {
        Some((reason, key)) => ConfigError::value(key.trim_end_matches('`'), reason.trim_end()),
        None => ConfigError::value("configuration", text),
    }
}

/// Reports keys and types that the defaults do not have.
fn check_keys(origin: &str, section: &str, table: &Table, defaults: &Table, problems: &mut Vec<ConfigError>) {
    for (name, value) in table {
        let key = if section.is_empty() {
            name.clone()
        } else {
            format!("{section}.{name}")
        };
        match (value, defaults.get(name)) {
            (_, None) => problems.push(unknown_key(origin, &key, defaults)),
            (Value::Table(inner), Some(Value::Table(known))) => {
                check_keys(origin, &key, inner, known, problems);
            }
            (value, Some(known)) if value.type_str() != known.type_str() => {
                problems.push(ConfigError::Type {
                    origin: origin.into(),
                    key,
                    reason: format!(
                        "a value of type {} is wanted, not {}",
                        known.type_str(),
                        value.type_str()
                    ),
                });
            }
            _ => {}
        }
    }
}

fn unknown_key(origin: &str, key: &str, siblings: &Table) -> ConfigError {
    let names: Vec<&str> = siblings.keys().map(String::as_str).collect();
    ConfigError::UnknownKey {
        origin: origin.into(),
        key: key.into(),
        known: format!("known here: {}", names.join(", ")),
    }
}

/// Sets a dotted key to a text in the type its default has.
fn set(
    merged: &mut Table,
    defaults: &Table,
    origin: &str,
    key: &str,
    text: &str,
    problems: &mut Vec<ConfigError>,
) {
    let (section, name) = key.split_once('.').unwrap_or(("", key));
    let known = match section {
        "" => Some(defaults),
        section => defaults.get(section).and_then(Value::as_table),
    };
    let Some(default) = known
        .and_then(|known| known.get(name))
        .filter(|value| !value.is_table())
    else {
        problems.push(unknown_key(origin, key, known.unwrap_or(defaults)));
        return;
    };
    let value = match parse_as(default, text) {
        Ok(value) => value,
        Err(reason) => {
            problems.push(ConfigError::Type {
                origin: origin.into(),
                key: key.into(),
                reason,
            });
            return;
        }
    };
    let target = match section {
        "" => Some(merged),
        section => merged
            .entry(section.to_owned())
            .or_insert_with(|| Value::Table(Table::new()))
            .as_table_mut(),
    };
    if let Some(target) = target {
        target.insert(name.into(), value);
    }
}

fn parse_as(default: &Value, text: &str) -> Result<Value, String> {
    match default {
        Value::Integer(_) => text
            .parse()
            .map(Value::Integer)
            .map_err(|_| format!("'{text}' is not a whole number")),
        Value::Boolean(_) => text
            .parse()
            .map(Value::Boolean)
            .map_err(|_| format!("'{text}' is neither true nor false")),
        Value::Array(_) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Ok(Value::Array(
                items.map(|item| Value::String(item.into())).collect(),
            ))
        }
        _ => Ok(Value::String(text.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_file(text: &str) -> Result<Config, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let source = Source {
            file: Some(file.path().to_owned()),
            ..Source::default()
        };
        load(&source).map_err(|problems| {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            lines
                .join("\n")
                .replace(&file.path().display().to_string(), "FILE")
        })
    }

    #[test]
    fn flags_win_over_the_environment_and_that_over_the_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(
            file.path(),
            "data_dir = \"a\"\n[listen]\nhttp = \"off\"\ncoap = \"off\"\n",
        )
        .unwrap();
        let config = load(&Source {
            file: Some(file.path().to_owned()),
            environment: vec![
                ("MUSTER__LISTEN__COAP".into(), "127.0.0.1:15683".into()),
                ("MUSTER__DATA_DIR".into(), "b".into()),
                ("MUSTER__HTTP__PUBLIC_METRICS".into(), "false".into()),
                (
                    "MUSTER__HTTP__ALLOWED_ORIGINS".into(),
                    "https://a, https://b".into(),
                ),
            ],
            flags: vec![("data_dir", "c".into())],
        })
        .unwrap();
        assert_eq!(config.data_dir, PathBuf::from("c"));
        assert_eq!(config.listen.coap.to_string(), "127.0.0.1:15683");
        assert_eq!(config.listen.http.to_string(), "off");
        assert!(!config.http.public_metrics);
        assert_eq!(config.http.allowed_origins, ["https://a", "https://b"]);
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (text, wanted) in [
            (
                "[listen]\ncoapx = \"off\"",
                "FILE: unknown key 'listen.coapx'; known here: ",
            ),
            ("speed = 1", "FILE: unknown key 'speed'; known here: "),
            (
                "[limits]\nbody_bytes = \"1\"",
                "FILE: limits.body_bytes: a value of type integer is wanted, not string",
            ),
            (
                "[listen]\ncoap = \"5683\"",
                "listen.coap: '5683' is neither an address such as",
            ),
            ("[listen]\nbootstrap_coaps = \"5784\"", "listen.bootstrap_coaps"),
            (
                "[limits]\nbody_bytes = 1",
                "limits.body_bytes: 1 is not between 1024 and",
            ),
            ("[limits]\nbody_bytes = -1", "limits.body_bytes: "),
            ("[log]\nformat = \"xml\"", "log.format: "),
            (
                "[http]\nallowed_origins = [\"muster\"]",
                "http.allowed_origins: 'muster' is not an origin",
            ),
            ("[listen", "FILE: TOML parse error"),
        ] {
            let error = from_file(text).unwrap_err();
            assert!(error.starts_with(wanted), "{text}: {error}");
        }
    }

    #[test]
    fn an_unknown_environment_variable_is_named() {
        let source = Source {
            environment: vec![("MUSTER__LISTEN__COPA".into(), "off".into())],
            ..Source::default()
        };
        let problems = load(&source).unwrap_err();
        assert!(
            problems[0]
                .to_string()
                .starts_with("MUSTER__LISTEN__COPA: unknown key 'listen.copa'; known here: "),
            "{problems:?}"
        );
    }
}
