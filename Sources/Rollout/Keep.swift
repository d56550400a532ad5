import Core
import Hub
import Logging
import Release

/// What tenants used and the catalog does not have yet: one batch is under way at a time, and is
/// offered again under its number until it is stored.
struct Ledger {
    var batch: Int64 = 0
    var underWay: [Usage] = []
    /// The batch was offered under this number.
    var hasNumber = false
    var savedAt: Milliseconds = 0
}

extension Conductor {
    /// Stores evidence and observed time of all releases that have new ones, in one transaction.
    func save(at now: Milliseconds) async {
        guard isInControl, now == .max || (now - savedAt >= rhythm.save && now >= retryAt) else { return }
        let isFull = now == .max || now - fullySavedAt >= rhythm.saveIdle
        var items: [AnalysisSave] = []
        for id in line {
            if let item = charges[id]?.unsaved(isFull: isFull) { items.append(item) }
        }
        if await keep(items) {
            savedAt = now
            if isFull { fullySavedAt = now }
        }
    }

    /// What a decision was made from is there to be read with it, however soon the release ends.
    func saveEvidence(of id: ReleaseID) async {
        if let item = charges[id]?.unsaved(isFull: true) { _ = await keep([item]) }
    }

    private func keep(_ items: [AnalysisSave]) async -> Bool {
        do {
            if !items.isEmpty { try await hub.saveAnalysis(items) }
            for item in items {
                charges[item.release]?.isUnsaved = false
                charges[item.release]?.unsavedMarks = []
                charges[item.release]?.savedStopwatch = item.stopwatch
            }
            if !items.isEmpty { health.succeed(.evidence) }
            return true
        } catch {
            fail(.evidence, error)
            return false
        }
    }

    func settleUsage(at now: Milliseconds) async {
        guard isInControl, now == .max || (now - ledger.savedAt >= rhythm.usage && now >= retryAt) else { return }
        ledger.savedAt = now
        do {
            if !ledger.underWay.isEmpty { try await settleBatch() }
            ledger.underWay = parts.takeUsage()
            if !ledger.underWay.isEmpty { try await settleBatch() }
            health.succeed(.usage)
        } catch {
            fail(.usage, error)
        }
    }

    private func settleBatch() async throws {
        if !ledger.hasNumber {
            ledger.batch += 1
            ledger.hasNumber = true
        }
        try await hub.addUsage(ledger.underWay, batch: ledger.batch)
        ledger.underWay = []
        ledger.hasNumber = false
    }

    /// Hands on the tenants where somebody changed anything in the hub.
    func refreshTenants() {
        let count = hub.changeCount
        guard count != seenChanges else { return }
        do {
            let tenants = try hub.tenants()
            seenChanges = count
            // What was used today goes up by itself in the gateway: only people's changes count.
            let known = tenants.map { tenant in
                var tenant = tenant
                tenant.tokensToday = 0
                return tenant
            }
            guard known != knownTenants else { return }
            knownTenants = known
            parts.setTenants(tenants)
        } catch {
            parts.logger.warning("tenants could not be read and stay as they were", metadata: ["error": "\(error)"])
        }
    }

    /// For `/metrics`: not each tick, because it takes longer than a tick's decisions.
    func summarise(at now: Milliseconds) {
        guard now - summarisedAt >= rhythm.saveIdle else { return }
        summarisedAt = now
        metrics.set(charges.mapValues { $0.analysis.summary(for: $0.release) })
    }
}
