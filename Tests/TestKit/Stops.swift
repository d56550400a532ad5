package import Core
import Synchronization

/// Keeps a copy of a folder at each checkpoint that is passed: what a crash there would leave.
package final class Stops: Sendable {
    private struct State: Sendable {
        var watched: (source: String, steps: Set<Checkpoint>)?
        var copies: [(Checkpoint, TestFolder)] = []
        var failure: String?
    }
    private let state = Mutex(State())

    package init() {}

    package var probe: Probe { Probe { [self] step in keep(step) } }

    /// From now on copies `folder` at these steps; from then on, none.
    package func watch(_ folder: TestFolder, _ steps: Set<Checkpoint>) { state.withLock { $0.watched = (folder.path, steps) } }
    package func rest() { state.withLock { $0.watched = nil } }

    package var copies: [(step: Checkpoint, folder: TestFolder)] { state.withLock { $0.copies.map { ($0.0, $0.1) } } }
    /// Why a copy could not be made, if so.
    package var failure: String? { state.withLock { $0.failure } }

    private func keep(_ step: Checkpoint) {
        state.withLock { state in
            guard let watched = state.watched, watched.steps.contains(step) else { return }
            do {
                state.copies.append((step, try TestFolder(copyOf: watched.source)))
            } catch {
                state.failure = "\(step.rawValue): \(error)"
            }
        }
    }
}
