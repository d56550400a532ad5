package import Core
package import Release
import Synchronization

/// What the hub keeps in memory for serving: nothing that a restart must find again.
final class ServingState: Sendable {
    struct Memory: Sendable {
        var handlers: [@Sendable () -> Void] = []
        /// The epoch under which this process controls releases; nil: it does not.
        var epoch: Int64?
        var machine = ServingMachine(memory: nil)
        var warm: Set<BackendID> = []
        var hashKey: (UInt64, UInt64)?
    }
    let memory = Mutex(Memory())
}

extension Hub {
    /// Calls `handler` after every commit that left something for whoever carries releases forward:
    /// work in the outbox, a new or changed release, a delivery. At once, on any thread.
    package func onServingChange(_ handler: @escaping @Sendable () -> Void) {
        serving.memory.withLock { $0.handlers.append(handler) }
    }

    func tellServingChange() {
        for handler in serving.memory.withLock({ $0.handlers }) { handler() }
    }

    /// What model servers may use; said once at the start.
    package func setServingMachine(_ machine: ServingMachine) { serving.memory.withLock { $0.machine = machine } }
    package var servingMachine: ServingMachine { serving.memory.withLock { $0.machine } }

    /// Which backends have a ready replica now: a rollback to one of them needs no preparation.
    package func noteWarm(_ backends: Set<BackendID>) { serving.memory.withLock { $0.warm = backends } }
}
