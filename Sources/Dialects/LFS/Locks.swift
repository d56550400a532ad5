import Core
import Hub
import Hummingbird

/// Locks (git-lfs API, "Locking"): there are none, and none can be made.
extension LFSCall {
    private struct LockList: Encodable { let locks: [String] = [] }

    func listLocks() throws -> Response {
        _ = try hub.readableObjects([], of: repo, for: who)
        return try .lfs(LockList())
    }

    /// Also the answer to `locks/verify`, which git-lfs asks before each push: after a 501 it notes for
    /// itself that there are no locks here. An empty list makes it advise locking on every push, and a
    /// 404 makes it complain.
    func refuseLock() throws -> Response {
        _ = try hub.readableObjects([], of: repo, for: who)
        throw LFSRefusal.noLocks
    }
}
