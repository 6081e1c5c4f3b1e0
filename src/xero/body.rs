//! Bodies as they travel, and how much of one is held. Packed by gzip, they are unpacked in one
//! piece once they are whole, so that of several answers under way only what the wire brought
//! is held; and of those that are large, one at a time has room.

use std::io::{self, Read};

use flate2::bufread::MultiGzDecoder;

/// The largest answer with a list, unpacked. A page of 1,000 invoices has 4 MB; BatchPayments
/// and others come whole.
pub(crate) const LARGEST: usize = 256 << 20;

/// The largest answer about one document, report or organisation, unpacked.
pub(crate) const LARGEST_DOCUMENT: usize = 32 << 20;

/// The largest answer about the token itself: a new set of tokens, the list of connections.
pub(crate) const LARGEST_ABOUT_TOKEN: usize = 1 << 20;

/// So much is read of the body of an error.
const MOST_OF_ERROR: usize = 64 << 10;

/// Of larger bodies one at a time is held, from here on until its records are written.
pub(crate) const SMALL: usize = 8 << 20;

/// Bytes at the end of a gzip body that tell the length unpacked, modulo 2^32. Source: RFC 1952.
const TOLD: usize = 4;

/// Deflate makes of one byte at most so many. Source: zlib's technical notes.
const MOST_OF_ONE: usize = 1032;

/// How long the body tells that it is unpacked.
pub(crate) fn told(packed: &[u8]) -> usize {
    let told = packed.last_chunk::<TOLD>().copied().unwrap_or_default();
    usize::try_from(u32::from_le_bytes(told)).unwrap_or(LARGEST)
}

/// Unpacks a gzip body. One that is longer than `most` is cut a byte behind it.
pub(crate) fn unpacked(packed: &[u8], most: usize) -> io::Result<Vec<u8>> {
    let room = told(packed).min(most).min(packed.len() * MOST_OF_ONE);
    let mut body = Vec::with_capacity(room);
    let beyond = most as u64 + 1;
    MultiGzDecoder::new(packed)
        .take(beyond)
        .read_to_end(&mut body)?;
    Ok(body)
}

/// The beginning of the body of an error, of which `received` is at least the beginning.
pub(crate) fn beginning(received: Vec<u8>, is_packed: bool) -> Vec<u8> {
    let mut body = received;
    if is_packed {
        let packed = std::mem::take(&mut body);
        let unpacking = MultiGzDecoder::new(packed.as_slice());
        // What comes out before the end, or before what is no gzip, is all that there is.
        let _ = unpacking.take(MOST_OF_ERROR as u64).read_to_end(&mut body);
    }
    body.truncate(MOST_OF_ERROR);
    body
}

/// Whether no more of the body of an error need be received.
pub(crate) fn is_enough(received: &[u8]) -> bool {
    received.len() >= MOST_OF_ERROR
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
            let out = unpacked(&packed(body), LARGEST).unwrap();
            assert_eq!((out.as_slice(), out.capacity()), (body, body.len()));
        }
    }

    #[test]
    fn members_that_follow_each_other_are_one_body() {
        let both = [packed(b"{\"A\":"), packed(b"1}")].concat();
        assert_eq!(unpacked(&both, LARGEST).unwrap(), b"{\"A\":1}");
    }

    #[test]
    fn what_is_cut_or_changed_or_no_gzip_is_an_error() {
        let whole = packed(&b"0123456789abcdef".repeat(99));
        for length in 1..whole.len() {
            assert!(unpacked(&whole[..length], LARGEST).is_err(), "{length}");
        }
        for at in whole.len() - 8..whole.len() {
            let mut wrong = whole.clone();
            wrong[at] ^= 1;
            assert!(unpacked(&wrong, LARGEST).is_err(), "byte {at}");
        }
        assert!(unpacked(b"{\"Invoices\":[]}", LARGEST).is_err());
    }

    #[test]
    fn no_more_is_unpacked_than_may_be() {
        let bomb = packed(&vec![b' '; 10 << 20]);
        assert_eq!(unpacked(&bomb, 1000).unwrap().len(), 1001);
        assert_eq!(beginning(bomb, true).len(), MOST_OF_ERROR);
    }

    #[test]
    fn of_an_error_what_can_be_read_is_read() {
        let text = b"The Organisation is offline".repeat(99);
        let whole = packed(&text);
        assert_eq!(beginning(text.clone(), false), text);
        assert_eq!(beginning(whole.clone(), true), text);
        assert!(text.starts_with(&beginning(whole[..whole.len() - 9].to_vec(), true)));
        assert_eq!(beginning(b"no gzip".to_vec(), true), b"");
        assert_eq!(beginning(vec![b' '; 1 << 20], false).len(), MOST_OF_ERROR);
    }
}
