//! Devices that people make known before they come.

use super::Core;
use crate::credential::{Credential, CredentialError, Use};
use crate::provision::{Maker, Row};
use crate::registry::{self, Report, What};
use crate::store::StoreError;
use shared::Timestamp;
use shared::api::GeneratedKey;

/// A row that was taken.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) created: bool,
    pub(crate) generated: Generated,
}

/// The keys that were made for a row.
#[derive(Debug, Default)]
pub(crate) struct Generated {
    pub(crate) server: Option<GeneratedKey>,
    /// For bootstrap alone.
    pub(crate) bootstrap: Option<GeneratedKey>,
}

/// A row on its way: its credentials, and why it is refused if it is.
#[derive(Debug, Default)]
struct Candidate {
    server: Option<Credential>,
    bootstrap: Option<Credential>,
    generated: Generated,
    refused: Option<String>,
}

impl Candidate {
    fn credential(&self, purpose: Use) -> Option<Credential> {
        match (&self.refused, purpose) {
            (Some(_), _) => None,
            (None, Use::Server) => self.server.clone(),
            (None, Use::Bootstrap) => self.bootstrap.clone(),
        }
    }
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
        let at = registry::now();
        let mut candidates: Vec<Candidate> = rows.iter().map(|row| self.candidate(row, at)).collect();
        let back: Vec<String> = rows
            .iter()
            .zip(&candidates)
            .filter(|(row, candidate)| {
                candidate.refused.is_none() && inner.directory.is_barred(&row.endpoint)
            })
            .map(|(row, _)| row.endpoint.clone())
            .collect();
        if !back.is_empty() {
            self.let_come_again(back).await?;
        }
        self.keep_all(&mut candidates).await?;
        let mut choices = Vec::new();
        let mut reports = Vec::with_capacity(rows.len());
        let mut outcomes = Vec::with_capacity(rows.len());
        for (row, candidate) in rows.into_iter().zip(candidates) {
            if let Some(refused) = candidate.refused {
                outcomes.push(Err(refused));
                continue;
            }
            let Some((number, endpoint, created)) = inner.directory.provide(&row.endpoint) else {
                outcomes.push(Err("as many devices are known as may be".into()));
                continue;
            };
            choices.extend(row.configuration.map(|name| (row.endpoint, name)));
            reports.push(Report {
                at,
                device: Some(number),
                what: What::Provision {
                    endpoint,
                    patch: row.patch,
                    by: by.to_owned(),
                    done: None,
                },
            });
            outcomes.push(Ok(Taken {
                created,
                generated: candidate.generated,
            }));
        }
        if !choices.is_empty() {
            inner.bootstrap.choose_all(choices).await?;
        }
        if inner.registry.input.send(reports).await.is_err() {
            return Err(StoreError::Stopped);
        }
        Ok(outcomes)
    }

    /// Makes what a row asks for, without keeping it.
    fn candidate(&self, row: &Row, at: Timestamp) -> Candidate {
        let made = || {
            if let Some(name) = &row.configuration
                && !self.inner.bootstrap.has(name)
            {
                return Err(format!(
                    "there is no bootstrap configuration {}",
                    crate::lwm2m::quote(name)
                ));
            }
            let keys = self.inner.bootstrap.keys();
            let maker = Maker {
                authority: &keys.authority,
                place: keys.trust.endpoint_name,
            };
            let (server, generated) = row.wanted.credential(&row.endpoint, at, maker)?;
            let (bootstrap, for_bootstrap) = row.wanted_bootstrap.credential(&row.endpoint, at, maker)?;
            Ok(Candidate {
                server,
                bootstrap,
                generated: Generated {
                    server: generated,
                    bootstrap: for_bootstrap,
                },
                refused: None,
            })
        };
        made().unwrap_or_else(|refused| Candidate {
            refused: Some(refused),
            ..Candidate::default()
        })
    }

    /// Keeps the credentials of all candidates that are fit, and refuses the others.
    async fn keep_all(&self, candidates: &mut [Candidate]) -> Result<(), StoreError> {
        let books = [
            (Use::Server, &self.inner.credentials),
            (Use::Bootstrap, self.inner.bootstrap.credentials()),
        ];
        for (purpose, book) in books {
            let (places, credentials): (Vec<usize>, Vec<Credential>) = candidates
                .iter()
                .enumerate()
                .filter_map(|(place, candidate)| Some((place, candidate.credential(purpose)?)))
                .unzip();
            for (place, fit) in places.into_iter().zip(book.fit(&credentials)) {
                if let Some(candidate) = candidates.get_mut(place) {
                    candidate.refused = fit.err().map(|error| error.to_string());
                }
            }
        }
        for (purpose, book) in books {
            let credentials: Vec<Credential> = candidates
                .iter()
                .filter_map(|candidate| candidate.credential(purpose))
                .collect();
            if credentials.is_empty() {
                continue;
            }
            let kept = match purpose {
                Use::Server => self.put_credentials(credentials).await,
                Use::Bootstrap => book.put(credentials).await.map(drop),
            };
            match kept {
                Ok(()) => {}
                Err(CredentialError::Store(error)) => return Err(error),
                // Somebody else took an identity in the meantime.
                Err(error) => {
                    for candidate in candidates.iter_mut() {
                        if candidate.credential(purpose).is_some() {
                            candidate.refused = Some(error.to_string());
                        }
                    }
                }
            }
        }
        Ok(())
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
            // What was kept to let it be wiped has served its time.
            inner.bootstrap.keys().forget(&endpoint).await?;
        }
        Ok(count)
    }

    /// Forgets a device with its credentials. False if there is no such device.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn forget(&self, endpoint: &str, by: &str) -> Result<bool, StoreError> {
        if self.number(endpoint).is_none() {
            return Ok(false);
        }
        self.withdraw(endpoint).await?;
        self.end_session(endpoint).await;
        self.inner.bootstrap.keys().forget(endpoint).await?;
        self.remove(endpoint, by).await
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
