//! Profile IDs, as people provision them.

use super::Core;
use crate::lwm2m::registration::ObjectLinks;
use crate::lwm2m::registration::profile::{LONGEST_LIST, MAX_PROFILES, Profile, is_id};
use crate::registry;
use crate::store::StoreError;
use shared::Version;
use shared::api::ProfileView;

/// Why a profile is not kept.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    #[error("'{0}' is no Profile ID, which has the form 6:27354b9a")]
    Id(String),
    #[error("links: {0}")]
    Links(String),
    #[error("{MAX_PROFILES} profiles are known, which is as many as may be")]
    Full,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Core {
    /// All profiles, by identifier.
    pub fn profiles(&self) -> Vec<ProfileView> {
        let all = self.inner.profiles.all().into_iter();
        all.map(|(id, profile)| ProfileView {
            id,
            links: profile.links,
            learnt: profile.learnt,
        })
        .collect()
    }

    /// Says what a Profile ID stands for, in place of what is known. Registrations from now on take it.
    ///
    /// # Errors
    /// [`ProfileError`] if it is none, or cannot be kept.
    pub async fn set_profile(&self, id: &str, links: &str) -> Result<ProfileView, ProfileError> {
        if !is_id(id) {
            return Err(ProfileError::Id(id.chars().take(60).collect()));
        }
        let list = ObjectLinks::parse(Version::V1_2, links.as_bytes())
            .map_err(|refusal| ProfileError::Links(refusal.reason))?;
        if links.len() > LONGEST_LIST || list.objects.is_empty() {
            return Err(ProfileError::Links(format!(
                "an object list names at least one object and has at most {LONGEST_LIST} bytes"
            )));
        }
        let profile = Profile {
            links: links.to_owned(),
            learnt: false,
        };
        if !self.inner.profiles.set(id, profile.clone()) {
            return Err(ProfileError::Full);
        }
        let (key, kept, now) = (id.to_owned(), profile.clone(), registry::now());
        self.inner
            .store
            .write(move |transaction| registry::keep_profile(transaction, &key, &kept, now))
            .await?;
        Ok(ProfileView {
            id: id.to_owned(),
            links: profile.links,
            learnt: false,
        })
    }

    /// Forgets a profile; registrations that were made with it stay. Whether there was one.
    ///
    /// # Errors
    /// [`ProfileError::Store`].
    pub async fn remove_profile(&self, id: &str) -> Result<bool, ProfileError> {
        let was_there = self.inner.profiles.remove(id);
        let key = id.to_owned();
        self.inner
            .store
            .write(move |transaction| {
                transaction.execute("DELETE FROM profile WHERE id = ?1", [key])?;
                Ok(())
            })
            .await?;
        Ok(was_there)
    }
}
