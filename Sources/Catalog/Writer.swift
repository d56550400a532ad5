import Core
import Dispatch
import GRDB
import Synchronization

/// The one hand that writes. Jobs that wait while a transaction is being made durable go into
/// the next one together: sixteen writers share one sync instead of queueing for sixteen.
final class Writer: Sendable {
    private struct Job: Sendable {
        let run: @Sendable (Database) -> Outcome
        /// Answers without having run.
        let fail: @Sendable (any Error) -> Void
    }
    /// What to do once the transaction stands, or has failed as a whole.
    private struct Outcome: Sendable {
        let isWritten: Bool
        let finish: @Sendable ((any Error)?) -> Void
    }
    private struct State: Sendable {
        var waiting: [Job] = []
        var isRunning = false
        var isClosed = false
    }

    private let pool: DatabasePool
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "grayling.catalog.writer")
    /// Jobs in one transaction at most, so that the first does not wait for ever.
    private static let batch = 64

    init(pool: DatabasePool) { self.pool = pool }

    func run<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            enqueue(
                Job { db in
                    let result = Result { try Self.inSavepoint(db, body) }
                    switch result {
                    case .success(let value):
                        return Outcome(isWritten: true) { failure in
                            if let failure { continuation.resume(throwing: failure) } else { continuation.resume(returning: value) }
                        }
                    case .failure(let error):
                        // An error of the caller's own goes back to it as it is.
                        let answer: any Error = error is DatabaseError ? Self.translate(error) : error
                        return Outcome(isWritten: false) { _ in continuation.resume(throwing: answer) }
                    }
                } fail: {
                    continuation.resume(throwing: $0)
                })
        }
    }

    private static func inSavepoint<Value>(_ db: Database, _ body: (Database) throws -> Value) throws -> Value {
        var value: Value?
        try db.inSavepoint {
            value = try body(db)
            return .commit
        }
        guard let value else { throw HubError(.internalError, "a write was rolled back without a reason") }
        return value
    }

    /// Something that must not be inside a transaction, such as a checkpoint.
    func aside(_ body: @escaping @Sendable (Database) throws -> Void) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            queue.async { [pool] in
                continuation.resume(with: Result { try pool.writeWithoutTransaction(body) })
            }
        }
    }

    func close() async {
        state.withLock { $0.isClosed = true }
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }

    private func enqueue(_ job: Job) {
        enum Next { case start, wait, refuse }
        let next = state.withLock { state -> Next in
            if state.isClosed { return .refuse }
            state.waiting.append(job)
            if state.isRunning { return .wait }
            state.isRunning = true
            return .start
        }
        switch next {
        case .start: queue.async { self.drain() }
        case .wait: break
        case .refuse: job.fail(HubError(.unavailable, "the server is stopping; try again when it is back"))
        }
    }

    private func drain() {
        while true {
            let jobs = state.withLock { state -> [Job] in
                let jobs = Array(state.waiting.prefix(Self.batch))
                state.waiting.removeFirst(jobs.count)
                if jobs.isEmpty { state.isRunning = false }
                return jobs
            }
            if jobs.isEmpty { return }
            commit(jobs)
        }
    }

    private func commit(_ jobs: [Job]) {
        nonisolated(unsafe) var outcomes: [Outcome] = []
        do {
            try pool.writeWithoutTransaction { db in
                try db.inTransaction(.immediate) {
                    for job in jobs {
                        outcomes.append(job.run(db))
                        // A full disk makes SQLite roll everything back by itself.
                        guard db.isInsideTransaction else {
                            throw HubError(.storageFull, "the catalog could not be written, the disk may be full; nothing was changed")
                        }
                    }
                    return .commit
                }
            }
            for outcome in outcomes { outcome.finish(nil) }
        } catch {
            let translated = Self.translate(error)
            for outcome in outcomes { outcome.finish(translated) }
            for job in jobs.dropFirst(outcomes.count) { job.fail(translated) }
        }
    }

    private static func translate(_ error: any Error) -> HubError {
        switch error {
        case let error as HubError: error
        case let error as DatabaseError: HubError(sqlite: error)
        default: HubError(.internalError, "the catalog could not be changed: \(error)")
        }
    }
}
