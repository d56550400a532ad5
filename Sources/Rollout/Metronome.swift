import Core
import Synchronization

/// Rings a bell again and again, and tells its own rings from those of others. A loop that is late
/// finds one ring, however many it missed.
final class Metronome: Sendable {
    private struct State {
        var isDue = true
        var isOver = false
    }
    private let state = Mutex(State())
    private let bell: Bell

    /// Beats until `end`, which must be called.
    init(_ bell: Bell, every interval: Milliseconds) {
        self.bell = bell
        Task { [self] in
            while !isOver {
                state.withLock { $0.isDue = true }
                bell.ring()
                do {
                    try await Task.sleep(for: .milliseconds(interval))
                } catch {
                    return end()
                }
            }
        }
    }

    /// Whether the interval has passed since this was asked last.
    func take() -> Bool {
        state.withLock { state in
            defer { state.isDue = false }
            return state.isDue
        }
    }

    var isOver: Bool { state.withLock { $0.isOver } }

    func end() {
        state.withLock { $0.isOver = true }
        bell.ring()
    }
}
