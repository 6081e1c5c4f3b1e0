//! Pages whose rows are written and compressed before a client requests them. A measured client
//! then does not share the processor with that work.

use std::collections::HashMap;
use std::io::Write;

use bytes::{BufMut, Bytes, BytesMut};
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use crate::entity::Entity;
use crate::rows::{Detail, Options, Row};

/// The header of a gzip file: deflate, no name, no time, unknown system.
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// Byte of a stored block of deflate that is not the last block.
const STORED: u8 = 0;

/// Identifies the rows of a page, and how much of them it shows.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct PageKey {
    entity: Entity,
    detail: Detail,
    unitdp: u8,
    numbers: Vec<u64>,
}

impl PageKey {
    pub(crate) fn new(entity: Entity, options: Options, rows: &[&Row]) -> Self {
        Self {
            entity,
            detail: options.detail,
            unitdp: options.unitdp,
            numbers: rows.iter().map(|row| row.number).collect(),
        }
    }
}

/// The part of an answer from its first row on.
#[derive(Debug)]
pub(crate) struct PreparedRows {
    deflated: Vec<u8>,
    crc: Crc,
}

impl PreparedRows {
    /// Compresses the part of an answer from its first row on.
    pub(crate) fn new(plain: &[u8]) -> Self {
        let buffer = Vec::with_capacity(plain.len() / 4);
        let mut encoder = DeflateEncoder::new(buffer, Compression::fast());
        let deflated = encoder.write_all(plain).and_then(|()| encoder.finish());
        let mut deflated = deflated.expect("a vector takes every byte");
        deflated.shrink_to_fit();
        Self {
            deflated,
            crc: crc_of(plain),
        }
    }

    /// Puts the part before the rows in front. Returns the gzip file and its length before
    /// compression.
    pub(crate) fn gzip_after(&self, head: &[u8]) -> (Bytes, usize) {
        let length =
            u16::try_from(head.len()).expect("a list has less than 64 KiB before its rows");
        let mut crc = crc_of(head);
        crc.combine(&self.crc);
        let mut out = BytesMut::with_capacity(self.deflated.len() + head.len() + 32);
        out.put_slice(&GZIP_HEADER);
        out.put_u8(STORED);
        out.put_u16_le(length);
        out.put_u16_le(!length);
        out.put_slice(head);
        out.put_slice(&self.deflated);
        out.put_u32_le(crc.sum());
        out.put_u32_le(crc.amount());
        let plain = crc.amount() as usize;
        (out.freeze(), plain)
    }
}

fn crc_of(bytes: &[u8]) -> Crc {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc
}

/// The prepared pages of an organisation.
pub(crate) type PreparedPages = HashMap<PageKey, PreparedRows>;

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn the_head_and_the_rows_are_one_gzip_file() {
        let rows = "row ".repeat(50_000);
        for head in ["", "{ \"Id\": 1, \"Invoices\": ["] {
            let (packed, plain) = PreparedRows::new(rows.as_bytes()).gzip_after(head.as_bytes());
            let mut text = String::new();
            let read = GzDecoder::new(&packed[..]).read_to_string(&mut text);
            assert!(read.is_ok(), "{read:?}");
            assert!(text == format!("{head}{rows}"), "{} bytes", text.len());
            assert_eq!(plain, text.len());
            assert!(packed.len() < 4_000, "{} bytes", packed.len());
        }
    }
}
