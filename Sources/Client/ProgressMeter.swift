import Synchronization

/// How far a piece of work is. Workers add to it, whoever shows it reads it when it likes.
package final class ProgressMeter: Sendable {
    package enum Stage: String, Hashable, Sendable {
        case hashing, sending, fetching, checking
    }
    package struct Reading: Hashable, Sendable {
        package var stage: Stage
        /// Bytes.
        package var done: Int64
        /// Bytes; 0 where it is not known yet.
        package var total: Int64
        package var warnings: [String]
    }

    private let state = Mutex(Reading(stage: .hashing, done: 0, total: 0, warnings: []))

    package init() {}

    package var reading: Reading { state.withLock { $0 } }

    package func begin(_ stage: Stage, total: Int64) {
        state.withLock {
            $0.stage = stage
            $0.done = 0
            $0.total = total
        }
    }

    /// Negative where work was lost and is done again.
    package func add(_ bytes: Int64) { state.withLock { $0.done += bytes } }

    /// Something a person should know that is no reason to stop.
    package func warn(_ sentence: String) { state.withLock { $0.warnings.append(sentence) } }

    /// The warnings so far, each handed out once.
    package func takeWarnings() -> [String] {
        state.withLock { reading in
            defer { reading.warnings = [] }
            return reading.warnings
        }
    }
}
