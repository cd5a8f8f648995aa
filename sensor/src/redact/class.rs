//! Data classes: what a value is, which rules it falls under, and how it may leave.

use super::custom;

/// A class of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Class {
    /// An identifier of anything: the one class all generic identifiers share, so that they join.
    Id,
    Account,
    Address,
    Birth,
    CardExpiry,
    Cookie,
    Credential,
    Cvv,
    /// A number of a device or an installation: IMEI, serial number, advertising id.
    Device,
    Email,
    FileName,
    Gender,
    Geo,
    Health,
    /// A number of a patient or of an insured person.
    HealthId,
    Iban,
    Ip,
    Itin,
    Jwt,
    KrBrn,
    KrCi,
    KrCorp,
    KrForeigner,
    KrLicense,
    KrRrn,
    Mac,
    Name,
    /// A number that a country gives a person, of countries without a class of their own.
    NationalId,
    Otp,
    Pan,
    Passport,
    Password,
    Path,
    Phone,
    Pin,
    PrivateKey,
    Session,
    Ssn,
    Subject,
    Track,
    /// An address of a crypto-asset wallet.
    Wallet,
    // Classes that the configuration names: see `custom::class`.
    Own0,
    Own1,
    Own2,
    Own3,
    Own4,
    Own5,
    Own6,
    Own7,
    Own8,
    Own9,
    Own10,
    Own11,
    Own12,
    Own13,
    Own14,
    Own15,
}

/// How a value of a sensitive class leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// As a token of this class.
    Token,
    /// As its shape: too few possible values for a token.
    Shape,
    /// Not at all: must not be stored, even hashed (PCI DSS 3.3, passwords).
    Drop,
}

const PERSONAL: &[&str] = &["GDPR", "HIPAA", "K_PIPA"];

impl Class {
    /// How many classes there are.
    pub(crate) const COUNT: usize = Self::Own15 as usize + 1;

    /// Every class that tokens are made for: [`Class::token`] gives no other.
    pub(crate) const TOKENS: [Self; 36] = [
        Self::Id,
        Self::Address,
        Self::Birth,
        Self::Cookie,
        Self::Credential,
        Self::Email,
        Self::FileName,
        Self::Iban,
        Self::Ip,
        Self::Jwt,
        Self::KrForeigner,
        Self::KrRrn,
        Self::Mac,
        Self::Name,
        Self::Pan,
        Self::Path,
        Self::Phone,
        Self::Session,
        Self::Ssn,
        Self::Subject,
        Self::Own0,
        Self::Own1,
        Self::Own2,
        Self::Own3,
        Self::Own4,
        Self::Own5,
        Self::Own6,
        Self::Own7,
        Self::Own8,
        Self::Own9,
        Self::Own10,
        Self::Own11,
        Self::Own12,
        Self::Own13,
        Self::Own14,
        Self::Own15,
    ];

    /// Classes that the configuration may name.
    pub(crate) const OWN: [Self; 16] = [
        Self::Own0,
        Self::Own1,
        Self::Own2,
        Self::Own3,
        Self::Own4,
        Self::Own5,
        Self::Own6,
        Self::Own7,
        Self::Own8,
        Self::Own9,
        Self::Own10,
        Self::Own11,
        Self::Own12,
        Self::Own13,
        Self::Own14,
        Self::Own15,
    ];

    /// Built-in classes that values may be found to be of.
    pub(crate) const BUILT_IN: [Self; 41] = [
        Self::Id,
        Self::Account,
        Self::Address,
        Self::Birth,
        Self::CardExpiry,
        Self::Cookie,
        Self::Credential,
        Self::Cvv,
        Self::Device,
        Self::Email,
        Self::FileName,
        Self::Gender,
        Self::Geo,
        Self::Health,
        Self::HealthId,
        Self::Iban,
        Self::Ip,
        Self::Itin,
        Self::Jwt,
        Self::KrBrn,
        Self::KrCi,
        Self::KrCorp,
        Self::KrForeigner,
        Self::KrLicense,
        Self::KrRrn,
        Self::Mac,
        Self::Name,
        Self::NationalId,
        Self::Otp,
        Self::Pan,
        Self::Passport,
        Self::Password,
        Self::Path,
        Self::Phone,
        Self::Pin,
        Self::PrivateKey,
        Self::Session,
        Self::Ssn,
        Self::Subject,
        Self::Track,
        Self::Wallet,
    ];

    /// Which of the classes that the configuration names this is.
    pub(crate) fn slot(self) -> Option<usize> {
        Self::OWN.iter().position(|own| *own == self)
    }

