//! What operators do, on its way to the topic of commands.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;

use crate::domain::ids;
use crate::io::web::gate::LOCAL;
use crate::io::web::now;
use crate::io::wire::command;
use crate::io::wire::live::{LONGEST_ID, Refused, Wish};

/// One record for `cordon.commands`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandRecord {
    /// Its key: the target, so that the commands about one thing stay in order.
    pub key: String,
    /// The record.
    pub json: Vec<u8>,
}

/// Makes commands of wishes.
pub(super) struct Desk {
    commands: mpsc::Sender<CommandRecord>,
    role: String,
    count: AtomicU64,
    began: i64,
}

impl Desk {
    pub(super) fn new(commands: mpsc::Sender<CommandRecord>, role: String) -> Self {
        Self {
            commands,
            role,
            count: AtomicU64::new(0),
            began: now().millis(),
        }
    }

    /// Hands `wish` on and gives the id that it goes by. What comes of it shows on every screen.
    pub(super) fn take(&self, wish: &Wish) -> Result<String, Refused> {
        let refuse = |code, detail: String| Refused::new(code, detail, wish.id.clone());
        if wish.id.as_ref().is_some_and(|id| id.len() > LONGEST_ID) {
            let detail = format!("id is longer than {LONGEST_ID} bytes");
            return Err(Refused::new("bad_command", detail, None));
        }
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let process = std::process::id().to_string();
        let own = ids::digest(&[&self.began.to_string(), &process, &count.to_string()]);
        let role = Some(&*self.role).filter(|role| !role.is_empty());
        let command = wish
            .command(&own, now(), LOCAL, role)
            .map_err(|reject| refuse("bad_command", reject.detail))?;
        let mut json = Vec::new();
        command::encode(&command, &mut json);
        let record = CommandRecord {
            key: command.target.to_string(),
            json: json.trim_ascii_end().to_vec(),
        };
        self.commands.try_send(record).map_err(|_| {
            let detail =
                "commands cannot be written at the moment: this one was not taken, try again";
            refuse("unavailable", detail.into())
        })?;
        Ok(command.id.to_string())
    }
}
