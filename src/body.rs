//! Bodies as they travel: packed by gzip, and unpacked in one piece once they
//! are whole, so that of several answers under way only what the wire brought is held.

use std::io::{self, Read};

use flate2::bufread::MultiGzDecoder;

/// The largest body that is read, unpacked. A page of 1,000 invoices has 4 MB.
pub(crate) const LARGEST: usize = 256 << 20;

/// Bytes at the end of a gzip body that tell the length unpacked, modulo 2^32. Source: RFC 1952.
const TOLD: usize = 4;

/// Deflate makes of one byte at most so many. Source: zlib's technical notes.
const MOST_OF_ONE: usize = 1032;

/// Unpacks a gzip body. One that is longer than [`LARGEST`] is cut a byte behind it.
pub(crate) fn unpacked(packed: &[u8]) -> io::Result<Vec<u8>> {
    let told = packed.last_chunk::<TOLD>().copied().unwrap_or_default();
    let told = usize::try_from(u32::from_le_bytes(told)).unwrap_or(LARGEST);
    let room = told.min(LARGEST).min(packed.len() * MOST_OF_ONE);
    let mut body = Vec::with_capacity(room);
    let beyond = LARGEST as u64 + 1;
    MultiGzDecoder::new(packed)
        .take(beyond)
        .read_to_end(&mut body)?;
    Ok(body)
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
    fn a_body_comes_out_as_it_went_in_and_in_room_of_its_size() {
        let page = b"{\"Invoices\": []}\r\n".repeat(10_000);
        for body in [&b""[..], b"{}", &page] {
            let out = unpacked(&packed(body)).unwrap();
            assert_eq!((out.as_slice(), out.capacity()), (body, body.len()));
        }
    }

    #[test]
    fn members_that_follow_each_other_are_one_body() {
        let both = [packed(b"{\"A\":"), packed(b"1}")].concat();
        assert_eq!(unpacked(&both).unwrap(), b"{\"A\":1}");
    }

    #[test]
    fn what_is_cut_or_changed_or_no_gzip_is_an_error() {
        let whole = packed(&b"0123456789abcdef".repeat(99));
        for length in 1..whole.len() {
            assert!(unpacked(&whole[..length]).is_err(), "{length}");
        }
        for at in whole.len() - 8..whole.len() {
            let mut wrong = whole.clone();
            wrong[at] ^= 1;
            assert!(unpacked(&wrong).is_err(), "byte {at}");
        }
        assert!(unpacked(b"{\"Invoices\":[]}").is_err());
    }
}
