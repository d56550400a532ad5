import Core
import Foundation
import Release

extension Supervisor {
    /// The same number of requests to every replica, drawn from the checks in turn.
    func warmUp(_ order: BackendOrder, round: Int, _ addresses: [ReplicaAddress]) {
        let preparation = order.preparation ?? BackendOrder.Preparation(warmup: 0, checks: [])
        let (path, settings) = (order.spec.runtime.readiness.path, settings)
        ask(order, round: round, passed: .warmed(round: round), failed: { .notWarmed(round: round, $0) }) { isCurrent in
            for address in addresses {
                for i in 0..<max(0, preparation.warmup) {
                    guard await isCurrent() else { return nil }
                    var request = ServerRequest(address: address, path: path, timeout: settings.requestTimeout)
                    if !preparation.checks.isEmpty {
                        let check = preparation.checks[i % preparation.checks.count]
                        (request.method, request.path, request.body) = (check.method, check.path, check.body)
                    }
                    let what = "warm-up request \(i + 1) of \(preparation.warmup) (\(request.method) \(request.path)) to replica \(address.slot)"
                    switch await request.answer() {
                    case .response(let status, _) where status < 500: break
                    case .response(let status, let body): return "\(what): status \(status): \(GoldenCheck.beginning(body))"
                    case .nothing(let reason): return "\(what): no answer: \(reason)"
                    }
                }
            }
            return nil
        }
    }

    /// Every check on every replica.
    func check(_ order: BackendOrder, round: Int, _ addresses: [ReplicaAddress]) {
        let checks = order.preparation?.checks ?? []
        let settings = settings
        ask(order, round: round, passed: .checked(round: round), failed: { .notChecked(round: round, $0) }) { isCurrent in
            for address in addresses {
                for (i, check) in checks.enumerated() {
                    guard await isCurrent() else { return nil }
                    let request = ServerRequest(
                        method: check.method, address: address, path: check.path, body: check.body, timeout: settings.requestTimeout)
                    let what = "check \(i + 1) of \(checks.count) (\(check.method) \(check.path)) on replica \(address.slot)"
                    switch await request.answer() {
                    case .response(let status, let body):
                        if let objection = check.objection(status: status, body: body) { return "\(what): \(objection)" }
                    case .nothing(let reason): return "\(what): no answer: \(reason)"
                    }
                }
            }
            return nil
        }
    }

    /// Works through requests outside the actor, and gives up as soon as the preparation they belong to is over.
    private func ask(
        _ order: BackendOrder, round: Int, passed: BackendMachine.Event, failed: @escaping @Sendable (String) -> BackendMachine.Event,
        _ work: @escaping @Sendable (_ isCurrent: @Sendable () async -> Bool) async -> String?
    ) {
        let (inbox, backend) = (inbox, order.backend)
        Task.detached { [self] in
            let objection = await work { await self.isCurrent(backend, round: round) }
            inbox.yield(.of(backend, objection.map(failed) ?? passed))
        }
    }

    private func isCurrent(_ backend: BackendID, round: Int) -> Bool {
        guard !hasLeft, let machine = machines[backend] else { return false }
        return machine.round == round && machine.preparing != nil
    }
}

extension ServerRequest {
    /// On a thread of its own: a model may think for a minute, and the pool that runs tasks has few threads.
    func answer() async -> Answer {
        await withCheckedContinuation { continuation in
            let thread = Thread { continuation.resume(returning: perform()) }
            thread.stackSize = 512 << 10
            thread.start()
        }
    }
}
