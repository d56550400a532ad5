import API
import Core
import Foundation
import Hub
import Hummingbird
import NIOCore
import Wire

extension NativeRoutes {
    static let lineageHandlers: [Endpoint: Handler] = [
        .showLineage: { call in
            let asked = call.query("direction") ?? "up"
            guard let direction = LineageDirection(rawValue: asked) else {
                throw HubError(.invalidRequest, "'\(asked)' is not a direction: expected up (what it was made from) or down (what was made from it)")
            }
            guard let depth = Int(call.query("depth") ?? "64"), (1...64).contains(depth) else {
                throw HubError(.invalidRequest, "a depth is a number from 1 to 64")
            }
            return try call.lineage(try call.revision, direction, depth: depth)
        },
        .addLineage: { call in
            let body: NewLineage = try await call.json()
            let child = try RevisionSpec(parsing: body.revision ?? "")
            try await call.hub.addLineage(try LineageClaim(parsing: body.base), to: child, in: try call.repo, by: call.who)
            return try call.lineage(child, .up, depth: 1, status: 201)
        },
        .registerLock: { call in
            let bytes = try await BodyReader(call.request, call.context).collect(limit: call.hub.limits.requestBody)
            let lock = try DeployLock.parse(Array(buffer: bytes))
            let pins = try lock.models.map { model in
                PinnedRevision(repo: model.repo, commit: model.commit, manifest: model.manifest)
            }
            let facts = try await call.hub.registerLock(Array(buffer: bytes), name: lock.name, pins: pins, by: call.who)
            return try .json(LockInfo(facts), status: 201)
        },
        .listLocks: { call in
            let paging = try call.paging
            let after = paging.after.flatMap { Int64($0) } ?? 0
            let locks = try call.hub.locks(after: after, limit: paging.limit, for: call.who)
            let next = locks.count == paging.limit ? locks.last.map { Paging.cursor(after: "\($0.id)") } : nil
            return try .json(Page(items: locks.map { LockInfo($0.facts) }, next: next))
        },
        .showLock: { call in
            let digest = try call.digest
            return .text(ByteBuffer(bytes: try call.hub.lockBytes(digest, for: call.who)), type: "application/json", etag: "\"\(digest.hex)\"")
        },
        .releaseLock: { call in
            try await call.hub.releaseLock(try call.digest, by: call.who)
            return .noContent
        }
    ]
}

extension Call {
    fileprivate func lineage(_ spec: RevisionSpec, _ direction: LineageDirection, depth: Int, status: Int = 200) throws -> Response {
        let found = try hub.lineage(of: spec, in: try repo, direction, depth: depth, for: who)
        return try .json(
            LineageInfo(revision: found.revision.commit.hex, direction: direction.rawValue, steps: found.steps.map(LineageEdge.init)),
            status: status)
    }
}
