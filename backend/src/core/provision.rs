//! Devices that people make known before they come.

use super::Core;
use crate::provision::Row;
use crate::registry::{self, Report, What};
use crate::store::StoreError;
use shared::api::GeneratedKey;

/// A row that was taken.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) created: bool,
    pub(crate) generated: Option<GeneratedKey>,
}

impl Core {
    /// Makes these devices known, or describes them anew; for each how it went, in words if it did not. One that was
    /// decommissioned may come again.
    ///
    /// # Errors
    /// [`StoreError`] if the store takes nothing; no row of these was taken then.
    pub(crate) async fn provision(
        &self,
        rows: Vec<Row>,
        by: &str,
    ) -> Result<Vec<Result<Taken, String>>, StoreError> {
        let inner = &self.inner;
        let mut choices = Vec::new();
        let mut back = Vec::new();
        let mut reports = Vec::with_capacity(rows.len());
        let mut outcomes = Vec::with_capacity(rows.len());
        let generated = self.credentials_for(&rows).await?;
        let at = registry::now();
        for (row, credential) in rows.into_iter().zip(generated) {
            let outcome = credential.and_then(|generated| {
                if let Some(name) = &row.configuration
                    && !inner.bootstrap.has(name)
                {
                    return Err(format!(
                        "there is no bootstrap configuration {}",
                        crate::lwm2m::quote(name)
                    ));
                }
                let (number, endpoint, is_new) = inner
                    .directory
                    .provide(&row.endpoint)
                    .ok_or("as many devices are known as may be")?;
                if inner.directory.is_barred(&row.endpoint) {
                    back.push(row.endpoint.clone());
                }
                choices.extend(row.configuration.map(|name| (row.endpoint, name)));
                let what = What::Provision {
                    endpoint,
                    patch: row.patch,
                    by: by.to_owned(),
                    done: None,
                };
                reports.push(Report {
                    at,
                    device: Some(number),
                    what,
                });
                Ok(Taken {
                    created: is_new,
                    generated,
                })
            });
            outcomes.push(outcome);
        }
        if !back.is_empty() {
            self.let_come_again(back).await?;
        }
        if !choices.is_empty() {
            inner.bootstrap.choose_all(choices).await?;
        }
        if inner.registry.input.send(reports).await.is_err() {
            return Err(StoreError::Stopped);
        }
        Ok(outcomes)
    }

    /// Keeps the credentials that the rows ask for; for each row the key that was generated, or why it is refused.
    async fn credentials_for(
        &self,
        rows: &[Row],
    ) -> Result<Vec<Result<Option<GeneratedKey>, String>>, StoreError> {
        Ok(rows
            .iter()
            .map(|row| {
                if row.wanted.needs_security() {
                    Err("this server has no secure listener, so it keeps no credentials".into())
                } else {
                    Ok(None)
                }
            })
            .collect())
    }

    /// Lets devices come again that were decommissioned; how many of these were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn let_come_again(&self, endpoints: Vec<String>) -> Result<usize, StoreError> {
        let names = endpoints.clone();
        let inner = &self.inner;
        let count = inner
            .store
            .write(move |transaction| {
                let mut statement =
                    transaction.prepare_cached("DELETE FROM decommissioned WHERE endpoint = ?1")?;
                let mut count = 0;
                for name in names {
                    count += statement.execute([name])?;
                }
                Ok(count)
            })
            .await?;
        for endpoint in endpoints {
            inner.directory.bar(&endpoint, false);
            inner.bootstrap.set_retiring(&endpoint, Vec::new());
        }
        Ok(count)
    }

    /// Archives a device into a folder of the data directory, has it refused from now on, and forgets it. False if there
    /// is no such device.
    ///
    /// # Errors
    /// [`StoreError`]; the device is there as before if it could not be archived.
    pub async fn decommission(
        &self,
        endpoint: &str,
        data_dir: &std::path::Path,
        by: &str,
    ) -> Result<bool, StoreError> {
        crate::decommission::decommission(self, data_dir, endpoint, by).await
    }

    /// Has a device refused from now on.
    pub(crate) fn bar(&self, endpoint: &str) {
        self.inner.directory.bar(endpoint, true);
    }
}
