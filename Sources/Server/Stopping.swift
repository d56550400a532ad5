import ServiceLifecycle
import Synchronization

/// Knows that the server was asked to stop. As the last service it is told first, before those
/// that wait for running answers: answers that would go on for ever end by asking it.
final class Stopping: Service {
    private let state = Atomic<Bool>(false)

    var hasBegun: Bool { state.load(ordering: .relaxed) }

    func run() async throws {
        // Cancelled is stopped as well.
        try? await gracefulShutdown()
        state.store(true, ordering: .relaxed)
    }
}
