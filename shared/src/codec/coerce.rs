//! Bringing a value to the type its resource has.
