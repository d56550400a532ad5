import Core
import Foundation
import Hub
import Hummingbird
import NIOCore
import Wire

extension HuggingFaceRoutes {
    static let treeRoutes: [(method: String, pattern: String, value: Handler)] = [
        ("GET", inRepo("/tree/{rev}"), { try $0.tree(nil) }),
        ("GET", inRepo("/tree/{rev}/{path*}"), { try $0.tree(try $0.value("path")) }),
        ("POST", inRepo("/paths-info/{rev}"), { try await $0.pathsInfo() })
    ]
}

extension Call {
    /// One program reads the first page alone, so that is a large one.
    private static let largestPage = 10_000
    /// Each line needs the history of its file.
    private static let largestExpandedPage = 1000
    private static let mostPaths = 10_000

    fileprivate func tree(_ path: String?) throws -> Response {
        let isExpanded = query.flag("expand")
        let most = isExpanded ? Self.largestExpandedPage : Self.largestPage
        let limit = try limit(usual: most, most: most)
        let (name, spec) = (try repo, try revision)
        let (revision, items) = try hub.items(
            of: name, at: spec, in: try folder(path, of: name, at: spec), isRecursive: query.flag("recursive"), after: try cursor, limit: limit,
            for: who)
        let isFull = items.count == limit
        return .json(try lines(items, of: revision, isExpanded), next: isFull ? items.last.map { next(cursor: $0.key) } : nil)
    }

    /// A path that cannot be, in a repo that is there, is one that is not there.
    private func folder(_ text: String?, of name: RepoName, at spec: RevisionSpec) throws -> FilePath? {
        let text = text.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 } ?? ""
        if text.isEmpty { return nil }
        do {
            return try FilePath(parsing: text)
        } catch {
            _ = try hub.revision(spec, of: name, for: who)
            throw HubError(.unknownFile, error.message)
        }
    }

    private func lines(_ items: [TreeItem], of revision: RevisionFacts, _ isExpanded: Bool) throws -> JSON {
        let changes = isExpanded ? try hub.lastChanges(of: items.map(\.path), from: revision) : [:]
        return try .list(items) { try routes.item($0, change: changes[$0.path], isExpanded: isExpanded) }
    }

    fileprivate func pathsInfo() async throws -> Response {
        let (paths, isExpanded) = try await askedPaths()
        guard paths.count <= Self.mostPaths else {
            throw HubError(.tooLarge, "\(paths.count) paths are too many at once; ask for at most \(Self.mostPaths)")
        }
        // What cannot be a path names nothing.
        let known = paths.compactMap { try? FilePath(parsing: $0.hasSuffix("/") ? $0.dropLast() : $0[...]) }
        let (revision, items) = try hub.items(of: try repo, at: try revision, named: known, for: who)
        return .json(try lines(items, of: revision, isExpanded))
    }

    /// A form or JSON.
    private func askedPaths() async throws -> (paths: [String], isExpanded: Bool) {
        struct Body: Decodable {
            let paths: [String]?
            let expand: Bool?
        }
        if request.headers[.contentType]?.lowercased().hasPrefix("application/json") == true {
            let body: Body = try await json()
            return (body.paths ?? [], body.expand ?? false)
        }
        let bytes = try await BodyReader(request, context).collect(limit: hub.limits.requestBody)
        let form = try FormText(String(buffer: bytes))
        return (form.all("paths"), form.flag("expand"))
    }
}
