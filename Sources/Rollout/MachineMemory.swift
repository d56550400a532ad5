package import Core
package import Release

/// Whether the machine holds a candidate beside everything that runs or has to run.
package struct MachineMemory: Sendable {
    /// Bytes that model servers may have together.
    private let machine: Int64
    package init(bytes: Int64) { machine = bytes }

    /// What a backend asks for at most; nothing where its memory is unknown or another machine's.
    package static func need(of order: BackendOrder) -> Int64 {
        guard case .process = order.spec.runtime.kind else { return 0 }
        let (need, overflows) = order.spec.runtime.memory.multipliedReportingOverflow(by: Int64(max(order.spec.runtime.replicas, 0)))
        return overflows ? .max : need
    }

    /// - Parameter leaving: a backend that stops before the candidate starts (`recreate`).
    package func fits(_ candidate: BackendOrder, beside wanted: [BackendOrder], leaving: BackendID? = nil) -> Bool {
        var seen: Set<BackendID> = leaving.map { [$0] } ?? []
        var sum: Int64 = 0
        for order in [candidate] + wanted where seen.insert(order.backend).inserted {
            let (next, overflows) = sum.addingReportingOverflow(Self.need(of: order))
            if overflows { return false }
            sum = next
        }
        return sum <= machine
    }
}
