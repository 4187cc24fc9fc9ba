//! The columns of the device list: what can be shown, sorted by and exported.

use crate::compact::Compact;
use serde::{Deserialize, Serialize};

/// One column. Its name in the API is that of the row's field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DeviceColumn {
    State,
    Endpoint,
    Label,
    Manufacturer,
    Model,
    Firmware,
    LastSeen,
    NextDue,
    Signal,
    Battery,
    Pending,
    Tags,
    Lifetime,
    Version,
    QueueMode,
    Security,
    Parent,
}

/// Name in the API and word for people.
const COLUMNS: [(DeviceColumn, &str, &str); 17] = [
    (DeviceColumn::State, "state", "State"),
    (DeviceColumn::Endpoint, "endpoint", "Endpoint"),
    (DeviceColumn::Label, "label", "Label"),
    (DeviceColumn::Manufacturer, "manufacturer", "Manufacturer"),
    (DeviceColumn::Model, "model", "Model"),
    (DeviceColumn::Firmware, "firmware", "Firmware"),
    (DeviceColumn::LastSeen, "last_seen", "Last seen"),
    (DeviceColumn::NextDue, "next_due", "Next due"),
    (DeviceColumn::Signal, "signal", "Signal"),
    (DeviceColumn::Battery, "battery", "Battery"),
    (DeviceColumn::Pending, "pending", "Queued"),
    (DeviceColumn::Tags, "tags", "Tags"),
    (DeviceColumn::Lifetime, "lifetime", "Lifetime"),
    (DeviceColumn::Version, "version", "LwM2M"),
    (DeviceColumn::QueueMode, "queue_mode", "Queue mode"),
    (DeviceColumn::Security, "security", "Security"),
    (DeviceColumn::Parent, "parent", "Gateway"),
];

impl DeviceColumn {
    /// What is shown to somebody who chose nothing, in this order.
    pub const DEFAULT: [DeviceColumn; 8] = [
        DeviceColumn::State,
        DeviceColumn::Endpoint,
        DeviceColumn::Label,
        DeviceColumn::Model,
        DeviceColumn::Firmware,
        DeviceColumn::Battery,
        DeviceColumn::LastSeen,
        DeviceColumn::NextDue,
    ];

    /// Every column, in the order in which they are offered.
    pub fn all() -> impl Iterator<Item = DeviceColumn> {
        COLUMNS.iter().map(|(column, ..)| *column)
    }

    pub fn parse(name: &str) -> Option<DeviceColumn> {
        COLUMNS
            .iter()
            .find(|(_, known, _)| *known == name)
            .map(|(column, ..)| *column)
    }

    /// The name in the API, `"last_seen"`.
    pub const fn name(self) -> &'static str {
        COLUMNS[self as usize].1
    }

    /// The word for people, `"Last seen"`.
    pub const fn word(self) -> &'static str {
        COLUMNS[self as usize].2
    }

    /// Whether a list can be sorted by it: not by several texts at once.
    pub const fn is_sortable(self) -> bool {
        !matches!(self, DeviceColumn::Tags)
    }

    /// Columns by their names with commas between them; the first name that is none is told.
    ///
    /// # Errors
    /// The name that is no column, or that occurs twice.
    pub fn parse_list(text: &str) -> Result<Vec<DeviceColumn>, String> {
        let mut columns = Vec::new();
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match DeviceColumn::parse(name) {
                Some(column) if !columns.contains(&column) => columns.push(column),
                _ => return Err(name.chars().take(40).collect()),
            }
        }
        Ok(columns)
    }

    /// The names with commas between them.
    pub fn join(columns: &[DeviceColumn]) -> String {
        let names: Vec<&str> = columns.iter().map(|column| column.name()).collect();
        names.join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_stands_at_its_own_place_and_reads_back() {
        for (place, column) in DeviceColumn::all().enumerate() {
            assert_eq!(column as usize, place);
            assert_eq!(DeviceColumn::parse(column.name()), Some(column));
        }
        let all: Vec<DeviceColumn> = DeviceColumn::all().collect();
        assert_eq!(DeviceColumn::parse_list(&DeviceColumn::join(&all)), Ok(all));
    }

    #[test]
    fn a_name_that_is_none_or_stands_twice_is_told() {
        assert_eq!(
            DeviceColumn::parse_list("state,,colour"),
            Err("colour".to_owned())
        );
        assert_eq!(DeviceColumn::parse_list("state,state"), Err("state".to_owned()));
        assert_eq!(DeviceColumn::parse_list(""), Ok(Vec::new()));
    }
}
