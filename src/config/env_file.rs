//! The syntax of systemd's `EnvironmentFile=`, so that commands read `/etc/vestibule.env` as the service does.
//!
//! Source: systemd.exec(5), `EnvironmentFile=`; systemd `src/basic/env-file.c`. Crates for `.env` files do not fit: they take
//! `export`, expand variables and end values at `#`, which systemd does not.

use std::iter::Peekable;
use std::str::Chars;

/// The characters that a backslash escapes in a double-quoted value; before any other character the backslash stays.
const ESCAPED_IN_QUOTES: &str = "\"\\`$";

/// Returns the names and values of a text, in order, and the numbers of the lines that are neither an assignment, a
/// comment nor blank.
pub fn parse(text: &str) -> (Vec<(String, String)>, Vec<usize>) {
    let mut reader = Reader { chars: text.chars().peekable(), line: 1 };
    let (mut found, mut ignored) = (Vec::new(), Vec::new());
    while let Some(first) = reader.chars.peek().copied() {
        match first {
            _ if first.is_whitespace() => drop(reader.next()),
            '#' | ';' => reader.skip_comment(),
            _ => {
                let line = reader.line;
                match reader.assignment() {
                    Some(assignment) => found.push(assignment),
                    None => ignored.push(line),
                }
            }
        }
    }
    (found, ignored)
}

struct Reader<'t> {
    chars: Peekable<Chars<'t>>,
    line: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let next = self.chars.next();
        self.line += usize::from(next == Some('\n'));
        next
    }

    /// A backslash at the end of the line continues the comment.
    fn skip_comment(&mut self) {
        while let Some(char) = self.next() {
            match char {
                '\n' => return,
                '\\' => drop(self.next()),
                _ => {}
            }
        }
    }

    fn assignment(&mut self) -> Option<(String, String)> {
        let mut name = String::new();
        loop {
            match self.next()? {
                '\n' => return None,
                '=' => break,
                char => name.push(char),
            }
        }
        let (name, value) = (name.trim_end().to_owned(), self.value());
        let named = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && !name.starts_with(|first: char| first.is_ascii_digit());
        (named && !name.is_empty()).then_some((name, value))
    }

    /// Reads quoted parts and then an optional unquoted one, which extends to the end of the line.
    fn value(&mut self) -> String {
        let mut value = String::new();
        while let Some(char) = self.next() {
            match char {
                '\n' => break,
                '\'' => self.single_quoted(&mut value),
                '"' => self.double_quoted(&mut value),
                _ if char.is_whitespace() => {}
                _ => {
                    self.unquoted(char, &mut value);
                    break;
                }
            }
        }
        value
    }

    fn single_quoted(&mut self, value: &mut String) {
        while let Some(char) = self.next().filter(|char| *char != '\'') {
            value.push(char);
        }
    }

    fn double_quoted(&mut self, value: &mut String) {
        while let Some(char) = self.next().filter(|char| *char != '"') {
            if char != '\\' {
                value.push(char);
                continue;
            }
            match self.next() {
                Some('\n') | None => {}
                Some(escaped) if ESCAPED_IN_QUOTES.contains(escaped) => value.push(escaped),
                Some(other) => value.extend(['\\', other]),
            }
        }
    }

    /// Reads to the end of the line. Trailing white space is kept only after a backslash.
    fn unquoted(&mut self, first: char, value: &mut String) {
        let (mut next, mut kept) = (Some(first), value.len());
        while let Some(char) = next.filter(|char| *char != '\n') {
            if char == '\\' {
                value.extend(self.next().filter(|escaped| *escaped != '\n'));
                kept = value.len();
            } else {
                value.push(char);
                if !char.is_whitespace() {
                    kept = value.len();
                }
            }
            next = self.next();
        }
        value.truncate(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn values_are_read_as_systemd_reads_them() {
        for (text, value) in [
            ("A=plain", "plain"),
            ("A=", ""),
            ("  A = spaced out  \t", "spaced out"),
            ("A=\"quoted \"\n", "quoted "),
            ("A='single \\ $x'", "single \\ $x"),
            ("A=\"a \\\"b\\\" \\$c \\d\"", "a \"b\" $c \\d"),
            ("A=\"one\" 'two'", "onetwo"),
            ("A=a#b # c", "a#b # c"),
            ("A=Vestibule <vestibule@example.com>", "Vestibule <vestibule@example.com>"),
            ("A=it's", "it's"),
            ("A=one\\\ntwo", "onetwo"),
            ("A=C:\\\\x\\ ", "C:\\x "),
            ("A=smtp://user:p%40ss=@mail.example.com:587\r\n", "smtp://user:p%40ss=@mail.example.com:587"),
            ("A=\"two\nlines\"", "two\nlines"),
            ("A=first\nA=second", "second"),
        ] {
            let (found, ignored) = parse(text);
            let last = found.last().unwrap_or_else(|| panic!("{text:?} has no assignment"));
            assert_eq!((last.0.as_str(), last.1.as_str(), ignored.len()), ("A", value, 0), "{text:?}");
        }
    }

    #[test]
    fn comments_are_skipped_and_the_numbers_of_other_lines_are_returned() {
        let (found, ignored) = parse("# A=1\n ; B=2 \\\n C=3\n\nexport D=4\nnonsense\nE=5\n# end");
        assert_eq!(found, [("E".to_owned(), "5".to_owned())]);
        assert_eq!(ignored, [5, 6]);
    }
}
