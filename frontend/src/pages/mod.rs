//! The pages, one folder or file each.

pub(crate) mod audit;
pub(crate) mod credentials;
mod decommission;
pub(crate) mod device;
pub(crate) mod devices;
#[cfg(debug_assertions)]
pub(crate) mod gallery;
mod login;
pub(crate) mod models;
mod not_found;
pub(crate) mod overview;
pub(crate) mod provisioning;
pub(crate) mod settings;

pub(crate) use login::{LoginForm, LoginPage};
pub(crate) use not_found::NotFoundPage;
