/// One operation of our HTTP API, written once: the server mounts it, the command line calls
/// it, the OpenAPI page shows it, and a test fails where one of them forgets it.
package struct Endpoint: Hashable, Sendable {
    package let method: String
    /// `/hub/v1/{kind}/{owner}/{name}`; a last parameter in `{path*}` takes the rest, slashes included.
    package let pattern: String
    package let summary: String
    /// Names of the query parameters, each with what it means.
    package let query: [Parameter]
    package let request: Body
    package let response: Body
    package let status: Int
    package let access: Access
    /// Request headers with a meaning beyond HTTP's own.
    package let headers: [Parameter]

    package struct Parameter: Hashable, Sendable {
        package let name: String
        package let meaning: String
    }
    package enum Body: Hashable, Sendable {
        case none
        /// JSON of the type with this name in `Schemas`.
        case json(String)
        /// Bytes or text of this media type.
        case bytes(String)
    }
    package enum Access: Hashable, Sendable {
        case anyone, reader, signedIn, writer, admin, siteAdmin
    }

    init(
        _ method: String, _ pattern: String, _ summary: String, query: [Parameter] = [], headers: [Parameter] = [],
        request: Body = .none, response: Body = .none, status: Int = 200, access: Access = .reader
    ) {
        self.method = method
        self.pattern = pattern
        self.summary = summary
        self.query = query
        self.headers = headers
        self.request = request
        self.response = response
        self.status = status
        self.access = access
    }

    /// The parameter names of the pattern, in order.
    package var parameters: [String] {
        pattern.split(separator: "/").filter { $0.hasPrefix("{") }
            .map { String($0.dropFirst().dropLast()).replacing("*", with: "") }
    }

    /// The path with its parameters filled in and percent-encoded. A `{path*}` keeps its slashes.
    package func path(_ values: String..., query: [(String, String)] = []) -> String {
        var rest = values[...]
        var path = ""
        for part in pattern.split(separator: "/") {
            guard part.hasPrefix("{") else {
                path += "/" + part
                continue
            }
            precondition(!rest.isEmpty, "\(pattern) needs \(parameters.count) values")
            path += "/" + PercentCoding.encode(rest.removeFirst(), keepingSlashes: part.hasSuffix("*}"))
        }
        precondition(rest.isEmpty, "\(pattern) takes only \(parameters.count) values")
        guard !query.isEmpty else { return path }
        return path + "?" + query.map { PercentCoding.encode($0.0) + "=" + PercentCoding.encode($0.1) }.joined(separator: "&")
    }
}

/// RFC 3986 percent-encoding: everything but unreserved characters.
package enum PercentCoding {
    package static func encode(_ text: String, keepingSlashes: Bool = false) -> String {
        var out: [UInt8] = []
        for unit in text.utf8 {
            switch unit {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: out.append(unit)
            case 0x2F where keepingSlashes: out.append(unit)
            default:
                let digits = Array("0123456789ABCDEF".utf8)
                out += [0x25, digits[Int(unit >> 4)], digits[Int(unit & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
