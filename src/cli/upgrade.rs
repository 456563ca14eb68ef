//! `vestibule upgrade`.

use super::output;
use crate::actions::upgrade::{Rehearsal, rehearse, version};
use crate::api::upgrade::RehearsalView;
use crate::domain::Result;
use std::path::PathBuf;
use std::process::ExitCode;

/// Upgrade the database to the schema of this version, or rehearse that on a copy
///
/// `serve` and all commands upgrade the database, too. A copy of it is made before.
#[derive(clap::Args)]
pub struct Upgrade {
    /// Upgrade only a copy, prove it, and report what would change; a server may run meanwhile
    #[arg(long)]
    rehearse: bool,
    /// Print the result of the rehearsal as JSON
    #[arg(long, requires = "rehearse")]
    json: bool,
    /// The folder that holds vestibule.db
    #[arg(long, env = "VESTIBULE_DATA", default_value = "data", value_name = "DIR")]
    data: PathBuf,
}

impl Upgrade {
    /// Runs the command: exit code 0 if the database, or its copy, has the schema of this version and nothing is wrong with it.
    pub fn run(self) -> Result<ExitCode> {
        let place = super::Place { data: self.data, public_url: None };
        if !self.rehearse {
            say!("The database has the schema of this version ({}).", version(&place.open()?)?);
            return Ok(ExitCode::SUCCESS);
        }
        place.check()?;
        let done = rehearse(&place.data)?;
        if self.json {
            output::json(&RehearsalView::from(&done));
        } else {
            print(&done);
        }
        Ok(if done.proof.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

fn print(done: &Rehearsal) {
    let (from, to) = done.versions;
    let [copy, upgrade, proof] = done.times.map(|time| format!("{:.1} s", time.as_secs_f64()));
    if from == to {
        say!("The database has the schema of this version ({to}) already: there is nothing to upgrade.");
    } else {
        say!("The copy was upgraded from schema {from} to {to}.");
    }
    say!("Copy: {copy}. Upgrade: {upgrade}. Proof: {proof}.");
    let shown = |rows: Option<i64>| rows.map_or_else(|| "none".to_owned(), |rows| rows.to_string());
    for (table, before, after) in &done.differences {
        say!("  {table}: {} rows before, {} after", shown(*before), shown(*after));
    }
    let Rehearsal { proof, .. } = done;
    proof.faults.iter().for_each(|fault| say!("Fault: {fault}"));
    proof.notes.iter().for_each(|note| say!("Note: {note}"));
    if proof.faults.is_empty() {
        say!(
            "A server could run with it: {} organisations, {} people. The database is unchanged.",
            proof.organisations,
            proof.people
        );
    } else {
        say!("A server could not run with it. The database is unchanged.");
    }
}
