//! The cookie by which a client proves that it receives at its address, before it costs memory. RFC 6347 §4.2.1.

use super::address::PeerAddress;
use crate::crypto::p256::CryptoError;
use crate::message::{DecodeError, Reader};
use aws_lc_rs::hmac;
use std::time::{Duration, Instant};

/// The cookie is an HMAC-SHA-256 cut to half: nobody guesses 128 bits, and the ClientHello stays short.
pub(super) const COOKIE: usize = 16;

/// How long a secret makes cookies; they are taken twice as long.
const ROTATION: Duration = Duration::from_secs(60);

/// The fields of a ClientHello that the cookie binds. They stand at its beginning, so that the first fragment of one
/// that is cut into pieces is enough, and its client repeats them unchanged with the cookie.
#[derive(Debug, Clone, Copy)]
pub(super) struct HelloStart<'a> {
    pub(super) random: &'a [u8],
    session_id: &'a [u8],
    cookie: &'a [u8],
}

impl<'a> HelloStart<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<HelloStart<'a>, DecodeError> {
        let mut reader = Reader::new(bytes);
        reader.u16()?;
        Ok(HelloStart {
            random: reader.take(32)?,
            session_id: reader.vec8()?,
            cookie: reader.vec8()?,
        })
    }
}

/// Makes and recognises cookies by secrets that change.
pub(super) struct CookieJar {
    current: hmac::Key,
    previous: hmac::Key,
    changed: Instant,
}

fn fresh() -> Result<hmac::Key, CryptoError> {
    let mut secret = zeroize::Zeroizing::new([0; 32]);
    super::random(secret.as_mut())?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, secret.as_ref()))
}

impl CookieJar {
    pub(super) fn new(now: Instant) -> Result<CookieJar, CryptoError> {
        Ok(CookieJar {
            current: fresh()?,
            previous: fresh()?,
            changed: now,
        })
    }

    fn rotate(&mut self, now: Instant) -> Result<(), CryptoError> {
        let age = now.saturating_duration_since(self.changed);
        if age >= ROTATION {
            let current = std::mem::replace(&mut self.current, fresh()?);
            self.previous = if age < 2 * ROTATION { current } else { fresh()? };
            self.changed = now;
        }
        Ok(())
    }

    /// The cookie for this hello from this address.
    pub(super) fn cookie<P: PeerAddress>(
        &mut self,
        now: Instant,
        peer: &P,
        hello: HelloStart<'_>,
    ) -> Result<[u8; COOKIE], CryptoError> {
        self.rotate(now)?;
        Ok(compute(&self.current, peer, hello))
    }

    /// Whether the hello carries a cookie of this jar for this address.
    pub(super) fn verifies<P: PeerAddress>(&mut self, now: Instant, peer: &P, hello: HelloStart<'_>) -> bool {
        self.rotate(now).is_ok()
            && hello.cookie.len() == COOKIE
            && [&self.current, &self.previous]
                .into_iter()
                .any(|key| subtle::ConstantTimeEq::ct_eq(&compute(key, peer, hello)[..], hello.cookie).into())
    }
}

fn compute<P: PeerAddress>(key: &hmac::Key, peer: &P, hello: HelloStart<'_>) -> [u8; COOKIE] {
    let mut address = Vec::with_capacity(24);
    peer.write_bytes(&mut address);
    let mut context = hmac::Context::with_key(key);
    context.update(&[address.len() as u8, hello.session_id.len() as u8]);
    context.update(&address);
    context.update(hello.random);
    context.update(hello.session_id);
    let mut cookie = [0; COOKIE];
    cookie.copy_from_slice(&context.sign().as_ref()[..COOKIE]);
    cookie
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::SocketAddr;

    #[test]
    fn a_cookie_fits_its_hello_and_address_for_a_while() {
        let now = Instant::now();
        let mut jar = CookieJar::new(now).unwrap();
        let (here, there): (SocketAddr, SocketAddr) =
            ("192.0.2.1:1".parse().unwrap(), "192.0.2.1:2".parse().unwrap());
        let plain = HelloStart {
            random: &[1; 32],
            session_id: &[2; 8],
            cookie: &[],
        };
        let cookie = jar.cookie(now, &here, plain).unwrap();
        let hello = HelloStart {
            cookie: &cookie,
            ..plain
        };
        assert!(!jar.verifies(now, &here, plain));
        assert!(jar.verifies(now, &here, hello));
        assert!(!jar.verifies(now, &there, hello));
        assert!(!jar.verifies(
            now,
            &here,
            HelloStart {
                random: &[3; 32],
                ..hello
            }
        ));
        assert!(!jar.verifies(
            now,
            &here,
            HelloStart {
                session_id: &[2; 7],
                ..hello
            }
        ));
        assert!(jar.verifies(now + ROTATION, &here, hello));
        assert!(!jar.verifies(now + 2 * ROTATION, &here, hello));
        let cookie = jar.cookie(now + 2 * ROTATION, &here, plain).unwrap();
        assert!(!jar.verifies(
            now + 9 * ROTATION,
            &here,
            HelloStart {
                cookie: &cookie,
                ..plain
            }
        ));
    }
}
