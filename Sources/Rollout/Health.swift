import Logging
import Synchronization

/// Whether the controller can read and store what it must. Where it cannot, nothing moves.
package final class Health: Sendable {
    enum Part: String { case control, reading, events, outbox, evidence, usage }

    private let state = Mutex<[Part: String]>([:])
    private let logger: Logger

    init(_ logger: Logger) { self.logger = logger }

    /// What is wrong, for people; nil: nothing.
    package var problem: String? { state.withLock { $0.min { $0.key.rawValue < $1.key.rawValue }?.value } }

    /// Logged when it begins, not each time.
    func fail(_ part: Part, _ reason: String) {
        let isNew = state.withLock { $0.updateValue(reason, forKey: part) == nil }
        if isNew {
            logger.error(
                "releases stand still: the catalog cannot be used; the gateway goes on with the present routes",
                metadata: ["part": "\(part.rawValue)", "error": "\(reason)"])
        }
    }

    func succeed(_ part: Part) {
        let was = state.withLock { $0.removeValue(forKey: part) }
        if was != nil { logger.notice("the catalog can be used again", metadata: ["part": "\(part.rawValue)"]) }
    }
}
