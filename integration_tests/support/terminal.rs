//! A program at a terminal: a pseudo-terminal whose other end is the test.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::process::{Child, Command};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, SpecialCodeIndex, tcgetattr};

/// A program and what the terminal has shown.
pub(crate) struct Terminal {
    child: Child,
    screen: File,
    shown: String,
    /// The part of `shown` that the test has read.
    read: usize,
}

impl Terminal {
    /// Starts a program with all its standard streams at a new terminal.
    pub(crate) fn start(command: &mut Command) -> Terminal {
        let pty = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("there are terminals");
        grantpt(&pty).expect("the terminal is ours");
        unlockpt(&pty).expect("the terminal is ours");
        let name = ptsname(&pty, Vec::new()).expect("the terminal has a name");
        let name = OsStr::from_bytes(name.as_bytes());
        let open = || {
            let options = OpenOptions::new().read(true).write(true).open(name);
            options.expect("the terminal opens")
        };
        command.stdin(open()).stdout(open()).stderr(open());
        let child = command.spawn().expect("the binary starts");
        // The command holds the streams until it is changed; the terminal ends with the program.
        command.stdin(std::process::Stdio::null());
        command.stdout(std::process::Stdio::null());
        command.stderr(std::process::Stdio::null());
        Terminal {
            child,
            screen: File::from(pty),
            shown: String::new(),
            read: 0,
        }
    }

    /// Reads up to these words, and returns what the terminal has shown since the last call.
    pub(crate) fn until(&mut self, words: &str) -> String {
        loop {
            if let Some(at) = self.shown[self.read..].find(words) {
                let end = self.read + at + words.len();
                let text = self.shown[self.read..end].to_owned();
                self.read = end;
                return text;
            }
            let more = self.more();
            assert!(more, "the terminal never shows {words}: {}", self.shown);
        }
    }

    /// Types a line.
    pub(crate) fn type_line(&mut self, line: &str) {
        writeln!(self.screen, "{line}").expect("the terminal takes it");
    }

    /// Whether the terminal shows what is typed.
    pub(crate) fn shows_input(&self) -> bool {
        let modes = tcgetattr(&self.screen)
            .expect("it is a terminal")
            .local_modes;
        modes.contains(LocalModes::ECHO)
    }

    /// Whether Ctrl-Z suspends the program.
    pub(crate) fn can_be_suspended(&self) -> bool {
        let modes = tcgetattr(&self.screen).expect("it is a terminal");
        modes.special_codes[SpecialCodeIndex::VSUSP] != 0
    }

    /// Types Ctrl-D, which ends the input.
    pub(crate) fn type_end(&mut self) {
        write!(self.screen, "\u{4}").expect("the terminal takes it");
    }

    /// Sends Ctrl-C to the program.
    pub(crate) fn interrupt(&self) {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(id.expect("a process id"), Signal::INT).expect("it runs");
    }

    /// Waits for the end. Returns the exit code and everything that the terminal has shown.
    pub(crate) fn end(&mut self) -> (Option<i32>, String) {
        while self.more() {}
        let status = self.child.wait().expect("it was started");
        (status.code(), self.shown.clone())
    }

    /// Reads some text. Returns false after the last one.
    fn more(&mut self) -> bool {
        let mut bytes = [0; 4096];
        // A terminal that nobody has open any more answers with an error.
        match self.screen.read(&mut bytes) {
            Ok(count @ 1..) => {
                let text = String::from_utf8_lossy(&bytes[..count]);
                self.shown.push_str(&text.replace('\r', ""));
                true
            }
            _ => false,
        }
    }
}
