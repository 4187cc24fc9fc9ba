//! Configurations: kept, checked, tried out.

use super::Bootstrap;
use super::desk::fill;
use super::error::BootstrapError;
use super::records::Stored;
use crate::registry;
use shared::api::{AppliesTo, ConfigurationBody, ConfigurationView, DryRun, DryRunRequest, FindingList};
use shared::bootstrap::{
    Arrangement, BootstrapConfiguration, Discovered, Finding, Severity, Variables, has_refusal, locks_out,
    messages,
};
use shared::model::{DeviceModels, default_version};
use shared::query::Query;
use shared::sorted::SortedMap;
use shared::{ContentFormat, Version};
use std::sync::Arc;

/// How many configurations there may be, and how many parts one may have.
const MOST: usize = 1_000;
const MOST_PARTS: usize = 256;

impl Bootstrap {
    /// All configurations by name, without their secrets.
    pub fn configurations(&self) -> Vec<ConfigurationView> {
        let stored: Vec<(String, Arc<Stored>)> = {
            let records = self.desk.read();
            let all = records.configurations.iter();
            all.map(|(name, stored)| (name.clone(), stored.clone())).collect()
        };
        stored
            .iter()
            .map(|(name, stored)| self.view(name, stored))
            .collect()
    }

    pub fn configuration(&self, name: &str) -> Option<ConfigurationView> {
        let stored = self.desk.read().configurations.get(name).cloned()?;
        Some(self.view(name, &stored))
    }

    fn view(&self, name: &str, stored: &Stored) -> ConfigurationView {
        let chosen_for = {
            let records = self.desk.read();
            records
                .choices
                .values()
                .filter(|chosen| &***chosen == name)
                .count()
        };
        ConfigurationView {
            name: name.to_owned(),
            description: stored.body.description.clone(),
            applies_to: stored.body.applies_to.clone(),
            priority: stored.body.priority,
            configuration: stored.body.configuration.redacted(),
            updated_at: stored.updated,
            updated_by: stored.who.clone(),
            chosen_for: chosen_for as u64,
            findings: self.findings(&stored.body.configuration),
        }
    }

    /// What is wrong with a configuration for whatever device.
    fn findings(&self, configuration: &BootstrapConfiguration) -> Vec<Finding> {
        let registry = self.desk.models.get();
        let versions = versions(Version::V1_1);
        let models = DeviceModels::new(&registry, &versions);
        fill(configuration, &Variables::sample(), &models).1
    }

    /// Looks at a configuration without keeping it. Secrets that are to be kept come from the one of this name.
    pub fn check(&self, name: Option<&str>, configuration: &BootstrapConfiguration) -> FindingList {
        let before = name.and_then(|name| self.desk.read().configurations.get(name).cloned());
        let before = before.as_deref().map(|stored| &stored.body.configuration);
        let (configuration, missing) = configuration.restored(before);
        let mut items = self.findings(&configuration);
        items.extend(missing.into_iter().map(|place| {
            let words = format!("The secret of {place} is to be kept, but none is stored.");
            Finding::new(Severity::Refusal, "no_stored_secret", place, words)
        }));
        FindingList {
            refused: has_refusal(&items),
            locks_out: locks_out(&items),
            items,
        }
    }

    /// Keeps a configuration under a name.
    ///
    /// # Errors
    /// [`BootstrapError`] if it is not fit to be sent to any device.
    pub async fn put(
        &self,
        name: &str,
        body: ConfigurationBody,
        by: &str,
    ) -> Result<ConfigurationView, BootstrapError> {
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
        if name.is_empty() || name.len() > 64 || !name.chars().all(allowed) {
            return Err(BootstrapError::BadName);
        }
        check_applies(&body.applies_to)?;
        let configuration = &body.configuration;
        let parts = configuration.servers.len() + configuration.access.len() + configuration.objects.len();
        if parts > MOST_PARTS
            || configuration.delete.len() > MOST_PARTS
            || configuration.read.len() > MOST_PARTS
        {
            return Err(BootstrapError::BadRequest(format!(
                "a configuration has at most {MOST_PARTS} accounts, entries and instances"
            )));
        }
        let before = {
            let records = self.desk.read();
            let before = records.configurations.get(name).cloned();
            if before.is_none() && records.configurations.len() >= MOST {
                return Err(BootstrapError::BadRequest(format!(
                    "there are {MOST} configurations already"
                )));
            }
            before
        };
        let known = before.as_deref().map(|stored| &stored.body.configuration);
        let (configuration, missing) = body.configuration.restored(known);
        if let Some(place) = missing.into_iter().next() {
            return Err(BootstrapError::NoStoredSecret(place));
        }
        let findings = self.findings(&configuration);
        if has_refusal(&findings) {
            return Err(BootstrapError::Unfit(findings));
        }
        let stored = Arc::new(Stored {
            body: ConfigurationBody {
                configuration,
                ..body
            },
            updated: registry::now(),
            who: by.to_owned(),
        });
        self.desk.keeper.configuration(name, &stored).await?;
        self.desk
            .write()
            .configurations
            .insert(name.to_owned(), stored.clone());
        Ok(self.view(name, &stored))
    }