    /// The built-in class of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::BUILT_IN.into_iter().find(|class| class.name() == name)
    }

    /// Name in findings and tokens.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Account => "account",
            Self::Address => "address",
            Self::Birth => "birth_date",
            Self::CardExpiry => "card_expiry",
            Self::Cookie => "cookie",
            Self::Credential => "credential",
            Self::Cvv => "cvv",
            Self::Device => "device_id",
            Self::Email => "email",
            Self::FileName => "file_name",
            Self::Gender => "gender",
            Self::Geo => "geo",
            Self::Health => "health",
            Self::HealthId => "health_id",
            Self::Iban => "iban",
            Self::Ip => "ip",
            Self::Itin => "itin",
            Self::Jwt => "jwt",
            Self::KrBrn => "kr_brn",
            Self::KrCi => "kr_ci",
            Self::KrCorp => "kr_corp",
            Self::KrForeigner => "kr_foreigner",
            Self::KrLicense => "kr_license",
            Self::KrRrn => "kr_rrn",
            Self::Mac => "mac",
            Self::Name => "name",
            Self::NationalId => "national_id",
            Self::Otp => "otp",
            Self::Pan => "pan",
            Self::Passport => "passport",
            Self::Password => "password",
            Self::Path => "path",
            Self::Phone => "phone",
            Self::Pin => "pin",
            Self::PrivateKey => "private_key",
            Self::Session => "session",
            Self::Ssn => "ssn",
            Self::Subject => "subject",
            Self::Track => "track",
            Self::Wallet => "wallet",
            own => custom::class::name(own),
        }
    }

    /// Regulations the class falls under.
    pub(crate) fn labels(self) -> &'static [&'static str] {
        match self {
            Self::Pan | Self::CardExpiry => &["PCI_DSS", "GDPR", "K_PIPA"],
            Self::Cvv | Self::Pin | Self::Track => &["PCI_DSS"],
            Self::KrRrn | Self::KrForeigner | Self::KrCi => &["K_PIPA"],
            Self::Password | Self::Otp => &["K_PIPA", "GDPR"],
            Self::KrLicense | Self::Passport | Self::Account => &["K_PIPA", "GDPR", "HIPAA"],
            Self::Ssn | Self::Itin => &["HIPAA"],
            Self::Iban | Self::NationalId | Self::Wallet => &["GDPR"],
            Self::Email
            | Self::Phone
            | Self::Name
            | Self::Address
            | Self::Birth
            | Self::Geo
            | Self::Health
            | Self::HealthId
            | Self::Gender => PERSONAL,
            Self::Device | Self::Ip | Self::Mac => &["GDPR", "HIPAA"],
            Self::Cookie | Self::Session => &["GDPR"],
            Self::Id
            | Self::Credential
            | Self::FileName
            | Self::Jwt
            | Self::KrBrn
            | Self::KrCorp
            | Self::Path
            | Self::PrivateKey
            | Self::Subject => &[],
            own => custom::class::labels(own),
        }
    }

    /// How values of the class leave.
    pub(crate) const fn exit(self) -> Exit {
        match self {
            Self::Cvv | Self::Otp | Self::Password | Self::Pin | Self::PrivateKey | Self::Track => {
                Exit::Drop
            }
            Self::CardExpiry | Self::Gender | Self::Geo | Self::Health => Exit::Shape,
            _ => Exit::Token,
        }
    }

    /// The class whose key makes its tokens.
    ///
    /// The same identifier must have the same token in a path, where nothing names it, and in a body field
    /// called `account_num`. So the key follows from the *form* of a value: classes told by form alone have
    /// their own, and everything that only a field name can tell is [`Class::Id`].
    #[inline]
    pub(crate) const fn token(self) -> Self {
        match self {
            Self::Account
            | Self::Device
            | Self::HealthId
            | Self::KrBrn
            | Self::KrCi
            | Self::KrCorp
            | Self::KrLicense
            | Self::NationalId
            | Self::Passport
            | Self::Wallet => Self::Id,
            // Both are numbers of one register, and fields of both names hold either.
            Self::Itin => Self::Ssn,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tokenized_class_has_a_key() {
        for class in [Class::Account, Class::KrBrn, Class::Passport, Class::Pan, Class::Session] {
            assert!(Class::TOKENS.contains(&class.token()), "{}", class.name());
        }
        for class in Class::TOKENS {
            assert_eq!(class.token(), class);
            assert_eq!(class.exit(), Exit::Token);
        }
    }
}
