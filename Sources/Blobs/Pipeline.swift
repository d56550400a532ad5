import NIOCore
import NIOPosix
import Synchronization

/// Carries the blocks of one body through several lanes at once, such as hashing and writing.
/// Each lane takes them one after another, on threads that may block. At most four blocks are
/// under way, and a slow lane holds the body back. One task pushes and then settles.
final class Pipeline: Sendable {
    /// A block, and its offset in the body.
    typealias Lane = @Sendable (ByteBuffer, Int64) throws -> Void
    private static let limit = 4

    private struct State {
        var waiting: [[(ByteBuffer, Int64)]]
        var isBusy: [Bool]
        var offset: Int64 = 0
        var failure: (any Error)?
        var producer: (below: Int, CheckedContinuation<Void, Never>)?
        var depth: Int { waiting.reduce(0) { max($0, $1.count) } }
    }

    private let threads: NIOThreadPool
    private let lanes: [Lane]
    private let state: Mutex<State>

    init(on threads: NIOThreadPool, _ lanes: [Lane]) {
        self.threads = threads
        self.lanes = lanes
        state = Mutex(State(waiting: lanes.map { _ in [] }, isBusy: lanes.map { _ in false }))
    }

    /// Waits for room, then hands the block over. Throws what a lane threw.
    func push(_ block: ByteBuffer) async throws {
        await wait(below: Self.limit)
        let idle = try state.withLock { state in
            if let failure = state.failure { throw failure }
            let idle = lanes.indices.filter { !state.isBusy[$0] }
            for lane in lanes.indices {
                state.waiting[lane].append((block, state.offset))
                state.isBusy[lane] = true
            }
            state.offset += Int64(block.readableBytes)
            return idle
        }
        for lane in idle { advance(lane) }
    }

    /// Waits until no lane touches anything any more, also for a cancelled task. Returns what a
    /// lane threw first.
    func settle() async -> (any Error)? {
        await wait(below: 1)
        return state.withLock { $0.failure }
    }

    private func wait(below limit: Int) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.depth < limit { return true }
                state.producer = (limit, continuation)
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    /// One block a job: bodies that arrive at once take turns on the threads.
    private func advance(_ lane: Int) {
        threads.submit { [self] work in
            let (next, hasFailed) = state.withLock { ($0.waiting[lane][0], $0.failure != nil) }
            var failure: (any Error)?
            if work == .cancelled {
                failure = CancellationError()
            } else if !hasFailed {
                do { try lanes[lane](next.0, next.1) } catch { failure = error }
            }
            let (hasMore, producer) = state.withLock { state in
                state.waiting[lane].removeFirst()
                if state.failure == nil { state.failure = failure }
                let hasMore = !state.waiting[lane].isEmpty
                state.isBusy[lane] = hasMore
                guard let producer = state.producer, state.depth < producer.below else {
                    return (hasMore, CheckedContinuation<Void, Never>?.none)
                }
                state.producer = nil
                return (hasMore, producer.1)
            }
            producer?.resume()
            if hasMore { advance(lane) }
        }
    }
}
