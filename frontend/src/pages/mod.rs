//! The pages, one folder or file each.

pub(crate) mod device;
pub(crate) mod devices;
mod login;
mod not_found;

pub(crate) use login::{LoginForm, LoginPage};
pub(crate) use not_found::NotFoundPage;
