//! Programs whose short options take a secret.

use super::Follows;

/// What is known of a program's short options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Program {
    /// `-pSECRET`: the clients of `MySQL` and `MariaDB`, 7-Zip, RAR.
    Attached,
    /// `-pSECRET` and `-p SECRET`: sshpass.
    Both,
    /// `-a SECRET`: redis-cli.
    Next,
    /// `-u user:SECRET`: curl.
    User,
    /// None that matters.
    #[default]
    Other,
}

impl Program {
    /// Knows a program by the word that starts it.
    pub(super) fn of(word: &str) -> Self {
        match word.rsplit('/').next().unwrap_or(word) {
            "sshpass" => Self::Both,
            "redis-cli" | "valkey-cli" => Self::Next,
            "curl" => Self::User,
            "7z" | "7za" | "7zr" | "7zz" | "rar" | "unrar" | "mycli" => Self::Attached,
            name if name.starts_with("mysql") || name.starts_with("mariadb") => Self::Attached,
            _ => Self::Other,
        }
    }

    /// What follows one of its options.
    pub(super) fn follows(self, option: &str) -> Follows {
        match (self, option) {
            (Self::Both, "-p") | (Self::Next, "-a") => Follows::Secret,
            (Self::User, "-u" | "-U" | "--user" | "--proxy-user") => Follows::UserAndSecret,
            _ => Follows::Anything,
        }
    }

    /// How much may be kept of an option that has the secret at its end.
    pub(super) fn kept_of_attached(self, option: &str) -> Option<usize> {
        let attached = |flag: &str| (option.starts_with(flag) && option.len() > flag.len()).then_some(flag.len());
        match self {
            Self::Attached | Self::Both => attached("-p"),
            Self::User => attached("-u").and_then(|_| option.find(':')).map(|colon| colon + 1),
            Self::Next | Self::Other => None,
        }
    }
}
