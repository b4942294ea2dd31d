//! Accounts at Twilio: whose, with which credentials, and what their owner allows.
//!
//! Every request is made for one owner, and carries that owner's credentials or none. What an
//! organization's row says goes before its secret: credentials of another account are not used.

use crate::deps::Deps;
use crate::ports::World;
use crate::providers::{CallPolicy, KeyOf, Keyed, NotReached};
use crate::secrets::{global_twilio_secret_id, twilio_secret_id};
use domain::outcome::{Outcome, Refusal};
use domain::phone::E164;
use domain::twilio::{Home, Owner};
use domain::vapi::{ImportRefusal, TwilioImportSpec, VapiNumber};
use planted::planted;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use twilio::{Credentials, Key, TwilioClient, TwilioSecret, TwilioSettings};
use vapi::TwilioKey;

/// A client of an account at Twilio.
pub type Twilio<'a, W> = TwilioClient<Keyed<'a, W, <W as World>::Twilio>>;

/// An account at Twilio that can be called.
pub struct TwilioAccess<'a, W: World> {
    /// The client.
    pub client: Twilio<'a, W>,
    /// Which account.
    pub home: Home,
    /// The numbers in it that are to be used whoever answers them now.
    pub listed: BTreeSet<E164>,
    /// Whether numbers may be bought in it.
    pub buys_numbers: bool,
}

impl<W: World> fmt::Debug for TwilioAccess<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioAccess").field("home", &self.home).finish_non_exhaustive()
    }
}

/// What opens an owner's account, and what the owner says of it.
struct Opened {
    secret_id: String,
    credentials: Credentials,
    listed: BTreeSet<E164>,
    buys_numbers: bool,
}

impl<W: World> Deps<W> {
    /// The account of this owner.
    ///
    /// # Errors
    /// [`NotReached`]: it has none, or what opens it cannot be read.
    pub async fn twilio_account(
        &self,
        owner: &Owner,
        policy: CallPolicy,
    ) -> Result<TwilioAccess<'_, W>, NotReached> {
        let opened = self.opened(owner).await?;
        let account = opened.credentials.account.clone();
        let mut settings = TwilioSettings::new(opened.credentials, policy.deadline);
        settings.base_url.clone_from(&self.providers.twilio_base_url);
        let keyed = Keyed {
            deps: self,
            exchange: &self.twilio,
            provider: "twilio",
            secret_id: Cow::Owned(opened.secret_id),
            key: KeyOf::TwilioAccount(account.clone()),
            policy,
        };
        Ok(TwilioAccess {
            client: TwilioClient::new(keyed, settings),
            home: Home { owner: owner.clone(), account },
            listed: opened.listed,
            buys_numbers: opened.buys_numbers,
        })
    }

    /// A client for numbers that are in this account.
    ///
    /// # Errors
    /// [`NotReached`]: its owner has another account by now or none, or what opens it cannot be
    /// read.
    pub async fn twilio_client(
        &self,
        home: &Home,
        policy: CallPolicy,
    ) -> Result<Twilio<'_, W>, NotReached> {
        let access = self.twilio_account(&home.owner, policy).await?;
        if access.home == *home { Ok(access.client) } else { Err(NotReached::NotConfigured) }
    }

    /// Imports a number from Twilio into VAPI, which is handed the account's key. If Twilio rejects
    /// it, and the secret holds another one by now, it is sent once more with that: a refused
    /// import certainly did nothing.
    pub async fn import_from_twilio(
        &self,
        owner: &Owner,
        spec: &TwilioImportSpec,
        policy: CallPolicy,
    ) -> Outcome<VapiNumber, ImportRefusal> {
        let vapi = match self.vapi_client(policy).await {
            Ok(vapi) => vapi,
            Err(not_reached) => return not_reached.outcome(),
        };
        let opened = match self.opened(owner).await {
            Ok(opened) if opened.credentials.account == spec.account => opened,
            Ok(_another) => return Outcome::Refused(Refusal::NotConfigured),
            Err(not_reached) => return not_reached.outcome(),
        };
        let answer = vapi.import_twilio_number(spec, handed(&opened.credentials)).await;
        if answer != Outcome::Refused(Refusal::Because(ImportRefusal::CredentialInvalid)) {
            return answer;
        }
        self.secrets.forget(&opened.secret_id);
        match self.opened(owner).await {
            Ok(again)
                if again.credentials.account == spec.account
                    && differ(&again.credentials, &opened.credentials)
                    && policy.time_is_left(policy.deadline, self.now()) =>
            {
                vapi.import_twilio_number(spec, handed(&again.credentials)).await
            }
            Ok(_same) => answer,
            Err(_unreadable) => Outcome::Transient { retry_after: None },
        }
    }

    async fn opened(&self, owner: &Owner) -> Result<Opened, NotReached> {
        let prefix = self.providers.twilio_secrets_prefix.as_deref();
        let prefix = prefix.ok_or(NotReached::NotConfigured)?;
        match owner {
            Owner::Platform => {
                let secret_id = global_twilio_secret_id(prefix);
                let TwilioSecret { credentials, phone_numbers, .. } =
                    self.twilio_secret(&secret_id).await?;
                Ok(Opened { secret_id, credentials, listed: phone_numbers, buys_numbers: true })
            }
            Owner::Organization(_) if planted!(PlatformForOrganization) => {
                Box::pin(self.opened(&Owner::Platform)).await
            }
            Owner::Organization(organization) => {
                let row = self.store.organization(organization).await;
                let row = row.map_err(NotReached::SettingsUnreadable)?;
                let account = row.and_then(|row| row.organization.twilio);
                let account = account.ok_or(NotReached::NotConfigured)?;
                let secret_id = twilio_secret_id(prefix, organization);
                let mut secret = self.twilio_secret(&secret_id).await?;
                if secret.credentials.account != account.account_sid {
                    // The row may have been changed since the secret was read.
                    self.secrets.forget(&secret_id);
                    secret = self.twilio_secret(&secret_id).await?;
                }
                if secret.credentials.account != account.account_sid {
                    tracing::warn!(%organization, "the secret is of another Twilio account");
                    return Err(NotReached::NotConfigured);
                }
                let (listed, buys_numbers) = (account.phone_numbers, account.buys_numbers);
                Ok(Opened { secret_id, credentials: secret.credentials, listed, buys_numbers })
            }
        }
    }

    async fn twilio_secret(&self, id: &str) -> Result<TwilioSecret, NotReached> {
        self.secrets
            .twilio(&self.secret_source, self.clock.as_ref(), id)
            .await
            .map_err(NotReached::SecretUnreadable)?
            .ok_or(NotReached::NotConfigured)
    }
}

fn handed(credentials: &Credentials) -> TwilioKey<'_> {
    match &credentials.key {
        Key::AuthToken(token) => TwilioKey::AuthToken(token),
        Key::ApiKey { sid, secret } => TwilioKey::ApiKey { sid, secret },
    }
}

fn differ(one: &Credentials, other: &Credentials) -> bool {
    one.authorization().header() != other.authorization().header()
}
