import Core
import Hummingbird
package import NIOCore
import NIOHTTP1

/// A request body, buffer by buffer. Ends only where the request itself ended; throws
/// `sizeMismatch` where it broke off, and `tooLarge` above its limit.
package struct BodyStream: AsyncSequence, Sendable {
    package typealias Element = ByteBuffer
    let body: RequestBody
    let channel: any Channel
    let announced: Int64?
    let limit: Int64

    package func makeAsyncIterator() -> Iterator { Iterator(stream: self, inner: body.makeAsyncIterator()) }

    package struct Iterator: AsyncIteratorProtocol {
        let stream: BodyStream
        var inner: RequestBody.AsyncIterator
        var received: Int64 = 0
        var hasBegun = false

        init(stream: BodyStream, inner: RequestBody.AsyncIterator) {
            self.stream = stream
            self.inner = inner
        }

        package mutating func next() async throws -> ByteBuffer? {
            if !hasBegun {
                hasBegun = true
                stream.channel.triggerUserOutboundEvent(ConnectionEvent.bodyWanted, promise: nil)
            }
            let part: ByteBuffer?
            do {
                part = try await inner.next()
            } catch let error as CancellationError {
                throw error
            } catch let error where error is BodyTruncated || error is HTTPParserError || error is ChannelError || error is IOError {
                throw BodyStream.truncated(received, of: stream.announced)
            }
            guard let part else {
                // A cancelled read ends without an error too, and is no whole body either.
                if let announced = stream.announced, announced != received { throw BodyStream.truncated(received, of: announced) }
                try Task.checkCancellation()
                return nil
            }
            received += Int64(part.readableBytes)
            guard received <= stream.limit else { throw BodyStream.tooLarge(stream.limit) }
            return part
        }
    }

    static func tooLarge(_ limit: Int64) -> HubError {
        HubError(.tooLarge, "the request body is larger than the \(limit) bytes this address takes")
    }

    private static func truncated(_ received: Int64, of announced: Int64?) -> HubError {
        HubError(
            .sizeMismatch,
            "the request body broke off after \(received) " + (announced.map { "of \($0) " } ?? "") + "bytes; nothing of it was kept, send it again")
    }
}
