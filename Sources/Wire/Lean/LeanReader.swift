package import Core
package import NIOCore
package import NIOHTTP1

/// Answers hot reads without the framework.
///
/// `answer` is called on an event loop: it must neither wait nor block, and be done in
/// microseconds. nil means "not mine, or not known yet": the framework is asked.
package protocol LeanReader: Sendable {
    func answer(_ request: LeanRequest) -> LeanAnswer?
}

/// A GET or HEAD whose head has arrived.
package struct LeanRequest: Sendable {
    package enum Method: Sendable { case get, head }
    package let method: Method
    /// The request target as it came: path and query, still percent-encoded.
    package let uri: String
    package let headers: HTTPHeaders
    package let receivedAt: NIODeadline

    package init(method: Method, uri: String, headers: HTTPHeaders, receivedAt: NIODeadline) {
        self.method = method
        self.uri = uri
        self.headers = headers
        self.receivedAt = receivedAt
    }
}

package struct LeanAnswer: Sendable {
    package var status: Int
    /// Without `Date`, `Connection` and `Transfer-Encoding`, which belong to the connection.
    /// `Content-Length` is added from the body where it is missing.
    package var headers: [(String, String)]
    package var body: LeanBody
    /// Whom to count it for; nil: by its path.
    package var surface: Metrics.Surface?
    /// Who asked, for the access log.
    package var user: String?

    package init(
        status: Int, headers: [(String, String)] = [], body: LeanBody = .none, surface: Metrics.Surface? = nil, user: String? = nil
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.surface = surface
        self.user = user
    }
}

package enum LeanBody: Sendable {
    case none
    case bytes(ByteBuffer)
    /// The named part of a source, which is held open until the last byte is sent or the client
    /// is gone.
    case source(ByteSource, ByteRange)

    package var count: Int64 {
        switch self {
        case .none: 0
        case .bytes(let buffer): Int64(buffer.readableBytes)
        case .source(_, let range): range.count
        }
    }
}
