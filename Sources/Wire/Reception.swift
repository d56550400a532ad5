import Core
import HTTPTypes
package import Hummingbird
import Logging
import NIOCore

/// The outermost middleware: gives each request its id, and writes its line in the access log
/// when the answer is out.
package struct Reception: RouterMiddleware {
    package typealias Context = WireContext
    /// Bodies up to this size are gone with their head; longer ones are logged when they are
    /// sent: 64 KiB.
    private static let quick = 64 << 10
    private static let requestIDField = HTTPField.Name("X-Request-Id")!

    package init() {}

    package func handle(
        _ request: Request, context: WireContext, next: (Request, WireContext) async throws -> Response
    ) async throws -> Response {
        context.requestID = RequestID.sane(request.headers[Self.requestIDField]) ?? RequestID.new()
        var response = try await next(request, context)
        if response.headers[Self.requestIDField] == nil { response.headers[Self.requestIDField] = context.requestID }
        let status = response.status.code
        let method = request.method.rawValue
        let path = request.uri.path
        @Sendable func log(_ bytes: Int64) {
            AccessLine(
                method: method, uri: path, status: status, bytes: bytes, time: NIODeadline.now() - context.startTime, user: context.principal.name,
                id: context.requestID
            ).log(to: context.logger)
        }
        if let length = response.body.contentLength, length <= Self.quick {
            log(request.method == .head ? 0 : Int64(length))
        } else {
            // The answer's own body, with the line behind it; also where it breaks off.
            let body = response.body
            response.body = ResponseBody(contentLength: body.contentLength) { writer in
                let counted = CountingWriter(inner: writer)
                do {
                    try await body.write(counted)
                } catch {
                    log(counted.count.value)
                    throw error
                }
                // Bytes that go by sendfile do not pass here, but their number is known.
                log(Int64(body.contentLength ?? Int(counted.count.value)))
            }
        }
        return response
    }
}

private struct CountingWriter: ResponseBodyWriter {
    var inner: any ResponseBodyWriter
    let count = Number()

    init(inner: any ResponseBodyWriter) { self.inner = inner }

    mutating func write(_ buffer: ByteBuffer) async throws {
        count.add(Int64(buffer.readableBytes))
        try await inner.write(buffer)
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws { try await inner.finish(trailingHeaders) }
}
