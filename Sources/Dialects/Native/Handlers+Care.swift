import API
import Core
import Foundation
import HTTPTypes
import Hub
import Hummingbird
import NIOCore
import NIOFoundationCompat
import Wire

extension NativeRoutes {
    static let careHandlers: [Endpoint: Handler] = [
        .collect: { call in
            let body: CollectRequest = try await call.json()
            let outcome = try await call.hub.collect(
                isDryRun: body.dryRun ?? false, graceSeconds: body.graceSeconds ?? 86_400, forgetUploads: body.forgetUploads ?? false, by: call.who)
            return try .json(CollectReport(outcome, isDryRun: body.dryRun ?? false))
        },
        .verifyStore: { call in
            let body: VerifyRequest = try await call.json()
            let rate = body.bytesPerSecond ?? (256 << 20)
            let (hub, who) = (call.hub, call.who)
            try hub.mayCare(who)
            return .lines { line in
                let outcome = try await hub.verifyStore(bytesPerSecond: rate == 0 ? nil : Int(rate), by: who) { done, total in
                    try await line.progress(done, total)
                }
                try await line.send(VerifyReport(outcome))
            }
        },
        .backup: { call in
            let body: BackupRequest = try await call.json()
            let (hub, who) = (call.hub, call.who)
            try hub.mayCare(who)
            return .lines { line in
                let outcome = try await hub.backup(to: body.folder, by: who) { done, total in try await line.progress(done, total) }
                try await line.send(
                    BackupReport(folder: outcome.folder, blobs: outcome.blobs, copied: outcome.copied, copiedBytes: outcome.copiedBytes))
            }
        }
    ]
}

/// Writes an answer as lines of JSON: progress about once in a while, then the report, or a
/// problem where it went wrong after the head was sent.
private final class LineWriter: @unchecked Sendable {
    // Used by one task at a time: the use-case awaits each line.
    private var writer: any ResponseBodyWriter
    private var last: ContinuousClock.Instant?

    init(_ writer: any ResponseBodyWriter) { self.writer = writer }

    func send(_ value: some Encodable) async throws {
        var bytes = try JSON.encode(value)
        bytes.append(0x0A)
        try await writer.write(ByteBuffer(data: bytes))
    }

    /// At most four times a second.
    func progress(_ done: Int64, _ total: Int64) async throws {
        let now = ContinuousClock.now
        if let last, now - last < .milliseconds(250) { return }
        last = now
        try await send(CareProgress(done: done, total: total))
    }

    func finish() async throws { try await writer.finish(nil) }
}

extension Response {
    fileprivate static func lines(_ body: @escaping @Sendable (LineWriter) async throws -> Void) -> Response {
        let headers = HTTPFields([HTTPField(name: .contentType, value: "application/x-ndjson")])
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                let lines = LineWriter(writer)
                do {
                    try await body(lines)
                } catch let error as HubError {
                    try await lines.send(
                        Problem(
                            type: "urn:grayling:error:\(error.code.rawValue)", title: error.code.title, status: error.code.status,
                            detail: error.message, code: error.code.rawValue, requestID: ""))
                }
                try await lines.finish()
            })
    }
}
