import API
import Core
import Foundation
import Hub
import Hummingbird
import Wire

extension NativeRoutes {
    static let repoHandlers: [Endpoint: Handler] = [
        .listRepos: { call in
            let paging = try call.paging
            let place = try PlaceInList(paging.after)
            let repos = try call.hub.repos(
                try call.kind, owner: try call.query("owner").map { try OwnerName(parsing: $0) }, search: call.query("search"),
                before: place?.at, beforeID: place?.id ?? .max, limit: paging.limit, for: call.who)
            let next = repos.count == paging.limit ? repos.last.map { Paging.cursor(after: PlaceInList(at: $0.updated, id: $0.id).text) } : nil
            return try .json(Page(items: repos.map(RepoInfo.init), next: next))
        },
        .createRepo: { call in
            let body: NewRepo = try await call.json()
            let name = try RepoName(call.kind, owner: body.owner, name: body.name)
            return try .repo(
                try await call.hub.createRepo(name, isPrivate: body.isPrivate ?? false, description: body.description ?? "", by: call.who),
                status: 201)
        },
        .showRepo: { call in try .repo(call.hub.repo(try call.repo, for: call.who)) },
        .changeRepo: { call in
            let body: RepoChange = try await call.json()
            return try .repo(
                try await call.hub.changeRepo(
                    try call.repo, isPrivate: body.isPrivate, description: body.description, expected: try call.ifMatch, by: call.who))
        },
        .deleteRepo: { call in
            try await call.hub.deleteRepo(try call.repo, expected: try call.ifMatch, by: call.who)
            return .noContent
        },
        .moveRepo: { call in
            let body: MoveRepo = try await call.json()
            let new = try RepoName(call.kind, owner: body.owner, name: body.name)
            return try .repo(try await call.hub.moveRepo(try call.repo, to: new, by: call.who))
        }
    ]
}

/// Where a list by time goes on: the moment, and the row among those of the same moment.
private struct PlaceInList {
    let at: Instant
    let id: Int64
    var text: String { "\(at.milliseconds) \(id)" }

    init(at: Instant, id: Int64) {
        self.at = at
        self.id = id
    }

    init?(_ text: String?) throws(HubError) {
        guard let text else { return nil }
        let numbers = text.split(separator: " ").compactMap { Int64($0) }
        guard numbers.count == 2 else {
            throw HubError(.invalidRequest, "the cursor is not one of this list; use the one from the page before, unchanged")
        }
        self.init(at: Instant(milliseconds: numbers[0]), id: numbers[1])
    }
}

extension Response {
    fileprivate static func repo(_ facts: RepoFacts, status: Int = 200) throws -> Response {
        let info = RepoInfo(facts)
        return try .json(info, status: status, etag: info.etag)
    }
}
