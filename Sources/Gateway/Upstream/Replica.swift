import Core
import Synchronization

/// One running copy of a backend, shared by all loops.
final class Replica: Sendable {
    let address: ReplicaAddress
    /// What a request's Host header says there.
    let host: [UInt8]
    let basePath: [UInt8]
    let inFlight = Atomic<Int>(0)
    let isDraining: Atomic<Bool>
    /// No longer among the backend's: connections are not kept.
    let isRetired = Atomic<Bool>(false)
    private let ejectedUntil = Atomic<Nanoseconds>(.min)
    /// Something is in the record that a good answer must clear.
    private let isTroubled = Atomic<Bool>(false)
    private let record = Mutex(Ejection())
    /// Idle connections, one stack for each loop and touched only there.
    let pools: [Pool]

    init(_ address: ReplicaAddress, lanes: Int, poolSize: Int) {
        self.address = address
        let host = address.host.contains(":") ? "[\(address.host)]" : address.host
        self.host = Array((address.port == 80 ? host : "\(host):\(address.port)").utf8)
        var base = address.basePath
        while base.hasSuffix("/") { base.removeLast() }
        basePath = Array(base.utf8)
        isDraining = Atomic(address.isDraining)
        pools = (0..<lanes).map { _ in Pool(limit: poolSize) }
    }

    @inline(__always)
    func isOpen(at now: Nanoseconds) -> Bool {
        !isDraining.load(ordering: .relaxed) && ejectedUntil.load(ordering: .relaxed) <= now && !isRetired.load(ordering: .relaxed)
    }

    /// Takes a place, if there is one.
    @inline(__always)
    func take(cap: Int) -> Bool {
        if inFlight.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue <= cap { return true }
        inFlight.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        return false
    }

    func failed(at now: Nanoseconds, mayEject: Bool) -> Bool {
        let (isOut, until) = record.withLock { ($0.failed(at: now, mayEject: mayEject), $0.until) }
        isTroubled.store(true, ordering: .relaxed)
        if isOut { ejectedUntil.store(until, ordering: .relaxed) }
        return isOut
    }

    @inline(__always)
    func succeeded(at now: Nanoseconds) {
        guard isTroubled.load(ordering: .relaxed) else { return }
        let isClear = record.withLock {
            $0.succeeded(at: now)
            return $0.times == 0
        }
        if isClear { isTroubled.store(false, ordering: .relaxed) }
    }

    func isEjected(at now: Nanoseconds) -> Bool { ejectedUntil.load(ordering: .relaxed) > now }
}

extension Array where Element == Replica {
    /// Takes a place at the least loaded open replica; `turn` breaks ties.
    @inline(__always)
    func take(cap: Int, at now: Nanoseconds, turn: Int, not avoided: Replica? = nil) -> Replica? {
        if count == 1 {
            let only = self[0]
            return only !== avoided && only.isOpen(at: now) && only.take(cap: cap) ? only : nil
        }
        var best: Replica?
        var least = Int.max
        for i in 0..<count {
            let replica = self[(i + turn) % count]
            guard replica !== avoided, replica.isOpen(at: now) else { continue }
            let load = replica.inFlight.load(ordering: .relaxed)
            if load < least, load < cap {
                best = replica
                least = load
            }
        }
        guard let best else { return nil }
        return best.take(cap: cap) ? best : nil
    }
}
