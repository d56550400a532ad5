import Blobs
import Catalog
import Core
import Hub
import HuggingFace
import Logging
import ServiceLifecycle

/// What no request should have to pay for: folding the catalog's log into its file, writing
/// counters, reading model cards for the filters of lists, forgetting idle uploads.
struct Housekeeping: Service {
    let hub: Hub
    let cards: HuggingFaceRoutes
    let logger: Logger

    func run() async throws {
        var seconds = 0
        while await pause() {
            seconds += 2
            await quietly("checkpoint") { try await hub.catalog.checkpoint() }
            await quietly("model cards") { _ = try await cards.refreshCards(limit: 256) }
            if seconds % 10 == 0 { await quietly("download counts") { try await hub.flushDownloads() } }
            if seconds % 3600 == 0 { await quietly("idle uploads") { _ = try await hub.blobs.expireUploads(now: hub.now) } }
        }
        await quietly("download counts") { try await hub.flushDownloads() }
    }

    /// Two seconds; false when it is time to stop.
    private func pause() async -> Bool {
        do {
            try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(2)) }
            return !Task.isShuttingDownGracefully
        } catch {
            return false
        }
    }

    /// Housekeeping that fails is told and tried again; it must not stop the server.
    private func quietly(_ what: String, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            logger.warning("housekeeping failed and will be tried again", metadata: ["task": "\(what)", "error": "\(error)"])
        }
    }
}
