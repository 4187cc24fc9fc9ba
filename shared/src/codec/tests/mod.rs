//! Tests over all formats.
