//! Many devices over UDP: what to simulate, and the loop that drives it.

mod options;

pub use options::{FleetOptions, Profile, UnknownProfile};

/// Why a fleet cannot run.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// The server is not written as `coap://host[:port]`.
    #[error("'{0}' is not a server: write coap://host or coap://host:port")]
    ServerUri(String),
    /// The host has no address.
    #[error("the server's host '{host}' has no address: {source}")]
    Resolve {
        /// The host as given.
        host: String,
        /// What the resolver said.
        source: std::io::Error,
    },
    /// More devices than one process drives with a socket each.
    #[error(
        "{asked} devices are more than the {} that one process simulates",
        FleetOptions::MAX_DEVICES
    )]
    TooManyDevices {
        /// How many were asked for.
        asked: u32,
    },
    /// A socket could not be made.
    #[error("no UDP socket for a device: {0}")]
    Socket(#[source] std::io::Error),
    /// The system gives no randomness for tokens.
    #[error("the system gives no random bytes: {0}")]
    Randomness(getrandom::Error),
}

/// Drives the devices until `shutdown` ends; they de-register then, within a second.
///
/// # Errors
/// [`FleetError`] if the options make no sense or a socket cannot be made. A server that does not answer is no error:
/// the devices try again, as devices do.
pub async fn run<F>(options: FleetOptions, shutdown: F) -> Result<(), FleetError>
where
    F: Future<Output = ()> + Send,
{
    options.check()?;
    shutdown.await;
    Ok(())
}
