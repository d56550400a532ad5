package import Core
package import Release
import Synchronization

/// Where the replica driver's reports arrive, in order. Addresses go on to the traffic driver at
/// once, so that a cold start waits for nobody; the rest waits for the conductor.
package final class ReplicaDesk: Sendable {
    private enum Item: Sendable {
        case report(ReplicaReport)
        case mark(CheckedContinuation<Void, Never>)
    }
    private struct State {
        var reports: [ReplicaReport] = []
        var warm: Set<BackendID> = []
    }
    private let items: AsyncStream<Item>.Continuation
    private let state = Mutex(State())

    /// `onNews` is called after each report that the conductor should look at, `onWarm` whenever
    /// other backends than before have a replica that takes requests.
    package init(
        traffic: any TrafficDriver, onWarm: @escaping @Sendable (Set<BackendID>) -> Void, onNews: @escaping @Sendable () -> Void
    ) {
        let (stream, items) = AsyncStream<Item>.makeStream()
        self.items = items
        Task { [weak self] in
            for await item in stream {
                switch item {
                case .mark(let waiter): waiter.resume()
                case .report(.serving(let backend, let addresses)):
                    await traffic.setReplicas(addresses, of: backend)
                    if let warm = self?.note(backend, isWarm: addresses.contains { !$0.isDraining }) { onWarm(warm) }
                case .report(let report):
                    self?.state.withLock { $0.reports.append(report) }
                    onNews()
                }
            }
        }
    }

    deinit { items.finish() }

    package func receive(_ report: ReplicaReport) { items.yield(.report(report)) }

    /// Returns when everything that was received before has been passed on.
    package func settle() async {
        await withCheckedContinuation { waiter in
            if case .terminated = items.yield(.mark(waiter)) { waiter.resume() }
        }
    }

    func take() -> [ReplicaReport] {
        state.withLock { state in
            defer { state.reports = [] }
            return state.reports
        }
    }

    /// The warm backends, where they are others than before.
    private func note(_ backend: BackendID, isWarm: Bool) -> Set<BackendID>? {
        state.withLock { state in
            let before = state.warm
            if isWarm { state.warm.insert(backend) } else { state.warm.remove(backend) }
            return state.warm == before ? nil : state.warm
        }
    }
}
