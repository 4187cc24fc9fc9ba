//! Floats of four bytes. A device that holds 22.3 in four bytes means 22.3, not 22.299999237060547, which is what the
//! same bits say when they are widened; so they are read as the shortest decimal that has these bits.

/// The number meant by these four bytes.
pub(super) fn widen(short: f32) -> f64 {
    let exact = f64::from(short);
    if short.is_finite() {
        crate::float::shortest_of_single(short)
    } else {
        exact
    }
}

/// The four bytes that say exactly this number and are read back as it, if there are any.
pub(super) fn narrow(number: f64) -> Option<f32> {
    let short = number as f32;
    (f64::from(short) == number && widen(short) == number).then_some(short)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn four_bytes_are_read_as_the_decimal_they_stand_for() {
        assert_eq!(widen(22.3), 22.3);
        assert_eq!(widen(-0.1), -0.1);
        assert_eq!(widen(0.5), 0.5);
        assert_eq!(widen(f32::INFINITY), f64::INFINITY);
    }

    #[test]
    fn only_what_is_exact_is_shortened() {
        assert_eq!(narrow(0.5), Some(0.5));
        assert_eq!(narrow(22.3), None);
        assert_eq!(narrow(f64::from(22.3_f32)), None);
        assert_eq!(narrow(f64::NAN), None);
    }

    proptest! {
        #[test]
        fn what_is_shortened_reads_back(number in any::<f32>()) {
            let number = f64::from(number);
            if let Some(short) = narrow(number) {
                prop_assert_eq!(widen(short), number);
            }
        }
    }
}
