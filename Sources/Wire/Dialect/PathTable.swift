package import Core

/// Finds what a request line means. Segments are split before they are decoded, so that an encoded
/// slash stays inside its segment.
///
/// A pattern is `/api/{kind:models|datasets}/{owner}/{name}/tree/{rev}/{path*}`: literal segments,
/// values, values that are one of some words, and a last one that takes the rest, slashes included.
package struct PathTable<Value: Sendable>: Sendable {
    package enum Match: Sendable {
        case found(Value, [String: String])
        /// The address is known, but for these methods.
        case otherMethods([String])
        case none
    }

    private let routes: [Route<Value>]

    /// Literal segments win over values, whatever the order of the table.
    package init(_ entries: [(method: String, pattern: String, value: Value)]) {
        routes = entries.map { Route(method: $0.method, segments: PathSegment.all(in: $0.pattern), value: $0.value) }
            .sorted { a, b in a.segments.map(\.rank).lexicographicallyPrecedes(b.segments.map(\.rank)) }
    }

    /// A HEAD is answered by what answers GET. Throws where a value is not percent-encoded UTF-8.
    package func match(method: String, path: some StringProtocol) throws(HubError) -> Match {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true).map(Substring.init)
        var others: Set<String> = []
        for route in routes {
            guard let raw = PathSegment.values(of: route.segments, in: parts) else { continue }
            guard route.method == method || method == "HEAD" && route.method == "GET" else {
                others.insert(route.method)
                continue
            }
            var values: [String: String] = [:]
            for (name, text) in raw { values[name] = try PercentText.decode(text) }
            return .found(route.value, values)
        }
        return others.isEmpty ? .none : .otherMethods(others.sorted())
    }
}

extension PathTable {
    /// What answers a request line, or the refusal: `.methodNotAllowed` naming the methods there are, or
    /// what `unserved` says of an address that nobody serves.
    package func value(
        method: String, path: some StringProtocol, unserved: @autoclosure () -> HubError
    ) throws(HubError) -> (Value, [String: String]) {
        switch try match(method: method, path: path) {
        case .found(let value, let values): return (value, values)
        case .otherMethods(let methods):
            let allowed = methods.joined(separator: ", ")
            throw HubError(
                .methodNotAllowed, "\(method) is not served for \(FilePath.printable(String(path))); \(allowed) is", details: ["allow": allowed])
        case .none: throw unserved()
        }
    }
}

private struct Route<Value: Sendable>: Sendable {
    let method: String
    let segments: [PathSegment]
    let value: Value
}

private enum PathSegment: Sendable {
    case literal(String)
    case oneOf(String, [String])
    case value(String)
    case rest(String)

    static func all(in pattern: String) -> [PathSegment] {
        pattern.split(separator: "/").map { part in
            guard part.hasPrefix("{") else { return .literal(String(part)) }
            let name = part.dropFirst().dropLast()
            if name.hasSuffix("*") { return .rest(String(name.dropLast())) }
            guard let colon = name.firstIndex(of: ":") else { return .value(String(name)) }
            return .oneOf(String(name[..<colon]), name[name.index(after: colon)...].split(separator: "|").map(String.init))
        }
    }

    /// Sorts the more exact pattern first.
    var rank: Int {
        switch self {
        case .literal: 0
        case .oneOf: 1
        case .value: 2
        case .rest: 3
        }
    }

    static func values(of segments: [PathSegment], in parts: [Substring]) -> [(String, Substring)]? {
        var values: [(String, Substring)] = []
        var index = 0
        for segment in segments {
            guard index < parts.count else { return nil }
            switch segment {
            case .literal(let text):
                guard parts[index] == text else { return nil }
            case .oneOf(let name, let words):
                guard words.contains(where: { parts[index] == $0 }) else { return nil }
                values.append((name, parts[index]))
            case .value(let name): values.append((name, parts[index]))
            case .rest(let name):
                values.append((name, parts[index].base[parts[index].startIndex..<parts[parts.count - 1].endIndex]))
                return values
            }
            index += 1
        }
        return index == parts.count ? values : nil
    }
}
