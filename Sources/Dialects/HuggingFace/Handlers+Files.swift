import Core
import Hub
import Hummingbird
import Wire

extension HuggingFaceRoutes {
    static let fileRoutes: [(method: String, pattern: String, value: Handler)] = [
        ("GET", "/{owner}/{name}/resolve/{rev}/{path*}", { try $0.file() }),
        ("GET", "/{kind:datasets|spaces}/{owner}/{name}/resolve/{rev}/{path*}", { try $0.file() }),
        ("GET", "/{name}/resolve/{rev}/{path*}", { throw HuggingFaceAddress.unserved("GET", "/api/models/\($0.values["name"] ?? "")") }),
        ("GET", "/datasets/{name}/resolve/{rev}/{path*}", { throw HuggingFaceAddress.unserved("GET", "/api/datasets/\($0.values["name"] ?? "")") })
    ]
}

extension Call {
    /// The framework's road to the same bytes as `HuggingFaceReader`, and to the reasons why not.
    fileprivate func file() throws -> Response {
        let name = try repo
        let (revision, path) = try revisionAndPath()
        // A repo or revision that is not there comes before a path that cannot be.
        let file: LocatedFile
        do {
            file = try hub.locate(try FilePath(parsing: path), at: revision, of: name, for: who)
        } catch let error as HubError where error.code == .invalidPath {
            let commit = try hub.revision(revision, of: name, for: who).revision.commit
            throw HubError(.unknownFile, error.message, details: ["commit": commit.hex])
        }
        let answer = try ResolveHeaders.answer(file, of: name, xetHash: routes.xetHash)
        var failure: (any Error)?
        let lean = answer.answer(head: request.method == .head, conditions: Conditions(request.headers)) {
            do {
                return try hub.open(file.entry.digest)
            } catch {
                failure = error
                return nil
            }
        }
        guard let lean else { throw failure ?? HubError(.unknownBlob, "the bytes of '\(path)' are not here") }
        if request.method == .get, lean.status == 200 { hub.countDownload(of: file.repo) }
        return ResolveHeaders.completed(lean, origin: RequestOrigin(request)).response(context)
    }

    /// Some tools write `refs/pr/1` into the address as it is.
    private func revisionAndPath() throws(HubError) -> (RevisionSpec, String) {
        let (rev, path) = (try value("rev"), try value("path"))
        guard rev == "refs" else { return (try Self.revision(rev), path) }
        let parts = path.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, ["heads", "tags", "pr", "convert"].contains(parts[0]) else { return (try Self.revision(rev), path) }
        return (try Self.revision("refs/\(parts[0])/\(parts[1])"), String(parts[2]))
    }
}
