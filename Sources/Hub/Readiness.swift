import Blobs
import Catalog
package import Core

/// Numbers of the whole hub, for operators.
package struct HubTotals: Hashable, Sendable {
    package let blobs: Int
    package let bytes: Int64
}

extension Hub {
    /// Throws where a request could not be answered.
    package func checkReady() throws {
        guard try catalog.read({ try $0.hasUsers() }) else { throw HubError(.unavailable, "the catalog has no users") }
    }

    package func totals() throws -> HubTotals {
        let totals = try catalog.read { try $0.blobTotals() }
        return HubTotals(blobs: totals.count, bytes: totals.bytes)
    }
}
