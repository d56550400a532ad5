import Core
package import HTTPTypes
package import NIOHTTP1

/// The token of a request, from an `Authorization` header in any of the spellings that model
/// tools use. Only finds it; whether it is any good is for the hub to say.
package enum Credentials {
    package static func token(from headers: HTTPFields) -> String? { token(authorization: headers[.authorization]) }
    package static func token(from headers: HTTPHeaders) -> String? { token(authorization: headers.first(name: "authorization")) }

    /// `Bearer x`, `token x`, or `Basic base64(user:x)`; the scheme's case does not count. A
    /// Basic pair without a password carries the token as its user name.
    package static func token(authorization: String?) -> String? {
        guard let authorization, authorization.utf8.count <= 8192 else { return nil }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let value = parts[1].drop { $0 == " " }
        switch parts[0].lowercased() {
        case "bearer", "token": return whole(value)
        case "basic":
            guard let bytes = Base64.decode(value), let pair = String(validating: bytes, as: UTF8.self),
                let colon = pair.firstIndex(of: ":")
            else { return nil }
            let password = pair[pair.index(after: colon)...]
            return whole(password.isEmpty ? pair[..<colon] : password)
        default: return nil
        }
    }

    /// Visible ASCII only: no token of ours has anything else, and nothing else may reach a log.
    private static func whole(_ text: Substring) -> String? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        return String(text)
    }
}
