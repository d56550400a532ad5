/// The name of a serving endpoint: 1 to 63 of `a-z 0-9 -`, beginning and ending with a letter or a
/// digit (a DNS label, RFC 1123 section 2.1), so that it can stand in a path, a header and a metric.
package struct EndpointName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let text: String

    package init(parsing text: some StringProtocol) throws(HubError) {
        let units = Array(text.utf8)
        guard (1...63).contains(units.count), units.allSatisfy({ ($0.isASCIILetter && $0 >= 0x61) || $0.isASCIIDigit || $0 == 0x2D }),
            units.first != 0x2D, units.last != 0x2D
        else {
            throw HubError(
                .invalidName,
                "'\(FilePath.printable(String(text.prefix(80))))' is not a valid endpoint name: 1 to 63 of a-z, 0-9 and '-', beginning and ending with a letter or a digit"
            )
        }
        self.text = String(text)
    }
    package var description: String { text }
    package static func < (a: EndpointName, b: EndpointName) -> Bool { a.text < b.text }
}

/// A release's name: its endpoint's and a number counted from 1, such as `chat-7`.
package struct ReleaseID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let endpoint: EndpointName
    package let number: Int64

    package init(endpoint: EndpointName, number: Int64) {
        self.endpoint = endpoint
        self.number = number
    }

    package init(parsing text: some StringProtocol) throws(HubError) {
        guard let dash = text.lastIndex(of: "-"), let number = Int64(text[text.index(after: dash)...]), number > 0,
            let endpoint = try? EndpointName(parsing: text[..<dash]), text.hasSuffix("-\(number)")
        else {
            throw HubError(
                .invalidName, "'\(FilePath.printable(String(text.prefix(80))))' is not a release: expected its endpoint and number, such as chat-7")
        }
        self.init(endpoint: endpoint, number: number)
    }
    package var description: String { "\(endpoint)-\(number)" }
    package static func < (a: ReleaseID, b: ReleaseID) -> Bool { (a.endpoint, a.number) < (b.endpoint, b.number) }
}

/// The SHA-256 of a backend's canonical description: the same model, runtime, arguments and
/// resources are the same backend.
package struct BackendID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let digest: Digest
    package init(_ digest: Digest) { self.digest = digest }
    package init(parsing text: some StringProtocol) throws(HubError) { digest = try Digest(parsing: text) }
    package var hex: String { digest.hex }
    /// The first 12 digits, for people and folder names.
    package var short: String { String(digest.hex.prefix(12)) }
    package var description: String { digest.hex }
    package static func < (a: BackendID, b: BackendID) -> Bool { a.digest < b.digest }
}

/// Which side of a release a request was assigned to.
package enum Variant: String, Hashable, Sendable, Codable, CaseIterable {
    case stable, candidate
    /// A slice of stable traffic, as large as the candidate's, on stable replicas of its own: the
    /// fair partner of the candidate for latency.
    case control
}
