import Core
import Synchronization

/// One upload as this process sees it: which write of a part is in force, which parts are on
/// disk, and how far they have been hashed.
///
/// A blob must never differ from its name, so bytes may not change after they were hashed: every
/// write to the file goes through `write`, which refuses superseded writers and a sealed upload.
final class UploadSession: Sendable {
    typealias Ticket = UInt64

    private struct State {
        var received: Set<Int>
        var writers: [Int: Ticket] = [:]
        var lastTicket: Ticket = 0
        var isSealed = false
        /// The upload is no more; another may have taken its folder.
        var isForgotten = false
        var isClosed: Bool { isSealed || isForgotten }
        /// Parts 0 ..< hashed are in the sums, and `underWay` is on its way into them.
        var hashed = 0
        var underWay: Int?
        /// Whether the sums hold bytes that have changed since.
        var isStale = false
        var hashing: Task<Void, Never>?
    }

    let folder: UploadFolder
    let meta: UploadMeta
    /// Used by one run of hashing at a time.
    let sums: RunningDigest
    private let state: Mutex<State>

    init(_ folder: UploadFolder, _ meta: UploadMeta) throws(HubError) {
        self.folder = folder
        self.meta = meta
        sums = RunningDigest(gitSize: meta.size)
        state = Mutex(State(received: try folder.markedParts()))
    }

    var received: [Int] { state.withLock { $0.received.sorted() } }
    var isBusy: Bool { state.withLock { $0.isClosed || !$0.writers.isEmpty } }

    // MARK: Writing

    func begin(_ part: Int) throws -> Ticket {
        try state.withLock { state in
            guard !state.isClosed else { throw Self.closed }
            state.lastTicket += 1
            state.writers[part] = state.lastTicket
            state.received.remove(part)
            if part < state.hashed || part == state.underWay { state.isStale = true }
            try folder.unmark(part)
            return state.lastTicket
        }
    }

    /// Runs `body`, which writes to the file, only while this write of the part is in force.
    func write(_ part: Int, _ ticket: Ticket, _ body: () throws -> Void) throws {
        try state.withLock { state in
            guard !state.isClosed else { throw Self.closed }
            guard state.writers[part] == ticket else { throw Self.superseded(part) }
            try body()
        }
    }

    /// Marks the part; its bytes are on disk.
    func finish(_ part: Int, _ ticket: Ticket) throws {
        try write(part, ticket) { try folder.mark(part) }
        try folder.syncMarkers()
        state.withLock { state in
            guard state.writers[part] == ticket else { return }
            state.writers[part] = nil
            state.received.insert(part)
        }
    }

    func abandon(_ part: Int, _ ticket: Ticket) {
        state.withLock { if $0.writers[part] == ticket { $0.writers[part] = nil } }
    }

    // MARK: Ending

    /// From here on nothing is written any more. Throws, and stays open, where parts are missing.
    func seal() throws {
        try state.withLock { state in
            guard !state.isClosed else { throw Self.closed }
            let missing = (0..<meta.plan.count).filter { !state.received.contains($0) }
            guard missing.isEmpty else { throw Self.incomplete(missing, of: meta.plan.count) }
            state.isSealed = true
        }
    }

    /// For good.
    func close() { state.withLock { $0.isForgotten = true } }
    func unseal() { state.withLock { $0.isSealed = false } }

    // MARK: Hashing

    /// The part to hash next, if it is on disk; everything is hashed anew where bytes have changed.
    func nextToHash() -> Int? {
        state.withLock { state in
            if state.isStale {
                _ = sums.finish()
                state.hashed = 0
                state.isStale = false
            }
            state.underWay = state.received.contains(state.hashed) ? state.hashed : nil
            return state.underWay
        }
    }

    func hashed(_ part: Int) {
        state.withLock { state in
            state.underWay = nil
            state.hashed = part + 1
        }
    }

    /// The sums are of no more use: they were taken, or reading for them failed.
    func spoil() {
        state.withLock {
            $0.isStale = true; $0.underWay = nil
        }
    }

    /// Runs `body` when the run before has ended.
    func hashNext(_ body: @escaping @Sendable () async -> Void) {
        state.withLock { state in
            state.hashing = Task { [before = state.hashing] in
                await before?.value
                await body()
            }
        }
    }

    func hashingEnds() async { await state.withLock { $0.hashing }?.value }
}
