//! What DTLS was meant to reach.

use super::report::grouped;

/// A figure, by the name that the measuring programs give it, and its aim.
#[derive(Debug)]
pub(super) struct Aim {
    pub(super) figure: &'static str,
    most: bool,
    bound: f64,
}

const fn at_least(figure: &'static str, bound: f64) -> Aim {
    Aim {
        figure,
        most: false,
        bound,
    }
}

const fn at_most(figure: &'static str, bound: f64) -> Aim {
    Aim {
        figure,
        most: true,
        bound,
    }
}

pub(super) const AIMS: [Aim; 13] = [
    at_least("psk", 30_000.0),
    at_least("psk resumed by ticket", 40_000.0),
    at_least("psk resumed by id", 40_000.0),
    at_least("raw public key", 2_500.0),
    at_least("certificate", 2_500.0),
    at_most("CCM_8 open and seal, one session", 1_000.0),
    at_most("GCM open and seal, one session", 1_000.0),
    at_most("psk session, with connection id", 400.0),
    at_most("psk session, without connection id", 400.0),
    at_most("psk session, resumable by id", 400.0),
    at_most("certificate session, with connection id", 400.0),
    at_most("certificate session, without connection id", 400.0),
    at_most("unverified address", 0.0),
];

impl Aim {
    pub(super) fn of(figure: &str) -> Option<&'static Aim> {
        AIMS.iter().find(|aim| aim.figure == figure)
    }

    pub(super) fn is_met(&self, value: f64) -> bool {
        if self.most {
            value <= self.bound
        } else {
            value >= self.bound
        }
    }

    pub(super) fn words(&self) -> String {
        let which = if self.most { "at most" } else { "at least" };
        format!("{which} {}", grouped(self.bound))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aim_is_a_bound_from_one_side() {
        let handshakes = Aim::of("psk").unwrap();
        assert!(handshakes.is_met(30_000.0) && !handshakes.is_met(29_999.0));
        assert_eq!(handshakes.words(), "at least 30,000");
        let stranger = Aim::of("unverified address").unwrap();
        assert!(stranger.is_met(0.0) && !stranger.is_met(0.1));
        assert!(Aim::of("CBC open and seal, one session").is_none());
    }
}
