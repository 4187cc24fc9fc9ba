//! How a [`crate::Node`] travels: one module per content format.
