package import Core
package import Hub
package import Hummingbird
package import Wire

/// The git-lfs server API (git-lfs API, "Batch" and "Locking"), with the multipart and Xet transfers
/// of Hugging Face clients. Can be mounted again for addresses that another reader understands.
package struct LFSRoutes: Dialect {
    /// Where the Xet token for a repo is renewed, and the header fields that carry one; nil keeps the
    /// client on its other transfers.
    package typealias XetToken =
        @Sendable (RepoName, Principal, _ isWrite: Bool, RequestOrigin) async throws -> (href: String, headers: [(String, String)])?

    package let name: String
    let hub: Hub
    private let reader: LFSPlace.Reader
    let xetToken: XetToken?

    package init(hub: Hub, name: String = "lfs", reader: @escaping LFSPlace.Reader = LFSPlace.standard, xetToken: XetToken? = nil) {
        self.hub = hub
        self.name = name
        self.reader = reader
        self.xetToken = xetToken
    }

    package func claims(_ path: Substring) -> Bool { LFSAddress(path, reader) != nil }

    package func refusal(_ error: HubError, _ request: Request, _ context: WireContext) -> Response {
        LFSRefusal.response(LFSRefusal.shown(error, to: context.principal), context)
    }

    package func answer(_ request: Request, _ context: WireContext) async throws -> Response {
        let path = request.uri.path
        guard let address = LFSAddress(path[...], reader) else {
            throw HubError(.unknownEndpoint, "nothing is served for \(request.method) \(FilePath.printable(path))")
        }
        let call = LFSCall(routes: self, request: request, context: context, address: address, repo: try address.place.name)
        let rest = address.rest.joined(separator: "/")
        let (handler, values) = try Self.table.value(
            method: request.method.rawValue, path: rest,
            unserved: HubError(.unknownEndpoint, "git-lfs has no '\(FilePath.printable(rest))' here; check the setting lfs.url"))
        return try await handler(call, values)
    }

    private typealias Handler = @Sendable (LFSCall, [String: String]) async throws -> Response

    private static let table = PathTable<Handler>([
        ("POST", "objects/batch", { call, _ in try await call.batch() }),
        ("GET", "objects/{oid}", { call, values in try await call.sendObject(call.object(values, .download)) }),
        ("PUT", "objects/{oid}", { call, values in try await call.receiveObject(call.object(values, .upload)) }),
        ("POST", "objects/{oid}/verify", { call, values in try await call.verifyObject(call.object(values, .upload)) }),
        ("PUT", "objects/{oid}/parts/{number}", { call, values in try await call.receivePart(values["number"], of: call.object(values, .upload)) }),
        ("POST", "objects/{oid}/complete", { call, values in try await call.completeParts(of: call.object(values, .upload)) }),
        ("GET", "locks", { call, _ in try call.listLocks() }),
        ("POST", "locks", { call, _ in try call.refuseLock() }),
        ("POST", "locks/verify", { call, _ in try call.refuseLock() }),
        ("POST", "locks/{id}/unlock", { call, _ in try call.refuseLock() })
    ])
}