    /// Deletes a configuration. False if there is none of this name.
    ///
    /// # Errors
    /// [`BootstrapError::InUse`] if it was chosen for a device.
    pub async fn delete(&self, name: &str) -> Result<bool, BootstrapError> {
        {
            let records = self.desk.read();
            if !records.configurations.contains_key(name) {
                return Ok(false);
            }
            let devices = records
                .choices
                .values()
                .filter(|chosen| &***chosen == name)
                .count();
            if devices > 0 {
                let name = name.to_owned();
                return Err(BootstrapError::InUse { name, devices });
            }
        }
        self.desk.keeper.configuration_gone(name).await?;
        self.desk.write().configurations.remove(name);
        Ok(true)
    }

    /// The messages that a device would get.
    ///
    /// # Errors
    /// [`BootstrapError`] if there is no such configuration, or what the device is said to have cannot be read.
    pub fn dry_run(&self, request: &DryRunRequest) -> Result<DryRun, BootstrapError> {
        let bad = |words: String| BootstrapError::BadRequest(words);
        let (name, configuration) = self.configuration_for(request)?;
        let discovered = request
            .discovered
            .as_deref()
            .map(Discovered::parse)
            .transpose()
            .map_err(|error| bad(format!("'discovered': {error}")))?;
        let format = request
            .format
            .as_deref()
            .map(|name| {
                ContentFormat::from_name(name)
                    .filter(|format| shared::bootstrap::is_bootstrap_format(*format))
                    .ok_or_else(|| {
                        bad(format!(
                            "{} is no format for bootstrap",
                            crate::lwm2m::quote(name)
                        ))
                    })
            })
            .transpose()?;
        let version = discovered
            .as_ref()
            .and_then(|discovered| discovered.version)
            .unwrap_or(Version::V1_1);
        let registry = self.desk.models.get();
        let versions = versions(version);
        let models = DeviceModels::new(&registry, &versions);
        let mut variables = self.desk.variables(&request.endpoint, None);
        self.desk.keys.preview(&request.endpoint, &mut variables);
        let (draft, mut findings) = fill(&configuration, &variables, &models);
        let arrangement = Arrangement::of(&draft, discovered.as_ref());
        findings.extend(arrangement.conflicts.iter().map(|conflict| {
            Finding::new(
                Severity::Refusal,
                "overwrites_bootstrap_account",
                "",
                conflict.clone(),
            )
        }));
        findings.extend(self.desk.keys.findings(
            &request.endpoint,
            &configuration,
            &variables,
            registry::now(),
        ));
        let format = format.or(draft.format).unwrap_or(ContentFormat::TLV);
        let messages = if has_refusal(&findings) {
            Vec::new()
        } else {
            messages(&arrangement, format, &models, registry::now())
                .map_err(|error| bad(error.to_string()))?
        };
        Ok(DryRun {
            name,
            locks_out: locks_out(&findings),
            findings,
            messages,
        })
    }

    fn configuration_for(
        &self,
        request: &DryRunRequest,
    ) -> Result<(Option<String>, BootstrapConfiguration), BootstrapError> {
        let stored = match &request.name {
            Some(name) => {
                let found = self.desk.read().configurations.get(name).cloned();
                Some((
                    name.clone(),
                    found.ok_or_else(|| BootstrapError::UnknownConfiguration(name.clone()))?,
                ))
            }
            None => {
                let rows = self.desk.registry.rows();
                let device = rows.find(&request.endpoint).map(|(_, device)| device);
                self.desk.configuration_of(&request.endpoint, device).0
            }
        };
        match (&request.configuration, stored) {
            (Some(given), stored) => {
                let known = stored.as_ref().map(|(_, stored)| &stored.body.configuration);
                let (configuration, missing) = given.restored(known);
                match missing.into_iter().next() {
                    Some(place) => Err(BootstrapError::NoStoredSecret(place)),
                    None => Ok((request.name.clone(), configuration)),
                }
            }
            (None, Some((name, stored))) => Ok((Some(name), stored.body.configuration.clone())),
            (None, None) => Err(BootstrapError::BadRequest(format!(
                "no configuration is for the device {}",
                crate::lwm2m::quote(&request.endpoint)
            ))),
        }
    }
}

fn check_applies(applies: &AppliesTo) -> Result<(), BootstrapError> {
    match &applies.query {
        Some(query) => query
            .parse::<Query>()
            .map(drop)
            .map_err(|error| BootstrapError::Query(error.to_string())),
        None => Ok(()),
    }
}

fn versions(version: Version) -> SortedMap<u16, String> {
    (0..=27)
        .map(|object| (object, default_version(version, object).to_owned()))
        .collect()
}
