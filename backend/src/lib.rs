//! The Muster server.
