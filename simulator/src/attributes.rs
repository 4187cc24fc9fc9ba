//! The attributes of Write-Attributes: read from a query, checked, inherited, shown by Discover.
//! LwM2M Core 1.2 §5.1.2, §7.3.

use crate::refusal::Refusal;
use shared::{DataType, Path, Version};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The attributes at one level of the tree, or those in force for an observation.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Attributes {
    /// Seconds that must pass between two notifications.
    pub(crate) pmin: Option<u32>,
    /// Seconds after which a notification is sent though nothing changed; 0 means never.
    pub(crate) pmax: Option<u32>,
    /// Seconds that must pass between two evaluations of the conditions. 1.1.
    pub(crate) epmin: Option<u32>,
    /// Seconds after which the conditions are evaluated again. 1.1.
    pub(crate) epmax: Option<u32>,
    /// Notify when the number crosses this upwards or downwards: the upper threshold.
    pub(crate) gt: Option<f64>,
    /// Notify when the number crosses this upwards or downwards: the lower threshold.
    pub(crate) lt: Option<f64>,
    /// Notify when the number differs this much from the one last reported.
    pub(crate) st: Option<f64>,
    /// Notify on the rising (true) or falling (false) edge only. 1.2.
    pub(crate) edge: Option<bool>,
    /// Whether notifications are confirmable. 1.2.
    pub(crate) con: Option<bool>,
    /// How many notifications are kept while the server cannot be reached. 1.2.
    pub(crate) hqmax: Option<u32>,
}

/// What an attribute may be attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target {
    /// Where.
    pub(crate) path: Path,
    /// The type of the resource there; none above resources.
    pub(crate) data_type: Option<DataType>,
}

impl Attributes {
    /// The attributes with those of the level above where this level has none.
    pub(crate) fn inherit(self, above: Attributes) -> Attributes {
        Attributes {
            pmin: self.pmin.or(above.pmin),
            pmax: self.pmax.or(above.pmax),
            epmin: self.epmin.or(above.epmin),
            epmax: self.epmax.or(above.epmax),
            gt: self.gt.or(above.gt),
            lt: self.lt.or(above.lt),
            st: self.st.or(above.st),
            edge: self.edge.or(above.edge),
            con: self.con.or(above.con),
            hqmax: self.hqmax.or(above.hqmax),
        }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Attributes::default()
    }

