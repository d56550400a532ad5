import Dispatch

/// Something that one side waits for and the other lets happen.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func open(times: Int = 1) { for _ in 0..<times { semaphore.signal() } }

    /// Blocks this thread: for upstreams. Gives up after a minute.
    func pass() { _ = semaphore.wait(timeout: .now() + 60) }
}

struct Overdue: Error, CustomStringConvertible { let description: String }

/// Waits for what must come true soon, without saying how soon.
func eventually(_ what: String, _ condition: @Sendable () async -> Bool) async throws {
    for _ in 0..<6000 {
        if await condition() { return }
        try await Task.sleep(for: .milliseconds(5))
    }
    throw Overdue(description: "still not so: \(what)")
}
