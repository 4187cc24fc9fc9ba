//! Muster's page.

fn main() {}
