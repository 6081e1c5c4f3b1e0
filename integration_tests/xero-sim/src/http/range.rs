//! A part of a file: `Range: bytes=N-` (RFC 9110, section 14).

use crate::reply::Reply;

/// Returns the requested part of a file. Lists and errors have no parts.
pub(super) fn of(reply: Reply, range: &str) -> Reply {
    let is_file = reply.get("Content-Disposition").is_some();
    let from = range.strip_prefix("bytes=");
    let from: Option<usize> = from.and_then(|range| range.strip_suffix('-')?.parse().ok());
    let Some(from) = from.filter(|_| is_file && reply.status == 200) else {
        return reply;
    };
    let length = reply.body.len();
    if from >= length {
        return Reply::new(416, "text/plain", "")
            .header("Content-Range", format!("bytes */{length}"));
    }
    let content_range = format!("bytes {from}-{}/{length}", length - 1);
    Reply {
        status: 206,
        body: reply.body.slice(from..),
        ..reply.header("Content-Range", content_range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_are_served_in_parts() {
        let file = || Reply::new(200, "image/png", "0123456789").header("Content-Disposition", "x");
        for (reply, range, status, body, content_range) in [
            (file(), "bytes=0-", 206, "0123456789", Some("bytes 0-9/10")),
            (file(), "bytes=7-", 206, "789", Some("bytes 7-9/10")),
            (file(), "bytes=10-", 416, "", Some("bytes */10")),
            (file(), "bytes=1-2", 200, "0123456789", None),
            (file(), "lines=1-", 200, "0123456789", None),
            (Reply::json(200, "{}"), "bytes=1-", 200, "{}", None),
        ] {
            let found = of(reply, range);
            assert_eq!(
                (found.status, &found.body[..], found.get("Content-Range")),
                (status, body.as_bytes(), content_range),
                "{range}"
            );
        }
    }
}
