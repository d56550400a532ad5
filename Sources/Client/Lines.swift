package import API
import Core
import Foundation

extension Session {
    /// Calls an endpoint that answers in lines of JSON and hands each on as it arrives. The
    /// server may work for a long time between two lines.
    package func lines(
        _ endpoint: Endpoint, body: (any Encodable)? = nil, _ onLine: @escaping @Sendable ([UInt8]) throws -> Void
    ) async throws {
        var request = request(endpoint, [])
        if let body {
            request.body = [.bytes([UInt8](try JSON.encode(body)))]
            request.headers.append(("Content-Type", "application/json"))
        }
        request.stallSeconds = 3600
        // Lines already handed on cannot be taken back.
        request.isRepeatable = false
        let sink = LineSink(onLine)
        try await answer(request, into: sink)
        try sink.finish()
    }
}

/// Cuts a body into lines. Unchecked: a sink serves one transfer, and its owner touches it only
/// after that has ended.
final class LineSink: BodySink, @unchecked Sendable {
    private var pending: [UInt8] = []
    private let onLine: @Sendable ([UInt8]) throws -> Void
    private static let longest = 16 << 20

    init(_ onLine: @escaping @Sendable ([UInt8]) throws -> Void) { self.onLine = onLine }

    func begin(_ head: ResponseHead) { pending = [] }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0x0A) {
            pending.append(contentsOf: rest[..<end])
            rest = rest[(end + 1)...]
            try emit()
        }
        pending.append(contentsOf: rest)
        guard pending.count <= Self.longest else { throw HubError(.internalError, "the server sent a line of more than \(Self.longest) bytes") }
    }

    /// A last line without its newline counts too.
    func finish() throws { try emit() }

    private func emit() throws {
        guard !pending.isEmpty else { return }
        let line = pending
        pending.removeAll(keepingCapacity: true)
        try onLine(line)
    }
}
