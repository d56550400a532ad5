import API
import Core
import Glibc
import Hashing

/// Brings one blob into the folder of incoming files, whole and verified.
struct Download: Sendable {
    let session: Session
    let incoming: OpenFile
    let hashing: Crew
    let progress: ProgressMeter

    /// Files from this size on come in several ranges side by side: 32 MiB.
    static let splitFrom: Int64 = 32 << 20
    /// Bytes of one range: 16 MiB.
    static let rangeSize: Int64 = 16 << 20

    /// On return `incoming/<hex>` holds exactly the bytes that `digest` names.
    func fetch(_ file: LockedFile, from place: LockedPlace) async throws {
        var found = try await attempt(file, place)
        if found != file.digest {
            // Ranges of an earlier run may have been lost in a power cut. Once more, from nothing.
            try forget(file.digest)
            progress.add(-file.size)
            found = try await attempt(file, place)
        }
        try accept(found, file, place)
    }

    private func accept(_ found: Digest, _ file: LockedFile, _ place: LockedPlace) throws {
        guard found == file.digest else {
            try forget(file.digest)
            throw HubError(
                .digestMismatch,
                "\(place.shown) arrived damaged: expected \(file.digest), received \(found); have the server checked with 'grayling verify --store'")
        }
        try incoming.remove(ledgerName(file.digest))
    }

    // Not inlined: the optimiser of Swift 6.3.1 crashes when it splits the two calls in `fetch`.
    @inline(never)
    private func attempt(_ file: LockedFile, _ place: LockedPlace) async throws -> Digest {
        file.size < Self.splitFrom ? try await whole(file, place) : try await inRanges(file, place)
    }

    private func whole(_ file: LockedFile, _ place: LockedPlace) async throws -> Digest {
        let target = try incoming.createFile(file.digest.hex, flags: O_RDWR | O_CREAT | O_TRUNC)
        let hasher = StreamHasher()
        guard file.size > 0 else { return Digest(bytes: hasher.finish()) }
        let sink = RangeSink(ByteRange(0, file.size), of: file.size, what: place.shown, progress: progress) { bytes, offset in
            hasher.update(bytes)
            try target.write(bytes, at: offset)
        }
        try await session.fetch(place, sink)
        return Digest(bytes: hasher.finish())
    }

    private func inRanges(_ file: LockedFile, _ place: LockedPlace) async throws -> Digest {
        let target = try incoming.createFile(file.digest.hex)
        let plan = PartPlan(size: file.size, partSize: Self.rangeSize)
        let isBegun = try target.facts().st_size == off_t(file.size)
        if !isBegun { try incoming.remove(ledgerName(file.digest)) }
        guard ftruncate(target.descriptor, off_t(file.size)) == 0 else { throw SystemFailure.last("cannot write", target.location) }
        let ledger = try RangeLedger(ledgerName(file.digest), in: incoming, plan: plan)
        progress.add(ledger.finished.compactMap { plan.range($0)?.count }.reduce(0, +))
        let numbers = (0..<plan.count).filter { !ledger.finished.contains($0) }
        try await Crew.forEach(numbers, limit: session.transport.crew.count) { number in
            guard let range = plan.range(number) else { return }
            let sink = RangeSink(range, of: file.size, what: place.shown, progress: progress) { try target.write($0, at: $1) }
            try await session.fetch(place, sink)
            try ledger.note(number)
        }
        return try await hashing.run { _ in try HashFiles.digest(of: target) }
    }

    private func forget(_ digest: Digest) throws(HubError) {
        try incoming.remove(digest.hex)
        try incoming.remove(ledgerName(digest))
    }

    private func ledgerName(_ digest: Digest) -> String { digest.hex + ".ranges" }
}
