package import Core
import NIOHTTP1

/// What a dialect's fast reads need to know: who asks, and which file an address names for them.
/// All of it is called on event loops.
package protocol FileFinder: Sendable {
    /// Grows with every change to names, files, rights or tokens.
    var changeCount: UInt64 { get }
    func principal(secret: String) throws -> Principal
    /// Whether this could be one of its addresses, without asking anybody.
    func claims(_ uri: String) -> Bool
    /// The file that an asker may read there; nil or an error where the framework's road must say
    /// more.
    func find(_ uri: String, for who: Principal) throws -> ReadMemory.Found?
    func open(_ digest: Digest) throws -> ByteSource
    func countDownload(of repo: Int64)
}

/// File reads on the event loop: a few point reads, or none where the same was asked before and
/// nothing has changed. Whatever is not plainly allowed and there, an error too, goes the
/// framework's road, which says why.
package struct FileReader<Finder: FileFinder>: LeanReader {
    private let finder: Finder
    private let surface: Metrics.Surface
    private let memory = ReadMemory()

    package init(_ finder: Finder, surface: Metrics.Surface) {
        self.finder = finder
        self.surface = surface
    }

    package func answer(_ request: LeanRequest) -> LeanAnswer? {
        guard finder.claims(request.uri) else { return nil }
        do {
            return try read(request)
        } catch {
            return nil
        }
    }

    private func read(_ request: LeanRequest) throws -> LeanAnswer? {
        let changeCount = finder.changeCount
        let who = try Credentials.token(from: request.headers).map { try finder.principal(secret: $0) } ?? .anonymous
        let key = ReadMemory.Key(user: who.user?.id, uri: request.uri)
        let found: ReadMemory.Found
        if let known = memory.recall(key, at: changeCount) {
            found = known
        } else {
            guard let asked = try finder.find(request.uri, for: who) else { return nil }
            found = asked
            // A blob by digest may be readable by a lease alone, and a lease ends without a change;
            // what anybody may read is not.
            if found.repo != nil || who.user == nil { memory.keep(found, for: key, at: changeCount) }
        }
        var answer = found.file.answer(request) { try? finder.open(found.digest) }
        answer?.surface = surface
        answer?.user = who.name
        if request.method == .get, answer?.status == 200, let repo = found.repo { finder.countDownload(of: repo) }
        return answer
    }
}
