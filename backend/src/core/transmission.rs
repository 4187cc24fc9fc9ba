//! How a device is talked to.

use super::Core;
use crate::lwm2m::transmission::Manner;
use crate::registry::{DeviceNumber, What};
use crate::shard::Command;
use crate::store::StoreError;
use shared::api::{TransmissionSettings, TransmissionView};

/// Why a device cannot be talked to like that.
#[derive(Debug, thiserror::Error)]
pub enum TransmissionError {
    #[error("{0}")]
    Wrong(String),
    #[error("it is reached over the gateway '{0}': how that one is talked to holds for it too")]
    BehindGateway(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Core {
    /// What was set, what is usual, and what is in effect. `None` if there is no such device.
    pub fn transmission(&self, endpoint: &str) -> Option<TransmissionView> {
        let (settings, lead) = self.with_device(endpoint, |number, device| {
            let settings = device.transmission().cloned().unwrap_or_default();
            (settings, device.behind().map_or(number, |behind| behind.gateway))
        })?;
        Some(TransmissionView {
            settings,
            usual: Manner::default().view(),
            effective: self.manner(lead).view(),
        })
    }

    /// Sets how a device is talked to, `None` for as usual; in effect from the next message on. `None` if there is no such
    /// device.
    ///
    /// # Errors
    /// [`TransmissionError`]; nothing is changed then.
    pub async fn set_transmission(
        &self,
        endpoint: &str,
        settings: Option<TransmissionSettings>,
        by: &str,
    ) -> Result<Option<TransmissionView>, TransmissionError> {
        let settings = settings.filter(|settings| *settings != TransmissionSettings::default());
        if let Some(settings) = &settings {
            settings.check().map_err(TransmissionError::Wrong)?;
        }
        let found = self.with_device(endpoint, |number, device| {
            let gateway = device.behind().map(|behind| behind.endpoint.to_string());
            (number, gateway)
        });
        let number = match found {
            None => return Ok(None),
            Some((_, Some(gateway))) => return Err(TransmissionError::BehindGateway(gateway)),
            Some((number, None)) => number,
        };
        let (kept, by) = (settings.clone().map(Box::new), by.to_owned());
        self.ask(number, |done| What::Tune {
            settings: kept,
            by,
            done,
        })
        .await?;
        self.inner.manners.set(number, settings.as_ref());
        if let Some(place) = self.inner.directory.place(number) {
            let tune = Command::Tune { device: number };
            self.inner.shards.send(place.shard, tune).await;
        }
        Ok(self.transmission(endpoint))
    }

    pub(super) fn manner(&self, device: DeviceNumber) -> std::sync::Arc<Manner> {
        self.inner.manners.of(device)
    }
}
