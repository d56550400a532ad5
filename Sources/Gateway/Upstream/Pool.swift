import Core

/// The idle connections of one loop to one replica: the last one used is the next one taken, so
/// that the others grow old and are closed. Touched only on its loop.
final class Pool: @unchecked Sendable {
    private var idle: [Upstream] = []
    private let limit: Int
    init(limit: Int) { self.limit = limit }

    @inline(__always)
    func take() -> Upstream? { idle.popLast() }

    /// - Returns: false where there is no room; the connection is then closed.
    func keep(_ upstream: Upstream) -> Bool {
        guard idle.count < limit else { return false }
        idle.append(upstream)
        return true
    }

    func forget(_ upstream: Upstream) {
        if let index = idle.lastIndex(where: { $0 === upstream }) { idle.remove(at: index) }
    }

    /// Closes what was not used since then.
    func evict(before moment: Nanoseconds) {
        var old: [Upstream] = []
        while let first = idle.first, first.idleSince < moment {
            old.append(first)
            idle.removeFirst()
        }
        for upstream in old { upstream.close() }
    }

    var count: Int { idle.count }
}
