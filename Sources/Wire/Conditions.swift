package import Core
package import HTTPTypes
package import NIOHTTP1

/// The header fields of a request that decide how much of a file is sent, gathered in one
/// pass: looking each up by name would walk the list four times.
package struct Conditions: Hashable, Sendable {
    package var ifMatch: String?
    package var ifNoneMatch: String?
    package var ifRange: String?
    package var range: String?

    package init(ifMatch: String? = nil, ifNoneMatch: String? = nil, ifRange: String? = nil, range: String? = nil) {
        self.ifMatch = ifMatch
        self.ifNoneMatch = ifNoneMatch
        self.ifRange = ifRange
        self.range = range
    }

    package init(_ headers: HTTPHeaders) {
        for (name, value) in headers { note(name, value) }
    }

    package init(_ headers: HTTPFields) {
        for field in headers { note(field.name.canonicalName, field.value) }
    }

    private mutating func note(_ name: String, _ value: String) {
        // Lengths first: almost every header is dismissed without being read.
        switch name.utf8.count {
        case 5 where range == nil && equal(name, "range"): range = value
        case 8 where equal(name, "if-match"): ifMatch = joined(ifMatch, value)
        case 8 where ifRange == nil && equal(name, "if-range"): ifRange = value
        case 13 where equal(name, "if-none-match"): ifNoneMatch = joined(ifNoneMatch, value)
        default: break
        }
    }

    package enum Outcome: Hashable, Sendable {
        /// 200 with everything.
        case whole
        /// 206 with a part.
        case part(ByteRange)
        case notModified
        case preconditionFailed
        case unsatisfiable
    }

    /// What to answer to GET or HEAD, in the order of RFC 9110, section 13.2.2: If-Match first,
    /// then If-None-Match, then If-Range with Range. `etag` is strong and stands in its quotes.
    /// Dates are no validators of ours, so an If-Range with a date never matches.
    package func outcome(etag: String, size: Int64) -> Outcome {
        if let ifMatch, !EntityTag.list(ifMatch, holds: etag, weakly: false) { return .preconditionFailed }
        if let ifNoneMatch, EntityTag.list(ifNoneMatch, holds: etag, weakly: true) { return .notModified }
        guard let range else { return .whole }
        if let ifRange, EntityTag.trimmed(ifRange) != etag[...] { return .whole }
        switch ByteRange.parse(range, size: size) {
        case .whole: return .whole
        case .part(let part): return .part(part)
        case .unsatisfiable: return .unsatisfiable
        }
    }
}

private func joined(_ list: String?, _ value: String) -> String { list.map { "\($0), \(value)" } ?? value }

/// Compares with lowercase ASCII of the same length.
private func equal(_ name: String, _ lowercase: StaticString) -> Bool {
    var pointer = lowercase.utf8Start
    for unit in name.utf8 {
        guard unit | 0x20 == pointer.pointee else { return false }
        pointer += 1
    }
    return true
}
