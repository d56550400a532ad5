package import Core

/// Entity tags (RFC 9110, section 8.8.3). Ours are strong: the digest in quotes.
package enum EntityTag {
    package static func of(_ digest: Digest) -> String { "\"\(digest.hex)\"" }

    /// Whether an If-Match or If-None-Match list names `etag`; `*` names everything that exists.
    /// Weak comparison ignores a leading `W/`; strong comparison lets a weak tag match nothing.
    package static func list(_ list: String, holds etag: String, weakly: Bool) -> Bool {
        var rest = list[...]
        while true {
            rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "," }
            guard let first = rest.first else { return false }
            if first == "*" { return true }
            var weak = false
            if rest.hasPrefix("W/") {
                weak = true
                rest = rest.dropFirst(2)
            }
            guard rest.first == "\"" else {
                // Some tools send the tag without its quotes; a comma ends it then.
                let bare = rest.prefix { $0 != "," }
                if trimmed(bare) == etag.dropFirst().dropLast(), weakly || !weak { return true }
                rest = rest[bare.endIndex...]
                continue
            }
            guard let close = rest.dropFirst().firstIndex(of: "\"") else { return false }
            if rest[...close] == etag[...], weakly || !weak { return true }
            rest = rest[rest.index(after: close)...]
        }
    }

    static func trimmed(_ text: some StringProtocol) -> Substring {
        var text = Substring(text)
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
