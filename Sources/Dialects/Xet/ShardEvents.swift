import Core
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization
import Wire

/// What happens to a shard, as lines of JSON while it happens (Xet specification, shard upload, version 2):
/// proving the bytes of large files takes longer than clients wait in silence.
struct ShardEvents: Sendable {
    private enum Event: Sendable {
        case validating(Int64, Int64)
        case committing
        case result(Bool)
        case error(HubError)
    }

    /// Progress is told so often at most, and something is said so often at least.
    private static let apart = Duration.milliseconds(250)
    private static let silence = Duration.seconds(15)

    static func response(
        context: WireContext, _ work: @escaping @Sendable (_ progress: @escaping @Sendable (Int64, Int64) -> Void) async throws -> Bool
    ) -> Response {
        Response(
            status: .ok, headers: HTTPFields([HTTPField(name: .contentType, value: "application/x-ndjson")]),
            body: ResponseBody { writer in
                let (events, sink) = AsyncStream<Event>.makeStream(bufferingPolicy: .bufferingNewest(8))
                let producer = Task { await produce(into: sink, work, context) }
                defer { producer.cancel() }
                for await event in events { try await writer.write(line(event)) }
                try await writer.finish(nil)
            })
    }

    /// Ends with a result or an error, always.
    private static func produce(
        into sink: AsyncStream<Event>.Continuation, _ work: @Sendable (@escaping @Sendable (Int64, Int64) -> Void) async throws -> Bool,
        _ context: WireContext
    ) async {
        let heard = Mutex<(at: ContinuousClock.Instant, event: Event)>((.now - apart, .committing))
        let repeating = Task {
            while true {
                try await Task.sleep(for: silence)
                sink.yield(heard.withLock { $0.event })
            }
        }
        defer {
            repeating.cancel()
            sink.finish()
        }
        do {
            let wasNew = try await work { done, total in
                let event = done < total ? Event.validating(done, total) : .committing
                let isDue = heard.withLock { last in
                    last.event = event
                    guard done >= total || last.at + apart <= .now else { return false }
                    last.at = .now
                    return true
                }
                if isDue { sink.yield(event) }
            }
            sink.yield(.result(wasNew))
        } catch let error as HubError {
            sink.yield(.error(error))
        } catch {
            sink.yield(.error(context.internalFailure(error, "a shard")))
        }
    }

    private struct Line: Encodable {
        let type: String
        var verified: Int64?
        var total: Int64?
        var stage: String?
        var result: Int?
        var message: String?
        var retryable: Bool?
    }

    private static func line(_ event: Event) throws -> ByteBuffer {
        let line =
            switch event {
            case .validating(let done, let total): Line(type: "validating", verified: done, total: total)
            case .committing: Line(type: "committing", stage: "syncing")
            case .result(let wasNew): Line(type: "result", result: wasNew ? 1 : 0)
            case .error(let error): Line(type: "error", message: error.message, retryable: error.code.huggingFace.status >= 500)
            }
        var data = try JSONEncoder().encode(line)
        data.append(0x0A)
        return ByteBuffer(bytes: data)
    }
}
