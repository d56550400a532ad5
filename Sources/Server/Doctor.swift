import Blobs
import Catalog
package import Core
import Foundation
import Hashing
import Hub
import Logging

/// One thing that was looked at, and what to do where it is not well.
package struct Finding: Codable, Sendable {
    package let what: String
    package let isWell: Bool
    package let detail: String
}

/// Care of a data root without a server.
package enum OfflineCare {
    /// Looks at a data root that no server holds: format, lock, index, event chain, room on disk.
    package static func examine(_ settings: ServerSettings) async throws -> [Finding] {
        var findings: [Finding] = []
        let path = settings.data.value
        let hub: Hub
        do {
            hub = try await GraylingServer.openHub(settings, create: false, logger: quiet)
        } catch let error as HubError {
            return [Finding(what: "data folder", isWell: false, detail: error.message)]
        }
        findings.append(Finding(what: "data folder", isWell: true, detail: "format and lock of \(path)"))
        let problems = try hub.catalog.read { try $0.integrityProblems() }
        findings.append(
            Finding(
                what: "catalog", isWell: problems.isEmpty,
                detail: problems.isEmpty ? "pages and references hold" : problems.joined(separator: "; ") + "; restore the last backup"))
        let broken = try hub.catalog.read { try $0.firstBrokenEvent { Digest(of: $0) } }
        findings.append(
            Finding(
                what: "event log", isWell: broken == nil,
                detail: broken.map { "altered at or before event \($0); compare with a backup" } ?? "every event follows from the one before"))
        findings.append(try room(path))
        await hub.catalog.close()
        return findings
    }

    /// Makes a new data root of a backup; every blob is hashed on the way.
    package static func restore(
        from backup: ServerSettings, to folder: String, progress: @Sendable @escaping (Int64, Int64) async throws -> Void
    ) async throws -> (blobs: Int, bytes: Int64) {
        let hub = try await GraylingServer.openHub(backup, create: false, logger: quiet)
        let outcome = try await hub.restore(to: folder, progress: progress)
        await hub.catalog.close()
        return (outcome.blobs, outcome.copiedBytes)
    }

    private static let quiet = Logger(label: "grayling") { _ in LineLog(format: .plain, level: .warning, clock: GraylingServer.clock) }

    private static func room(_ path: String) throws -> Finding {
        let values = try FileManager.default.attributesOfFileSystem(forPath: path)
        let free = (values[.systemFreeSize] as? NSNumber)?.int64Value ?? 0
        return Finding(
            what: "disk", isWell: free > 1 << 30,
            detail: free > 1 << 30 ? "\(free >> 30) GiB free" : "only \(free >> 20) MiB free; writes will be refused when it is full")
    }
}