    /// These attributes changed as the queries of a Write-Attributes or Observe say: `pmin=5` sets, `pmin` unsets.
    ///
    /// # Errors
    /// 4.00 with the reason for a query that is unknown, malformed, given twice, not for this target or version.
    pub(crate) fn changed_by<'a>(
        mut self,
        queries: impl Iterator<Item = &'a str>,
        target: Target,
        version: Version,
    ) -> Result<Attributes, Refusal> {
        let mut seen = Vec::new();
        for query in queries {
            let (name, value) = match query.split_once('=') {
                Some((name, value)) => (name, Some(value).filter(|value| !value.is_empty())),
                None => (query, None),
            };
            if seen.contains(&name) {
                return Err(Refusal::bad_request(format!("{name} is given twice")));
            }
            seen.push(name);
            self.change(name, value, target, version)?;
        }
        Ok(self)
    }

    fn change(
        &mut self,
        name: &str,
        value: Option<&str>,
        target: Target,
        version: Version,
    ) -> Result<(), Refusal> {
        let since = match name {
            "pmin" | "pmax" | "gt" | "lt" | "st" => Version::V1_0,
            "epmin" | "epmax" => Version::V1_1,
            _ => Version::V1_2,
        };
        if version < since {
            return Err(Refusal::bad_request(clipped("no such attribute", name)));
        }
        let wanted = match name {
            "gt" | "lt" | "st" => target.data_type.is_some_and(DataType::is_numeric),
            "edge" => target.data_type == Some(DataType::Boolean),
            _ => true,
        };
        if !wanted {
            let place = target.path;
            return Err(Refusal::bad_request(format!("{name} makes no sense at {place}")));
        }
        match name {
            "pmin" => self.pmin = optional(name, value, seconds)?,
            "pmax" => self.pmax = optional(name, value, seconds)?,
            "epmin" => self.epmin = optional(name, value, seconds)?,
            "epmax" => self.epmax = optional(name, value, seconds)?,
            "gt" => self.gt = optional(name, value, number)?,
            "lt" => self.lt = optional(name, value, number)?,
            "st" => self.st = optional(name, value, |text| number(text).filter(|step| *step >= 0.0))?,
            "edge" => self.edge = optional(name, value, flag)?,
            "con" => self.con = optional(name, value, flag)?,
            "hqmax" => self.hqmax = optional(name, value, seconds)?,
            _ => return Err(Refusal::bad_request(clipped("no such attribute", name))),
        }
        Ok(())
    }

    /// Whether the attributes fit together. A pmax below pmin is ignored rather than refused.
    ///
    /// # Errors
    /// 4.00 with the reason.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        if let (Some(lt), Some(gt)) = (self.lt, self.gt) {
            if lt >= gt {
                return Err(Refusal::bad_request("lt must be less than gt"));
            }
            if self.st.is_some_and(|st| lt + 2.0 * st >= gt) {
                return Err(Refusal::bad_request("lt plus twice st must be less than gt"));
            }
        }
        match (self.epmin, self.epmax) {
            (Some(epmin), Some(epmax)) if epmin >= epmax => {
                Err(Refusal::bad_request("epmin must be less than epmax"))
            }
            _ => Ok(()),
        }
    }

    /// As link attributes, `;pmin=5;gt=20.5`.
    pub(crate) fn to_link(self) -> String {
        let mut text = String::new();
        let mut put = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                // Writing to a String cannot fail.
                let _ = write!(text, ";{name}={value}");
            }
        };
        put("pmin", self.pmin.map(|it| it.to_string()));
        put("pmax", self.pmax.map(|it| it.to_string()));
        put("epmin", self.epmin.map(|it| it.to_string()));
        put("epmax", self.epmax.map(|it| it.to_string()));
        put("gt", self.gt.map(|it| it.to_string()));
        put("lt", self.lt.map(|it| it.to_string()));
        put("st", self.st.map(|it| it.to_string()));
        put("edge", self.edge.map(|it| u8::from(it).to_string()));
        put("con", self.con.map(|it| u8::from(it).to_string()));
        put("hqmax", self.hqmax.map(|it| it.to_string()));
        text
    }
}

fn optional<T>(
    name: &str,
    value: Option<&str>,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Refusal> {
    match value {
        None => Ok(None),
        Some(text) => match parse(text) {
            Some(parsed) => Ok(Some(parsed)),
            None => Err(Refusal::bad_request(clipped(
                &format!("not a value for {name}"),
                text,
            ))),
        },
    }
}

fn clipped(what: &str, text: &str) -> String {
    let text: String = text.chars().take(40).collect();
    format!("{what}: {text}")
}

fn seconds(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn number(text: &str) -> Option<f64> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    plain
        .then(|| text.parse().ok())
        .flatten()
        .filter(|number: &f64| number.is_finite())
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}

/// What the server attached, by path.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct AttributeTable(BTreeMap<Path, Attributes>);

impl AttributeTable {
    /// The most paths that may have attributes.
    pub(crate) const MAX_PATHS: usize = 1_024;

    /// What is attached at exactly this path.
    pub(crate) fn attached(&self, path: Path) -> Attributes {
        self.0.get(&path).copied().unwrap_or_default()
    }

    /// What is in force at the path: its own, then what the levels above have.
    pub(crate) fn effective(&self, path: Path) -> Attributes {
        let levels = (0..=path.depth()).rev();
        levels.fold(Attributes::default(), |gathered, depth| {
            gathered.inherit(self.attached(path.truncated(depth)))
        })
    }

    /// Attaches in place of what was there.
    ///
    /// # Errors
    /// 5.00 if too many paths have attributes.
    pub(crate) fn attach(&mut self, path: Path, attributes: Attributes) -> Result<(), Refusal> {
        if attributes.is_empty() {
            self.0.remove(&path);
        } else if self.0.len() < AttributeTable::MAX_PATHS || self.0.contains_key(&path) {
            self.0.insert(path, attributes);
        } else {
            let full = "no room for attributes at another path";
            return Err(Refusal::new(coap::Code::INTERNAL_SERVER_ERROR, full));
        }
        Ok(())
    }

    /// Forgets what is attached at and below the path.
    pub(crate) fn forget(&mut self, path: Path) {
        self.0.retain(|held, _| !path.contains(held));
    }
}
