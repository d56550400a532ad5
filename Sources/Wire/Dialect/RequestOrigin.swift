import Core
import HTTPTypes
package import Hummingbird
import NIOHTTP1

/// The server as the client called it, such as `http://127.0.0.1:7070`, for absolute addresses in
/// answers. A proxy that ended TLS says so with `X-Forwarded-Proto: https`.
package struct RequestOrigin: Hashable, Sendable {
    /// Without a slash at the end.
    package let url: String

    package init(_ request: Request) {
        self.init(host: request.head.authority, proto: request.headers[Self.forwardedProto])
    }

    /// For answers on the event loop.
    package init(_ request: LeanRequest) {
        self.init(host: request.headers.first(name: "host"), proto: request.headers.first(name: "x-forwarded-proto"))
    }

    /// A host that is none, or could smuggle something into an address, is taken for `localhost`.
    init(host: String?, proto: String?) {
        let scheme = proto?.lowercased() == "https" ? "https" : "http"
        let host = host.flatMap { Self.isPlain($0) ? $0 : nil } ?? "localhost"
        url = "\(scheme)://\(host)"
    }

    private static let forwardedProto = HTTPField.Name("X-Forwarded-Proto")!

    private static func isPlain(_ host: String) -> Bool {
        (1...255).contains(host.utf8.count)
            && host.utf8.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || ".-_:[]".utf8.contains($0) }
    }
}
