import NIOCore
import NIOHTTP1

/// One request and its answer, as far as the connection has to know them.
struct Exchange {
    let method: HTTPMethod
    let uri: String
    let isOldClient: Bool
    let began: NIODeadline
    var surface: Metrics.Surface
    /// The client waits for `100 Continue` before it sends the body.
    var expectsContinue: Bool
    var keepAlive: Bool
    var status = 0
    var bytesSent: Int64 = 0
    var user: String?
    /// Set where the answer comes without the framework.
    var lean: LeanAnswer?
    /// A body has begun to arrive and has not ended.
    var isReceiving = false
    /// The head of the final answer is out.
    var hasHead = false
    /// The answer is out to its end.
    var hasEnd = false

    init(_ head: HTTPRequestHead, surface: Metrics.Surface, now: NIODeadline) {
        method = head.method
        uri = head.uri
        isOldClient = head.version.major < 1 || (head.version.major == 1 && head.version.minor < 1)
        began = now
        self.surface = surface
        keepAlive = head.isKeepAlive
        // GET and HEAD are by far the most, and have no body to wait for.
        expectsContinue =
            !isOldClient && head.method != .GET && head.method != .HEAD && head.headers.first(name: "expect")?.lowercased() == "100-continue"
    }

    var isHead: Bool { method == .HEAD }
    var after: LeanHead.After { keepAlive ? (isOldClient ? .persistOldClient : .persist) : .close }
}
