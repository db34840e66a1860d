//! Where the lines come from: a terminal, with editing and a history, or a pipe.

use std::fs;
use std::io::{self, BufRead, IsTerminal};
use std::path::PathBuf;

use rustyline::error::ReadlineError;
use rustyline::{Config, DefaultEditor};

#[cfg(unix)]
use super::terminal::KeysWait;

/// The most lines that are remembered.
const REMEMBERED: usize = 1000;

/// What came.
pub(super) enum Line {
    /// A line, without its end.
    Text(String),
    /// Ctrl-C.
    Interrupted,
    /// There is no more.
    End,
}

/// Lines of a terminal or of a pipe.
pub(super) enum Lines {
    Terminal {
        editor: Box<DefaultEditor>,
        history: Option<PathBuf>,
        #[cfg(unix)]
        _keys: Option<KeysWait>,
    },
    Pipe,
}

impl Lines {
    /// Lines of standard input.
    pub(super) fn new(history: Option<PathBuf>) -> Self {
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            return Self::Pipe;
        }
        let config =
            Config::builder().max_history_size(REMEMBERED).map(|config| config.auto_add_history(false).build());
        let Ok(mut editor) = config.and_then(DefaultEditor::with_config) else { return Self::Pipe };
        if let Some(path) = &history {
            // The first time there is none.
            let _ = editor.load_history(path);
        }
        Self::Terminal {
            editor: Box::new(editor),
            history,
            #[cfg(unix)]
            _keys: KeysWait::set(),
        }
    }

    /// Whether somebody types.
    pub(super) fn is_terminal(&self) -> bool {
        matches!(self, Self::Terminal { .. })
    }

    /// The next line.
    pub(super) fn next(&mut self, prompt: &str) -> Line {
        match self {
            Self::Terminal { editor, .. } => match editor.readline(prompt) {
                Ok(text) => Line::Text(text),
                Err(ReadlineError::Interrupted) => Line::Interrupted,
                Err(_) => Line::End,
            },
            Self::Pipe => {
                let mut bytes = Vec::new();
                match io::stdin().lock().read_until(b'\n', &mut bytes) {
                    Ok(0) | Err(_) => Line::End,
                    Ok(_) => Line::Text(String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']).to_owned()),
                }
            }
        }
    }

    /// Remembers what was typed.
    pub(super) fn remember(&mut self, text: &str) {
        if let Self::Terminal { editor, .. } = self {
            let _ = editor.add_history_entry(text);
        }
    }

    /// Keeps the history. Where that cannot be, nothing is lost but comfort.
    pub(super) fn save(&mut self) {
        if let Self::Terminal { editor, history: Some(path), .. } = self {
            if let Some(folder) = path.parent() {
                let _ = fs::create_dir_all(folder);
            }
            let _ = editor.save_history(path);
        }
    }
}
