package import Core
package import Hummingbird
import HTTPTypes
package import NIOCore

/// The body of a request. The framework reports a body that broke off as an ordinary end in
/// some cases; read through this type it is an error in all of them.
package struct BodyReader: Sendable {
    private let body: RequestBody
    private let channel: any Channel
    /// What the client announced; nil where the body comes in chunks.
    package let announced: Int64?

    package init(_ request: Request, _ context: WireContext) {
        body = request.body
        channel = context.channel
        announced = request.headers[.contentLength].flatMap { Int64($0) }
    }

    /// The whole body, for requests of modest size. Throws `tooLarge` above `limit` bytes,
    /// before reading any where the length was announced, and `sizeMismatch` where the body broke off.
    package func collect(limit: Int) async throws -> ByteBuffer {
        var whole = ByteBuffer()
        for try await part in try stream(limit: Int64(limit)) {
            if whole.readableBytes == 0 {
                whole = part
            } else {
                whole.writeImmutableBuffer(part)
            }
        }
        return whole
    }

    /// The body as it arrives; to be iterated once. The socket is read only as fast as this is.
    package func stream(limit: Int64 = .max) throws(HubError) -> BodyStream {
        if let announced, announced > limit { throw BodyStream.tooLarge(limit) }
        return BodyStream(body: body, channel: channel, announced: announced, limit: limit)
    }
}
