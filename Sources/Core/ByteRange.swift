/// A half-open span of bytes, `lower ..< upper`, inside something of a known size.
package struct ByteRange: Hashable, Sendable {
    package let lower: Int64
    package let upper: Int64
    package var count: Int64 { upper - lower }

    package init(_ lower: Int64, _ upper: Int64) {
        precondition(0 <= lower && lower <= upper, "a byte range cannot be negative")
        self.lower = lower
        self.upper = upper
    }

    /// What a `Range` header asks of a body (RFC 9110, section 14).
    package enum Request: Hashable, Sendable {
        /// No range, or one that the specification tells us to ignore: answer 200 with all of it.
        case whole
        /// One satisfiable range: answer 206.
        case part(ByteRange)
        /// Answer 416 with `Content-Range: bytes */size`.
        case unsatisfiable
    }

    /// Reads a `Range` header. Several ranges, other units and malformed text are ignored, as
    /// section 14.2 permits; a range that begins behind the end is unsatisfiable.
    package static func parse(_ header: String?, size: Int64) -> Request {
        guard let header, header.utf8.count <= 128 else { return .whole }
        let text = trim(header[...])
        guard text.lowercased().hasPrefix("bytes=") else { return .whole }
        let spec = text.dropFirst(6)
        guard !spec.contains(","), let dash = spec.firstIndex(of: "-") else { return .whole }
        let first = spec[..<dash]
        let last = spec[spec.index(after: dash)...]
        guard let from = number(trim(first)), let to = number(trim(last)) else { return .whole }
        switch (from, to) {
        case (nil, nil): return .whole
        case (nil, let suffix?):
            guard suffix > 0, size > 0 else { return .unsatisfiable }
            return .part(ByteRange(max(0, size - suffix), size))
        case (let from?, nil):
            return from < size ? .part(ByteRange(from, size)) : .unsatisfiable
        case (let from?, let to?):
            guard from <= to else { return .whole }
            return from < size ? .part(ByteRange(from, min(to, size - 1) + 1)) : .unsatisfiable
        }
    }

    /// nil inside nil: not a number at all. `.some(nil)`: empty. Numbers too large saturate.
    private static func number(_ text: Substring) -> Int64?? {
        if text.isEmpty { return .some(nil) }
        guard text.utf8.allSatisfy(\.isASCIIDigit) else { return nil }
        return Int64(text) ?? Int64.max
    }

    private static func trim(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }

    /// `bytes first-last/size`, inclusive, for a 206.
    package func contentRange(of size: Int64) -> String { "bytes \(lower)-\(upper - 1)/\(size)" }
}
