import Catalog
package import Core
package import Release

extension Hub {
    /// What a person tells a release to do. Of two at once, exactly one wins: the other is told where
    /// the release stands now.
    package func order(
        _ id: ReleaseID, _ order: OperatorOrder, expected: GenerationCheck, by who: Principal
    ) async throws -> ReleaseFacts {
        let probe = probe
        let facts = try await change(by: who) { tx in
            let (row, _) = try tx.rows.release(id, for: who, to: .read)
            _ = try tx.rows.release(id, for: who, to: row.release.act(for: order))
            let facts = try tx.rows.facts(row)
            do {
                try expected.check(row.release.generation, of: id.description)
            } catch let error as HubError {
                throw HubError(error.code, error.message, details: error.details.merging(facts.standing) { _, new in new })
            }
            let stepped = try tx.step(row, order.event(on: row.release, expected: expected, by: who))
            guard stepped.isChanged else {
                throw HubError(.orderRefused, row.release.refusal(of: order), details: facts.standing)
            }
            try tx.keepApproval(order, of: row, expected: expected, by: who)
            probe.reached(.orderInTransaction)
            return try tx.rows.facts(stepped.row)
        }
        probe.reached(.orderCommitted)
        tellServingChange()
        return facts
    }
}

extension Transaction {
    fileprivate func keepApproval(_ order: OperatorOrder, of row: ReleaseRow, expected: GenerationCheck, by who: Principal) throws {
        switch order {
        case .approve:
            if case .approve(let approval) = order.event(on: row.release, expected: expected, by: who) {
                try addApproval(approval, isApproval: true, to: row.id)
            }
        case .reject(let reason):
            try addApproval(
                Approval(
                    actor: who.name, step: row.release.step, generation: row.release.generation, lock: row.release.spec.lock, comment: reason),
                isApproval: false, to: row.id)
        case .pause, .resume, .promote, .abort: break
        }
    }
}

extension Release {
    fileprivate func act(for order: OperatorOrder) -> ServingAct {
        switch order {
        case .pause, .resume, .abort: .apply
        case .promote: .force
        case .approve, .reject: .approve(role: currentStep?.approval?.role ?? "admin")
        }
    }

    fileprivate func refusal(of order: OperatorOrder) -> String {
        let reasons = pauses.map(\.rawValue).joined(separator: ", ")
        let standing = "\(spec.id) is \(phase.rawValue)\(reasons.isEmpty ? "" : " (\(reasons))")"
        return switch order {
        case .approve:
            "\(standing): this approval has no effect. It must name the step, generation and lock that are waiting, come from somebody who has not approved yet, and where the manifest says so not from the submitter"
        case .resume: "\(standing): there is nothing to resume, or a reason must be given"
        case .promote:
            hasFailed
                ? "\(standing): harm was shown, and that is never overruled; abort it, fix the version and release it again"
                : "\(standing): it cannot be promoted now, or no reason was given"
        case .abort where phase == .completing:
            "\(standing): stable has moved already; use 'grayling rollback \(spec.id.endpoint)' to go back"
        case .pause, .reject, .abort: "\(standing): \(order.name) has no effect now"
        }
    }
}

extension OperatorOrder {
    fileprivate func event(on release: Release, expected: GenerationCheck, by who: Principal) -> Event {
        switch self {
        case .pause(let reason): .pause(reason: reason)
        case .resume(let reason): .resume(reason: reason)
        case .approve(let generation, let lock, let comment):
            .approve(
                Approval(
                    actor: who.name, step: release.step, generation: generation ?? expected.number ?? release.generation,
                    lock: lock ?? release.spec.lock, comment: comment))
        case .reject(let reason): .reject(reason: reason)
        case .promote(let reason): .promote(reason: reason)
        case .abort(let reason): .abort(reason: reason)
        }
    }
}

extension GenerationCheck {
    fileprivate var number: Int64? { if case .exactly(let number) = self { number } else { nil } }
}
