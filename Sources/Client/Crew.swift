import Foundation

/// A fixed number of threads for calls that block: network transfers and reading files. Swift's
/// own pool has a thread a core and would stand still under them. Each thread keeps one curl
/// handle and so one connection, which is used again by its next job.
///
/// The threads end when the crew is let go and the last job is done.
package final class Crew: Sendable {
    private let jobs = JobQueue()
    package let count: Int

    package init(count: Int, name: String) {
        self.count = max(1, count)
        for number in 1...self.count {
            let thread = Thread { [jobs] in
                let seat = Seat()
                while let job = jobs.next() { job(seat) }
            }
            thread.name = "\(name)-\(number)"
            thread.stackSize = 1 << 20
            thread.start()
        }
    }

    deinit { jobs.close() }

    /// Runs `job` on one of the threads and waits for it without blocking the caller's.
    package func run<Value: Sendable>(_ job: @escaping @Sendable (Seat) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            jobs.add { seat in continuation.resume(with: Result { try job(seat) }) }
        }
    }

    /// Does `work` for every item, at most `limit` at a time. The first error cancels the rest
    /// and is thrown when those under way have ended.
    package static func forEach<Item: Sendable>(
        _ items: [Item], limit: Int, _ work: @escaping @Sendable (Item) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var rest = items[...]
            for item in rest.prefix(limit) { group.addTask { try await work(item) } }
            rest = rest.dropFirst(limit)
            while try await group.next() != nil {
                guard let item = rest.popFirst() else { continue }
                group.addTask { try await work(item) }
            }
        }
    }
}

/// What belongs to one thread of a crew.
package final class Seat {
    private var opened: CurlHandle?

    func handle() throws -> CurlHandle {
        if let opened { return opened }
        let made = try CurlHandle()
        opened = made
        return made
    }
}

/// Unchecked: `waiting` and `isClosed` are touched only under `condition`.
private final class JobQueue: @unchecked Sendable {
    typealias Job = @Sendable (Seat) -> Void
    private let condition = NSCondition()
    private var waiting: [Job] = []
    private var first = 0
    private var isClosed = false

    func add(_ job: @escaping Job) {
        condition.lock()
        waiting.append(job)
        condition.signal()
        condition.unlock()
    }

    func close() {
        condition.lock()
        isClosed = true
        condition.broadcast()
        condition.unlock()
    }

    /// Waits for a job; nil when the crew is gone and nothing is left.
    func next() -> Job? {
        condition.lock()
        defer { condition.unlock() }
        while first == waiting.count {
            if isClosed { return nil }
            condition.wait()
        }
        let job = waiting[first]
        first += 1
        if first == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            first = 0
        }
        return job
    }
}
