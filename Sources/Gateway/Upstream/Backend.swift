import Core
import NIOCore
import Synchronization

/// A version's replicas and those who wait for one, shared by all loops. Its lock is taken only by
/// requests that find no free place, and by those who change the replicas.
final class Backend: Sendable {
    let id: BackendID
    let inFlight = Atomic<Int>(0)
    let lastRequest = Atomic<Nanoseconds>(.min)
    let waiting = Atomic<Int>(0)
    let ejections = Atomic<Int>(0)
    let coldStarts = Mutex(ColdStarts())
    private let state = Mutex(State())

    struct State {
        var replicas: [Replica] = []
        var queue = WaitQueue<Waiter>()
        /// Somebody was told that a request waits for the first replica.
        var wokenAt: Nanoseconds?
    }

    /// A request without a replica, and what it would take.
    struct Waiter: Sendable {
        var lane: Lane
        var exchange: Exchange
        var slots: [Int]?
        var cap: Int
    }

    enum Wait { case granted(Replica), waits, waitsForWake, full }

    init(_ id: BackendID) { self.id = id }

    var replicas: [Replica] { state.withLock { $0.replicas } }

    func replicas(in slots: [Int]?) -> [Replica] { Self.filter(replicas, slots) }

    private static func filter(_ replicas: [Replica], _ slots: [Int]?) -> [Replica] {
        guard let slots else { return replicas }
        return replicas.filter { slots.contains($0.address.slot) }
    }

    /// A place now, or one in the queue.
    func wait(_ waiter: Waiter, ticket: UInt64, limit: Int, at now: Nanoseconds) -> Wait {
        state.withLock { state in
            // Counted before the last look: who frees a place meanwhile sees that somebody waits.
            waiting.wrappingAdd(1, ordering: .sequentiallyConsistent)
            // Nobody overtakes those who wait already.
            if state.queue.count == 0, let replica = Self.filter(state.replicas, waiter.slots).take(cap: waiter.cap, at: now, turn: 0) {
                waiting.wrappingSubtract(1, ordering: .sequentiallyConsistent)
                return .granted(replica)
            }
            guard state.queue.add(waiter, ticket: ticket, limit: limit) else {
                waiting.wrappingSubtract(1, ordering: .sequentiallyConsistent)
                return .full
            }
            if state.wokenAt == nil, !state.replicas.contains(where: { !$0.isDraining.load(ordering: .relaxed) }) {
                state.wokenAt = now
                return .waitsForWake
            }
            return .waits
        }
    }

    /// - Returns: whether it still waited.
    func cancel(ticket: UInt64) -> Bool {
        state.withLock { state in
            guard state.queue.remove(ticket: ticket) else { return false }
            waiting.wrappingSubtract(1, ordering: .sequentiallyConsistent)
            if state.queue.count == 0, state.wokenAt != nil {
                // The start came to nothing; the next request asks again.
                state.wokenAt = nil
                coldStarts.withLock { $0.failed += 1 }
            }
            return true
        }
    }

    /// A place at this replica is free again.
    @inline(__always)
    func free(_ replica: Replica, at now: Nanoseconds) {
        replica.inFlight.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        if waiting.load(ordering: .sequentiallyConsistent) > 0 { serveWaiters(at: now) }
    }

    func serveWaiters(at now: Nanoseconds) {
        var grants: [(UInt64, Waiter, Replica)] = []
        state.withLock { state in
            state.queue.serve { ticket, waiter in
                guard let replica = Self.filter(state.replicas, waiter.slots).take(cap: waiter.cap, at: now, turn: grants.count) else { return false }
                waiting.wrappingSubtract(1, ordering: .sequentiallyConsistent)
                grants.append((ticket, waiter, replica))
                return true
            }
        }
        for (ticket, waiter, replica) in grants {
            waiter.lane.loop.execute { waiter.exchange.granted(replica, by: self, ticket: ticket) }
        }
    }

    /// Replaces the replicas; one with the same address stays the same replica.
    /// - Returns: those that are no longer among them.
    func replace(_ addresses: [ReplicaAddress], at now: Nanoseconds, make: (ReplicaAddress) -> Replica) -> [Replica] {
        let gone = state.withLock { state in
            var kept: [Replica] = []
            for address in addresses {
                var plain = address
                plain.isDraining = false
                let same = state.replicas.first {
                    $0.address.slot == plain.slot && $0.address.host == plain.host && $0.address.port == plain.port
                        && $0.address.basePath == plain.basePath
                }
                let replica = same ?? make(address)
                replica.isDraining.store(address.isDraining, ordering: .relaxed)
                kept.append(replica)
            }
            let gone = state.replicas.filter { old in !kept.contains { $0 === old } }
            for replica in gone { replica.isRetired.store(true, ordering: .relaxed) }
            state.replicas = kept
            if let woken = state.wokenAt, kept.contains(where: { !$0.isDraining.load(ordering: .relaxed) }) {
                state.wokenAt = nil
                coldStarts.withLock { $0.started(after: now - woken) }
            }
            return gone
        }
        serveWaiters(at: now)
        return gone
    }

    /// Counts a gateway error of a replica, and leaves it out for a while when there were too many.
    func failed(_ replica: Replica, at now: Nanoseconds) -> Bool {
        let all = replicas
        let out = all.count { $0 !== replica && $0.isEjected(at: now) }
        let isOut = replica.failed(at: now, mayEject: (out + 1) * 2 <= all.count)
        if isOut { ejections.wrappingAdd(1, ordering: .relaxed) }
        return isOut
    }
}

/// How starts on demand went.
struct ColdStarts {
    var failed = 0
    var succeeded = 0
    var seconds = 0.0
    mutating func started(after span: Nanoseconds) {
        succeeded += 1
        seconds += Double(span) / 1e9
    }
}
