import API
import Core

/// Finds the endpoint that a request line means. Segments are split before they are decoded, so
/// that an encoded slash stays inside its segment.
struct RouteTable: Sendable {
    enum Match {
        case found(Endpoint, [String: String])
        case otherMethods([String])
        case none
    }

    fileprivate struct Route: Sendable {
        let endpoint: Endpoint
        let segments: [Segment]
    }
    fileprivate enum Segment: Sendable {
        case literal(String)
        case value(String)
        case rest(String)
    }
    private let routes: [Route]

    /// Literal segments win over parameters, whatever the order of the table.
    init(_ endpoints: [Endpoint]) {
        routes = endpoints.map { endpoint in
            Route(
                endpoint: endpoint,
                segments: endpoint.pattern.split(separator: "/").map { part in
                    if part.hasSuffix("*}") { return .rest(String(part.dropFirst().dropLast(2))) }
                    return part.hasPrefix("{") ? .value(String(part.dropFirst().dropLast())) : .literal(String(part))
                })
        }.sorted { (a: Route, b: Route) in a.rank.lexicographicallyPrecedes(b.rank) }
    }

    func match(method: String, path: some StringProtocol) throws(HubError) -> Match {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true).map(Substring.init)
        var others: [String] = []
        for route in routes {
            guard let raw = route.values(for: parts) else { continue }
            let isHead = method == "HEAD" && route.endpoint.method == "GET"
            guard route.endpoint.method == method || isHead else {
                others.append(route.endpoint.method)
                continue
            }
            var values: [String: String] = [:]
            for (name, text) in raw { values[name] = try PercentText.decode(text) }
            return .found(route.endpoint, values)
        }
        return others.isEmpty ? .none : .otherMethods(Array(Set(others)).sorted())
    }
}

extension RouteTable.Route {
    /// 0 for a literal, 1 for a value, 2 for a rest: sorts the more exact pattern first.
    fileprivate var rank: [Int] {
        segments.map { segment in
            switch segment {
            case .literal: 0
            case .value: 1
            case .rest: 2
            }
        }
    }

    fileprivate func values(for parts: [Substring]) -> [(String, Substring)]? {
        var values: [(String, Substring)] = []
        var index = 0
        for segment in segments {
            switch segment {
            case .literal(let text):
                guard index < parts.count, parts[index] == text else { return nil }
            case .value(let name):
                guard index < parts.count else { return nil }
                // A kind is one of two words: anything else is another pattern's literal.
                if name == "kind", parts[index] != "models", parts[index] != "datasets" { return nil }
                values.append((name, parts[index]))
            case .rest(let name):
                guard index < parts.count, let last = parts.last else { return nil }
                values.append((name, parts[index].base[parts[index].startIndex..<last.endIndex]))
                return values
            }
            index += 1
        }
        return index == parts.count ? values : nil
    }
}

/// RFC 3986 percent-decoding. What is not UTF-8 afterwards is refused.
enum PercentText {
    static func decode(_ text: some StringProtocol) throws(HubError) -> String {
        guard text.utf8.contains(0x25) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let unit = rest.popFirst() {
            if unit == 0x25 {
                guard rest.count >= 2, let byte = Hex.decode(String(decoding: rest.prefix(2), as: UTF8.self))?.first else { throw malformed(text) }
                bytes.append(byte)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(unit)
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw malformed(text) }
        return decoded
    }

    private static func malformed(_ text: some StringProtocol) -> HubError {
        HubError(.invalidRequest, "'\(FilePath.printable(text))' is not percent-encoded UTF-8; encode each byte outside A-Z a-z 0-9 - . _ ~ as %XX")
    }
}
