import Core
import HuggingFace
import Native
import TestKit
import Wire

extension DialectServer {
    /// The hub behind the Hugging Face door, with our own beside it for sending large files.
    /// - Parameters:
    ///   - lean: whether file reads are answered on the event loop, as in service.
    ///   - xet: the file id of what is called LFS; nil for none.
    static func runHuggingFace<T: Sendable>(
        lean: Bool = true, limits: Limits = Limits(), xet: String? = nil, _ body: @escaping @Sendable (DialectServer) async throws -> T
    ) async throws -> T {
        let hash: HuggingFaceRoutes.XetHash = { _, _ in xet }
        return try await run(
            limits: limits,
            dialects: { [NativeRoutes(hub: $0.hub, facts: NativeFacts(version: "9.9.9")), HuggingFaceRoutes(hub: $0.hub, xetHash: hash)] },
            readers: { lean ? [HuggingFaceReader(HuggingFaceFiles(hub: $0.hub, xetHash: hash), surface: $1)] : [] }, body)
    }

    /// A commit of these lines; the status and the new head.
    func commit(_ lines: [String], to repo: String, _ branch: String = "main", as secret: String) async throws -> HTTPProbe.Answer {
        try await ask(
            "POST", "/api/models/\(repo)/commit/\(branch)", as: secret, headers: [("Content-Type", "application/x-ndjson")],
            body: lines.joined(separator: "\n"))
    }
}
