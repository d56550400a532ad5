package import Core
import Foundation

/// Where a Grayling server is: `http` or `https`, a host, perhaps a port and a path it is
/// mounted under. Without a trailing slash, so that API paths can be appended.
package struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    /// Scheme, host and port: what a redirect must not leave, because the token would leave too.
    package let origin: String

    package init(parsing given: some StringProtocol) throws(HubError) {
        let given = given.hasPrefix("http://") || given.hasPrefix("https://") || given.contains("://") ? String(given) : "http://\(given)"
        func fail(_ reason: String) -> HubError {
            HubError(.invalidRequest, "'\(FilePath.printable(given))' is not a server address: \(reason); write it as http://127.0.0.1:7070")
        }
        guard let parts = URLComponents(string: given), let scheme = parts.scheme?.lowercased() else { throw fail("it cannot be read") }
        guard scheme == "http" || scheme == "https" else { throw fail("only http and https are spoken") }
        guard let host = parts.host, !host.isEmpty else { throw fail("it names no host") }
        guard parts.user == nil, parts.password == nil else { throw fail("it holds a password; use --token instead") }
        guard parts.query == nil, parts.fragment == nil else { throw fail("nothing may follow '?' or '#'") }
        let port = parts.port ?? (scheme == "https" ? 443 : 80)
        let shownHost = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        origin = "\(scheme)://\(shownHost.lowercased()):\(port)"
        var path = parts.percentEncodedPath
        while path.hasSuffix("/") { path.removeLast() }
        text = "\(scheme)://\(shownHost)" + (parts.port.map { ":\($0)" } ?? "") + path
    }

    package static let standard = "http://127.0.0.1:7070"

    package var description: String { text }

    /// The address a `Location` header leads to, or nil where it leaves this server.
    func follow(_ location: String, from url: String) -> String? {
        guard let base = URL(string: url), let target = URL(string: location, relativeTo: base)?.absoluteURL,
            let address = try? ServerAddress(parsing: "\(target.scheme ?? "")://\(target.host ?? "")" + (target.port.map { ":\($0)" } ?? "")),
            address.origin == origin
        else { return nil }
        return target.absoluteString
    }
}
