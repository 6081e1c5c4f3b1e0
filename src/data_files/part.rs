//! One data file while it is written. It has a hidden name until it is whole.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use chrono::{DateTime, SecondsFormat};
use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::{Builder, NamedTempFile};

use crate::rows::record_lines::Row;

/// The field that each row gets: when it was read. The newest of several versions of a row counts.
const EXTRACTED_AT: &str = "_extracted_at";

/// The end of the names of files that are being written. No pattern for data files matches it.
pub(super) const HIDDEN: &str = ".part";

/// Size of the buffer before the file, in bytes.
const BUFFER: usize = 256 * 1024;

/// A data file that is being written. Dropping it removes the file.
#[derive(Debug)]
pub(super) struct Part {
    out: Encoder,
    rows: u64,
}

/// A whole data file on the disk, still with its hidden name.
#[derive(Debug)]
pub(super) struct WholePart {
    file: NamedTempFile,
    pub(super) rows: u64,
    pub(super) bytes: u64,
}

#[derive(Debug)]
enum Encoder {
    Plain(BufWriter<NamedTempFile>),
    Gzip(Box<GzEncoder<BufWriter<NamedTempFile>>>),
}

impl Part {
    /// Creates an empty file in a folder. Only its owner can read it.
    pub(super) fn create(folder: &Path, is_gzip: bool) -> io::Result<Part> {
        let mut builder = Builder::new();
        let file = builder.prefix(".").suffix(HIDDEN).tempfile_in(folder)?;
        let out = BufWriter::with_capacity(BUFFER, file);
        Ok(Part {
            out: match is_gzip {
                false => Encoder::Plain(out),
                true => Encoder::Gzip(Box::new(GzEncoder::new(out, Compression::default()))),
            },
            rows: 0,
        })
    }

    /// Writes a row as one line, with the time at which it was read.
    pub(super) fn write(&mut self, row: &Row<'_>) -> io::Result<()> {
        let out: &mut dyn Write = match &mut self.out {
            Encoder::Plain(out) => out,
            Encoder::Gzip(out) => out,
        };
        let at = DateTime::from_timestamp_millis(row.emitted_at).unwrap_or_default();
        let at = at.to_rfc3339_opts(SecondsFormat::Millis, true);
        out.write_all(row.members)?;
        out.write_all(b",\"")?;
        out.write_all(EXTRACTED_AT.as_bytes())?;
        writeln!(out, "\":\"{at}\"}}")?;
        self.rows += 1;
        Ok(())
    }

    /// Ends the file. Returns once its content is on the disk.
    pub(super) fn end(self) -> io::Result<WholePart> {
        let out = match self.out {
            Encoder::Plain(out) => out,
            Encoder::Gzip(out) => out.finish()?,
        };
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        Ok(WholePart {
            bytes: file.as_file().metadata()?.len(),
            file,
            rows: self.rows,
        })
    }
}

impl WholePart {
    /// Gives the file its name.
    pub(super) fn publish(self, path: &Path) -> io::Result<()> {
        self.file.persist(path)?;
        Ok(())
    }
}
