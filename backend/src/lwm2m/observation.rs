//! What is to be observed of each device. LwM2M Core 1.2 §6.4.
//!
//! An observation lives as long as a registration, the wish to observe longer: after each Register the server has to
//! ask again for everything that was observed before.

use super::operation::Task;
use crate::registry::DeviceNumber;
use shared::{ContentFormat, Path};
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most observations of one device.
pub(crate) const MAX_PER_DEVICE: usize = 256;

/// What an observation is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    /// Observe.
    One(Path),
    /// Observe-Composite: these paths, sorted and each once, at least one.
    Several(Arc<Vec<Path>>),
}

impl Subject {
    /// The paths of an Observe-Composite.
    pub(crate) fn several(mut paths: Vec<Path>) -> Subject {
        paths.sort_unstable();
        paths.dedup();
        Subject::Several(Arc::new(paths))
    }

    /// The path of the request, and the one that payloads are about: the root for a composite one.
    pub(crate) fn base(&self) -> Path {
        match self {
            Subject::One(path) => *path,
            Subject::Several(_) => Path::ROOT,
        }
    }

    /// The paths of a composite observation; none for one of a single path, which [`Subject::base`] tells.
    pub(crate) fn together(&self) -> &[Path] {
        match self {
            Subject::One(_) => &[],
            Subject::Several(paths) => paths,
        }
    }
}

/// `/3/0/9`, or `[/3/0/9 /4/0]` for a composite observation; so it stands in the store and in sentences.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::One(path) => path.fmt(f),
            Subject::Several(paths) => {
                let words: Vec<String> = paths.iter().map(Path::to_string).collect();
                write!(f, "[{}]", words.join(" "))
            }
        }
    }
}

/// The text stands for nothing that can be observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotASubject;

impl FromStr for Subject {
    type Err = NotASubject;

    fn from_str(text: &str) -> Result<Subject, NotASubject> {
        let Some(list) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) else {
            return text.parse().map(Subject::One).map_err(|_| NotASubject);
        };
        let paths: Result<Vec<Path>, _> = list.split_whitespace().map(str::parse).collect();
        match paths {
            Ok(paths) if !paths.is_empty() => Ok(Subject::several(paths)),
            _ => Err(NotASubject),
        }
    }
}

/// Something that is to be observed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) subject: Subject,
    /// The format that a person asked for.
    pub(crate) format: Option<ContentFormat>,
    /// Attributes in the request, as queries. Since 1.2.
    pub(crate) attributes: Box<[String]>,
}

impl Wanted {
    /// What is to be done to observe it.
    pub(crate) fn task(&self) -> Task {
        Task::Observe {
            subject: self.subject.clone(),
            attributes: self.attributes.to_vec(),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Wishes {
    of: Mutex<HashMap<DeviceNumber, Vec<Wanted>>>,
}

impl Wishes {
    pub(crate) fn add(&self, device: DeviceNumber, wanted: Wanted) {
        let mut wishes = self.lock();
        let list = wishes.entry(device).or_default();
        list.retain(|known| known.subject != wanted.subject);
        if list.len() < MAX_PER_DEVICE {
            list.push(wanted);
        }
    }

    pub(crate) fn remove(&self, device: DeviceNumber, subject: &Subject) {
        let mut wishes = self.lock();
        if let Some(list) = wishes.get_mut(&device) {
            list.retain(|known| known.subject != *subject);
            if list.is_empty() {
                wishes.remove(&device);
            }
        }
    }

    pub(crate) fn forget(&self, device: DeviceNumber) {
        self.lock().remove(&device);
    }

    pub(crate) fn of(&self, device: DeviceNumber) -> Vec<Wanted> {
        self.lock().get(&device).cloned().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<DeviceNumber, Vec<Wanted>>> {
        self.of.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_reads_back_from_its_text() {
        let path = |text: &str| text.parse::<Path>().unwrap();
        for (subject, text) in [
            (Subject::One(path("/3/0/9")), "/3/0/9"),
            (Subject::several(vec![path("/3/0/9")]), "[/3/0/9]"),
            (
                Subject::several(vec![path("/4/0"), path("/3/0/9"), path("/4/0")]),
                "[/3/0/9 /4/0]",
            ),
        ] {
            assert_eq!(subject.to_string(), text);
            assert_eq!(text.parse(), Ok(subject));
        }
        for text in ["", "[]", "[/3/0", "[3]", "/3 /4"] {
            assert_eq!(text.parse::<Subject>(), Err(NotASubject), "{text}");
        }
    }
}
