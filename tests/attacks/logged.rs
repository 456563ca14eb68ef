//! What the server logs about messages that it does not keep in the trace: anybody can send any number of those.

use std::sync::{Mutex, Once};

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Keep;

impl log::Log for Keep {
    fn enabled(&self, _: &log::Metadata) -> bool {
        true
    }

    fn log(&self, record: &log::Record) {
        let line = record.args().to_string();
        if line.starts_with("refused a response") {
            LINES.lock().expect("whole").push(line);
        }
    }

    fn flush(&self) {}
}

/// From now on, what is logged is kept.
pub fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_boxed_logger(Box::new(Keep)).expect("the first");
        log::set_max_level(log::LevelFilter::Debug);
    });
}

/// The code in the line with this reference.
pub fn reason(reference: &str) -> String {
    let lines = LINES.lock().expect("whole");
    let line =
        lines.iter().find(|line| line.contains(reference)).unwrap_or_else(|| panic!("{reference} was not logged"));
    line.split(' ').nth_back(1).expect("a code").to_owned()
}
