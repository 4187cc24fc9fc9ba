//! The lines that the measuring programs print: name, value and unit with tabs between, once a round.

use anyhow::{Context, Result};
use std::collections::BTreeMap;

/// The values of each figure, one of every round.
#[derive(Debug, Default)]
pub(super) struct Figures(BTreeMap<String, Vec<f64>>);

impl Figures {
    /// Takes what a program printed in one round.
    pub(super) fn read(&mut self, printed: &str) -> Result<()> {
        for line in printed.lines() {
            let mut fields = line.split('\t');
            let (Some(name), Some(value), Some(_unit), None) =
                (fields.next(), fields.next(), fields.next(), fields.next())
            else {
                anyhow::bail!("`{line}` is no figure");
            };
            let value = value
                .parse()
                .with_context(|| format!("`{line}` has no value that reads"))?;
            self.0.entry(name.to_owned()).or_default().push(value);
        }
        Ok(())
    }

    /// The middle one of the rounds' values.
    pub(super) fn median(&self, name: &str) -> Result<f64> {
        let mut values = self.values(name)?.to_vec();
        values.sort_by(f64::total_cmp);
        Ok((values[(values.len() - 1) / 2] + values[values.len() / 2]) / 2.0)
    }

    /// The least and the greatest of the rounds' values.
    pub(super) fn range(&self, name: &str) -> Result<(f64, f64)> {
        let values = self.values(name)?;
        let fold = |with: fn(f64, f64) -> f64| values.iter().copied().fold(values[0], with);
        Ok((fold(f64::min), fold(f64::max)))
    }

    fn values(&self, name: &str) -> Result<&[f64]> {
        self.0
            .get(name)
            .map(Vec::as_slice)
            .with_context(|| format!("`{name}` was not measured"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_give_a_median_and_a_range() {
        let mut figures = Figures::default();
        for value in ["3.0", "1.0", "10.5"] {
            figures.read(&format!("psk\t{value}\thandshakes/s\n")).unwrap();
        }
        assert_eq!(figures.median("psk").unwrap(), 3.0);
        assert_eq!(figures.range("psk").unwrap(), (1.0, 10.5));
        figures.read("psk\t4.0\thandshakes/s").unwrap();
        assert_eq!(figures.median("psk").unwrap(), 3.5);
        assert!(figures.median("rsa").is_err());
        for wrong in ["psk", "psk\tx\ts", "a\t1\tb\tc"] {
            assert!(figures.read(wrong).is_err(), "{wrong}");
        }
    }
}
