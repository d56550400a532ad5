package import Core
package import Hummingbird
import Logging
package import NIOCore
import Synchronization

/// What is known of a request besides the request itself. Copies share the principal and the
/// request id, so that what an inner middleware learns is there when the access log is written.
package struct WireContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The connection the request came in on.
    package let channel: any Channel
    /// When the request reached the framework.
    package let startTime: NIODeadline
    private let notes = Notes()

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        startTime = .now()
    }

    /// Who is asking; nobody in particular until a middleware finds out.
    package var principal: Principal {
        get { notes.values.withLock { $0.principal } }
        nonmutating set { notes.values.withLock { $0.principal = newValue } }
    }

    /// Names this request in the log, in the answer's `X-Request-Id`, and in error bodies.
    package var requestID: String {
        get { notes.values.withLock { $0.requestID } }
        nonmutating set { notes.values.withLock { $0.requestID = newValue } }
    }

    /// What a client is told of an error that is none of the hub's words: nothing of our insides. The
    /// log has it under the request's id.
    package func internalFailure(_ error: any Error, _ what: String) -> HubError {
        logger.error("a request failed", metadata: ["id": "\(requestID)", "request": "\(what)", "error": "\(String(reflecting: error))"])
        return HubError(.internalError, "something went wrong here; the server's log has it under the request id \(requestID)")
    }

    /// The peer's address without its port, or nil on a local socket.
    package var remoteAddress: String? { channel.remoteAddress?.ipAddress }

    private final class Notes: Sendable {
        struct Values {
            var principal = Principal.anonymous
            var requestID = ""
        }
        let values = Mutex(Values())
    }
}

package enum RequestID {
    /// The client's own id where it is harmless to repeat: 1 to 64 letters, digits, `.`, `_`, `-`.
    package static func sane(_ text: String?) -> String? {
        guard let text, (1...64).contains(text.utf8.count),
            text.utf8.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F })
        else { return nil }
        return text
    }

    /// 16 hexadecimal digits by chance.
    package static func new() -> String {
        var number = UInt64.random(in: .min ... .max)
        return withUnsafeBytes(of: &number) { Hex.encode($0) }
    }
}
