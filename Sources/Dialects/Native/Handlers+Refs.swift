import API
import Core
import Hub
import Hummingbird
import Wire

extension NativeRoutes {
    static let refHandlers: [Endpoint: Handler] = [
        .listRefs: { call in
            let refs = try call.hub.refs(of: try call.repo, for: call.who)
            func of(_ kind: RefKind) -> [RefInfo] { refs.filter { $0.kind == kind }.map(RefInfo.init) }
            return try .json(RefsInfo(branches: of(.branch), versions: of(.version), aliases: of(.alias)))
        },
        .setBranch: { call in try await call.setRef(.branch) },
        .deleteBranch: { call in try await call.deleteRef(.branch) },
        .createVersion: { call in try await call.setRef(.version) },
        .withdrawVersion: { call in
            try await call.hub.withdrawVersion(try call.ref, reason: call.query("reason") ?? "", in: try call.repo, by: call.who)
            return .noContent
        },
        .setAlias: { call in try await call.setRef(.alias) },
        .deleteAlias: { call in try await call.deleteRef(.alias) },
        .showAliasHistory: { call in
            let paging = try call.paging
            let before = paging.after.flatMap { Int64($0) } ?? .max
            let moves = try call.hub.aliasMoves(try call.ref, in: try call.repo, before: before, limit: paging.limit, for: call.who)
            let next = moves.count == paging.limit ? moves.last.map { Paging.cursor(after: "\($0.id)") } : nil
            return try .json(Page(items: moves.map { AliasMove($0.move) }, next: next))
        }
    ]
}

extension Call {
    fileprivate func setRef(_ kind: RefKind) async throws -> Response {
        let body: SetRef = try await json()
        let set = try await hub.setRef(
            try ref, kind, to: try RevisionSpec(parsing: body.revision), in: try repo, expected: try ifMatch, by: who)
        let info = RefInfo(set.ref)
        return try .json(info, status: set.wasMade ? 201 : 200, etag: info.etag)
    }

    fileprivate func deleteRef(_ kind: RefKind) async throws -> Response {
        try await hub.deleteRef(try ref, kind, in: try repo, expected: try ifMatch, by: who)
        return .noContent
    }
}
