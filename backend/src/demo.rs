//! `--demo`: a few simulated devices inside the process, so that the page is alive at once. Where coaps is served, some of
//! them prove who they are: two by pre-shared keys, one by a raw public key.

use crate::app::stopped;
use crate::clock;
use crate::core::Core;
use crate::credential::{Credential, Proof};
use dtls::SigningKey;
use simulator::{DtlsOptions, FleetOptions, Secret, endpoint_names};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

/// The devices with pre-shared keys and the ones with a raw public key, by their numbers.
const BY_PSK: [u32; 2] = [1, 6];
const BY_PUBLIC_KEY: [u32; 1] = [3];

/// Starts the devices; they sign off when the server begins to stop.
pub fn start(core: Core, coap: SocketAddr, stopping: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let fleets = match fleets(&core, coap).await {
            Ok(fleets) => fleets,
            Err(error) => {
                tracing::warn!(%error, "the simulated devices have no credentials, and come without security");
                vec![FleetOptions::demo(format!("coap://{}", reachable(coap)))]
            }
        };
        let running = fleets.into_iter().map(|options| {
            let mut stopping = stopping.clone();
            async move {
                if let Err(error) = simulator::run(options, stopped(&mut stopping)).await {
                    tracing::error!(%error, "the simulated devices do not run");
                }
            }
        });
        futures_util::future::join_all(running).await;
    })
}

/// The devices by how they come, those with credentials provisioned.
async fn fleets(core: &Core, coap: SocketAddr) -> anyhow::Result<Vec<FleetOptions>> {
    let plain = FleetOptions::demo(format!("coap://{}", reachable(coap)));
    let coaps = core
        .local_addresses()
        .into_iter()
        .find(|(scheme, _)| *scheme == "coaps");
    let Some((_, coaps)) = coaps else {
        return Ok(vec![plain]);
    };
    let secured = |only: &[u32], dtls| FleetOptions {
        only: Some(only.to_vec()),
        dtls,
        ..FleetOptions::demo(format!("coaps://{}", reachable(coaps)))
    };

    // Made anew at each start: they are of no use to anyone else.
    let mut psk = Zeroizing::new(vec![0; 16]);
    getrandom::fill(&mut psk)?;
    let pkcs8 = SigningKey::generate_pkcs8()?;
    let public_key = SigningKey::from_pkcs8(&pkcs8)?.public_key().to_vec();
    let by_psk = secured(
        &BY_PSK,
        DtlsOptions {
            psk: Some(Secret(psk.clone())),
            ..DtlsOptions::default()
        },
    );
    let by_public_key = secured(
        &BY_PUBLIC_KEY,
        DtlsOptions {
            key: Some(Secret(pkcs8)),
            server_public_key: Some(core.server_key().public_key().to_vec()),
            ..DtlsOptions::default()
        },
    );
    let credential = |endpoint: String, proof| Credential {
        endpoint: endpoint.into(),
        proof,
        created: clock::now(),
        expires: None,
    };
    let mut credentials: Vec<Credential> = endpoint_names(&by_psk)
        .into_iter()
        .map(|name| {
            let (identity, key) = (name.clone().into_bytes(), psk.clone());
            credential(name, Proof::Psk { identity, key })
        })
        .collect();
    credentials.extend(endpoint_names(&by_public_key).into_iter().map(|name| {
        let public_key = public_key.clone();
        credential(name, Proof::Rpk { public_key })
    }));
    core.keep_credentials(credentials, "demo").await?;

    let others = (0..plain.devices).filter(|index| !BY_PSK.contains(index) && !BY_PUBLIC_KEY.contains(index));
    let plain = FleetOptions {
        only: Some(others.collect()),
        ..plain
    };
    Ok(vec![plain, by_psk, by_public_key])
}

/// The address by which this machine reaches a socket that listens on all of its addresses.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
