//! Limits and decompresses response bodies.
//!
//! A compressed body is decompressed after all its bytes have arrived and there is memory for it.
//! Concurrent responses therefore hold only compressed bytes.

use std::io::{self, Read};

use flate2::bufread::MultiGzDecoder;
use flate2::{Decompress, FlushDecompress, Status};

/// What a body is about. It decides the maximum size of the decompressed body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyKind {
    /// A list. Its memory permit is kept until its records are written.
    List,
    /// One document, report or organisation. It is decompressed and parsed without a pause, so one
    /// such body at a time is in memory.
    Other,
    /// The token itself. It never waits for memory, because the tokens in it may be the only ones.
    Token,
}

impl BodyKind {
    /// Returns the maximum size in bytes.
    pub(crate) fn max(self) -> usize {
        match self {
            BodyKind::List => MAX_LIST,
            BodyKind::Other => MAX_OTHER,
            BodyKind::Token => MAX_ABOUT_TOKEN,
        }
    }
}

/// Maximum size of a decompressed body with a list: 256 MiB. A page of 1,000 invoices has 4 MB, but
/// BatchPayments and other lists come without pages.
pub(crate) const MAX_LIST: usize = 256 << 20;

/// Maximum size of a decompressed body about one document, report or organisation, in bytes.
const MAX_OTHER: usize = 32 << 20;

/// Maximum size of a body about the token itself, in bytes: tokens, or the list of connections.
const MAX_ABOUT_TOKEN: usize = 1 << 20;

/// Maximum number of bytes that are read of an error body.
pub(crate) const MAX_ERROR: usize = 64 << 10;

/// The last bytes of a gzip body hold its decompressed length, modulo 2^32. Source: RFC 1952.
const LENGTH_BYTES: usize = 4;

/// The highest compression ratio of deflate. Source: zlib's technical notes.
const MAX_RATIO: usize = 1032;

/// Returns the decompressed length that a gzip body declares. The length may be wrong.
pub(crate) fn declared_length(compressed: &[u8]) -> usize {
    let length = compressed.last_chunk::<LENGTH_BYTES>();
    let length = length.copied().unwrap_or_default();
    usize::try_from(u32::from_le_bytes(length)).unwrap_or(MAX_LIST)
}

/// The largest window of deflate, as a power of 2. Every gzip body can be read with it.
const WINDOW_BITS: u8 = 15;

/// The least by which a body grows whose declared length is too small, in bytes.
const MIN_GROWTH: usize = 64 << 10;

/// Decompresses a gzip body. A body above `max` bytes is cut after `max + 1` bytes.
pub(crate) fn decompress(compressed: &[u8], max: usize) -> io::Result<Vec<u8>> {
    let mut body = Vec::with_capacity(first_capacity(compressed, max));
    let mut rest = compressed;
    // Several gzip members may follow each other. Source: RFC 1952, 2.2.
    while !rest.is_empty() && body.len() <= max {
        let read = append_member(rest, max, &mut body)?;
        rest = &rest[read..];
    }
    Ok(body)
}

/// Returns the capacity with which a body is decompressed: the declared length, but no more than the
/// compressed bytes can hold.
fn first_capacity(compressed: &[u8], max: usize) -> usize {
    let possible = compressed.len() * MAX_RATIO;
    declared_length(compressed).min(max).min(possible)
}

/// Decompresses one gzip member to the end of `body`, which has no more than `max + 1` bytes
/// afterwards. Returns the compressed length of the member.
///
/// The decoders of flate2 that implement `Read` fill the buffer with zeros first: 2 % of the
/// instructions of a read.
fn append_member(compressed: &[u8], max: usize, body: &mut Vec<u8>) -> io::Result<usize> {
    let mut decoder = Decompress::new_gzip(WINDOW_BITS);
    loop {
        let read = decoder.total_in() as usize;
        let status = decoder.decompress_vec(&compressed[read..], body, FlushDecompress::Finish)?;
        let is_full = body.len() == body.capacity();
        if status == Status::StreamEnd || body.len() > max {
            return Ok(decoder.total_in() as usize);
        }
        if !is_full {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let growth = body.len().max(MIN_GROWTH).min(max + 1 - body.len());
        body.reserve_exact(growth);
    }
}

/// Returns the beginning of an error body, decompressed as far as that works.
pub(crate) fn error_text(received: Vec<u8>, is_compressed: bool) -> Vec<u8> {
    let mut body = received;
    if is_compressed {
        let compressed = std::mem::take(&mut body);
        let decoder = MultiGzDecoder::new(compressed.as_slice());
        // After an error the bytes before it stay in `body`.
        let _ = decoder.take(MAX_ERROR as u64).read_to_end(&mut body);
    }
    body.truncate(MAX_ERROR);
    body
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_body_is_restored_in_a_buffer_of_its_size() {
        let page = b"{\"Invoices\": []}\r\n".repeat(10_000);
        for body in [&b""[..], b"{}", &page] {
            let out = decompress(&packed(body), MAX_LIST).unwrap();
            assert_eq!((out.as_slice(), out.capacity()), (body, body.len()));
        }
    }

    #[test]
    fn a_false_length_takes_no_memory() {
        let mut small = packed(b"0123456789");
        let end = small.len() - LENGTH_BYTES;
        small[end..].copy_from_slice(&(200_u32 << 20).to_le_bytes());
        assert_eq!(declared_length(&small), 200 << 20);
        assert!(first_capacity(&small, MAX_LIST) < 1 << 20);
        assert!(decompress(&small, MAX_LIST).is_err());
    }

    #[test]
    fn several_gzip_members_are_one_body() {
        let both = [packed(b"{\"A\":"), packed(b"1}")].concat();
        assert_eq!(decompress(&both, MAX_LIST).unwrap(), b"{\"A\":1}");
    }

    #[test]
    fn a_truncated_changed_or_uncompressed_body_is_an_error() {
        let whole = packed(&b"0123456789abcdef".repeat(99));
        for length in 1..whole.len() {
            assert!(decompress(&whole[..length], MAX_LIST).is_err(), "{length}");
        }
        for at in whole.len() - 8..whole.len() {
            let mut wrong = whole.clone();
            wrong[at] ^= 1;
            assert!(decompress(&wrong, MAX_LIST).is_err(), "byte {at}");
        }
        assert!(decompress(b"{\"Invoices\":[]}", MAX_LIST).is_err());
    }

    #[test]
    fn decompression_stops_at_the_limit() {
        let bomb = packed(&vec![b' '; 10 << 20]);
        assert_eq!(decompress(&bomb, 1000).unwrap().len(), 1001);
        assert_eq!(error_text(bomb, true).len(), MAX_ERROR);
    }

    #[test]
    fn the_readable_beginning_of_an_error_is_kept() {
        let text = b"The Organisation is offline".repeat(99);
        let whole = packed(&text);
        assert_eq!(error_text(text.clone(), false), text);
        assert_eq!(error_text(whole.clone(), true), text);
        assert!(text.starts_with(&error_text(whole[..whole.len() - 9].to_vec(), true)));
        assert_eq!(error_text(b"no gzip".to_vec(), true), b"");
        assert_eq!(error_text(vec![b' '; 1 << 20], false).len(), MAX_ERROR);
    }
}
